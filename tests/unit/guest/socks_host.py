# SPDX-License-Identifier: MIT
"""socks_host.py - the host's SOCKS server, as outbound-proxy meets it.

What a CONNECT leads to is told by the name asked for; nothing leaves this
process.  Every connection is a thread: it may block, the proxy may not.
"""
import hashlib
import os
import socket
import struct
import threading

BULK = bytes(range(251)) * 8192       # about 2 MB
NAMES = {b"four.test": ("192.0.2.4", None),
         b"six.test": (None, "2001:db8::6"),
         b"both.test": ("192.0.2.5", "2001:db8::5")}
REPLIES = {b"failed.test": 1, b"denied.test": 2, b"unknown.test": 4,
           b"refused.test": 5, b"late.test": 6}


def read_exactly(s, n):
    data = b""
    while len(data) < n:
        more = s.recv(n - len(data))
        if not more:
            raise EOFError
        data += more
    return data


def read_all(s):
    parts = []
    while True:
        more = s.recv(65536)
        if not more:
            return b"".join(parts)
        parts.append(more)


def reset(s):
    """A reset, or what comes nearest: a close in the middle of it all."""
    if s.family == socket.AF_INET:
        s.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                     struct.pack("ii", 1, 0))
    s.close()


class Host:
    def __init__(self, kind, folder):
        if kind == "unix":
            path = os.path.join(folder, "host")
            self.listener = socket.socket(socket.AF_UNIX)
            self.listener.bind(path)
            self.where = "unix:" + path
        else:
            self.listener = socket.create_server(("127.0.0.1", 0))
            self.where = "tcp:127.0.0.1:%d" % self.listener.getsockname()[1]
        self.listener.listen(1024)
        self.lock = threading.Lock()
        self.seen = []                # (command, name or address, port)
        self.full = threading.Event() # the one who never reads was given all
        self.go_on = threading.Event()
        self.ended = threading.Semaphore(0)
        threading.Thread(target=self.accept, daemon=True).start()

    def close(self):
        self.listener.close()

    def accept(self):
        while True:
            try:
                s = self.listener.accept()[0]
            except OSError:
                return
            threading.Thread(target=self.serve, args=(s,), daemon=True).start()

    def serve(self, s):
        try:
            with s:
                self.session(s)
        except (EOFError, OSError):
            pass
        finally:
            self.ended.release()

    def reply(self, s, code, atyp=1, addr=b"\0\0\0\0", port=0):
        s.sendall(bytes((5, code, 0, atyp)) + addr + struct.pack(">H", port))

    def login(self, s):
        _, n = read_exactly(s, 2)
        methods = read_exactly(s, n)
        if 0 in methods:
            s.sendall(b"\5\0")
        elif 2 in methods:
            s.sendall(b"\5\2")
            _, n = read_exactly(s, 2)
            user = read_exactly(s, n)
            password = read_exactly(s, read_exactly(s, 1)[0])
            s.sendall(b"\1\0")
            with self.lock:
                self.seen.append(("login", user, password))
        else:
            s.sendall(b"\5\xff")
            raise EOFError

    def session(self, s):
        self.login(s)
        _, command, _, atyp = read_exactly(s, 4)
        if atyp == 3:
            name = read_exactly(s, read_exactly(s, 1)[0])
        else:
            name = read_exactly(s, 4 if atyp == 1 else 16)
        port, = struct.unpack(">H", read_exactly(s, 2))
        with self.lock:
            self.seen.append((command, name, port))
        if command in (0xf0, 0xf1):
            self.resolve(s, command, name, port)
        elif command == 3:
            self.udp(s)
        elif name in REPLIES:
            self.reply(s, REPLIES[name])
        elif name == b"vanish.test":
            return
        elif name == b"silent.test":
            self.go_on.wait(60)
        else:
            self.reply(s, 0, 3, b"\5where", 80)
            getattr(self, "to_" + name.split(b".")[0].decode("latin-1"), self.to_echo)(s)

    def resolve(self, s, command, name, port):
        if command == 0xf1:
            if name == bytes((192, 0, 2, 4)):
                self.reply(s, 0, 3, b"\x09four.test")
            elif name[:4] == b"\x20\1\x0d\xb8":
                self.reply(s, 0, 3, b"\x08six.test")
            elif name == bytes((192, 0, 2, 99)):
                label = b"x" * 63 + b"."
                self.reply(s, 0, 3, bytes((253,)) + (label * 4)[:253])
            else:
                self.reply(s, 4)
            return
        if name in REPLIES:
            self.reply(s, REPLIES[name])
            return
        name = name.lower()
        if name not in NAMES:
            self.reply(s, 4)
            return
        four, six = NAMES[name]
        if port == 1 and four:
            self.reply(s, 0, 1, socket.inet_aton(four))
        elif port == 28 and six:
            self.reply(s, 0, 4, socket.inet_pton(socket.AF_INET6, six))
        else:
            self.reply(s, 8)

    def udp(self, s):
        """Frames come back with their data reversed, two for each 'twice'."""
        self.reply(s, 0, 1, b"\x7f\0\0\1", 9)
        while True:
            frame = read_exactly(
                s, struct.unpack(">H", read_exactly(s, 2))[0])
            with self.lock:
                self.seen.append(("datagram", len(frame), None))
            if frame[10:] == b"stop":
                return
            answer = frame[:10] + frame[:9:-1]
            if len(frame) == 10:
                answer = frame
            answer = struct.pack(">H", len(answer)) + answer
            for _ in range(2 if frame[10:] == b"twice" else 1):
                for i in range(0, len(answer), 7000): # in pieces
                    s.sendall(answer[i:i + 7000])

    def to_echo(self, s):
        while True:
            data = s.recv(65536)
            if not data:
                s.shutdown(socket.SHUT_WR)
                return
            s.sendall(data)

    def to_hash(self, s):
        """Everything, to its end; then the answer."""
        data = read_all(s)
        s.sendall(b"%d %s" % (len(data),
                              hashlib.sha256(data).hexdigest().encode()))

    def to_bulk(self, s):
        """Speaks first, to its end; then hears the client to its end."""
        s.sendall(BULK)
        s.shutdown(socket.SHUT_WR)
        data = read_all(s)
        with self.lock:
            self.seen.append(("after", len(data), None))

    def to_greeter(self, s):
        s.sendall(b"220 hello\r\n")
        self.to_echo(s)

    def to_reset(self, s):
        s.sendall(b"partial")
        s.recv(1)
        reset(s)

    def to_deaf(self, s):
        """Reads nothing until told to, then all of it."""
        self.go_on.wait(60)
        self.to_hash(s)

    def to_web(self, s):
        head = b""
        while b"\r\n\r\n" not in head:
            head += s.recv(4096)
        head, body = head.split(b"\r\n\r\n", 1)
        for line in head.split(b"\r\n"):
            if line.lower().startswith(b"content-length:"):
                body += read_exactly(s, int(line.split(b":")[1]) - len(body))
        with self.lock:
            self.seen.append(("web", head, body))
        s.sendall(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nfound")
        s.shutdown(socket.SHUT_WR)
        with self.lock:
            self.seen.append(("rest", read_all(s), None))
