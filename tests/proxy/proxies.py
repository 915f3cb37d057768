# SPDX-License-Identifier: MIT
"""proxies.py - our proxy and dante as child processes on loopback, the servers
they lead to, and conversations with them.

Nothing here sleeps for luck: every wait is for something that will happen, with
a deadline that only a failing test reaches.
"""
import os
import select
import shutil
import socket
import subprocess
import tempfile
import threading
import time

SERVE = os.environ["SERVE"]
DEADLINE = 20.0


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as s:
        return s.getsockname()[1]


def wait_for(what, happened):
    end = time.monotonic() + DEADLINE
    while not happened():
        if time.monotonic() > end:
            raise TimeoutError(what)
        select.select([], [], [], 0.01)


class Ours:
    """serve, until the end of the with."""

    def __init__(self, *args):
        self.dir = tempfile.TemporaryDirectory()
        path = os.path.join(self.dir.name, "port")
        self.process = subprocess.Popen(
            [SERVE, "--port-file", path, *args],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        wait_for("serve", lambda: os.path.exists(path) or
                 self.process.poll() is not None)
        with open(path, encoding="ascii") as f:
            self.port = int(f.read())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        out, _ = self.process.communicate(timeout=DEADLINE)
        self.dir.cleanup()
        if self.process.returncode:
            raise AssertionError(f"serve: {self.process.returncode}: {out}")


def find_dante():
    return shutil.which("danted") or shutil.which("sockd") or \
        next((p for p in ("/usr/sbin/danted", "/usr/sbin/sockd")
              if os.access(p, os.X_OK)), None)


class Dante:
    """dante with a configuration for loopback alone."""

    def __init__(self, program, user):
        self.dir = tempfile.TemporaryDirectory()
        self.port = free_port()
        path = os.path.join(self.dir.name, "conf")
        with open(path, "w", encoding="ascii") as f:
            f.write(f"""logoutput: /dev/null
internal: 127.0.0.1 port = {self.port}
external: lo
clientmethod: none
socksmethod: none
user.privileged: {user}
user.unprivileged: {user}
client pass {{ from: 127.0.0.0/8 to: 127.0.0.0/8 }}
socks pass {{ from: 127.0.0.0/8 to: 0.0.0.0/0 }}
socks pass {{ from: 127.0.0.0/8 to: ::/0 }}
""")
        self.process = subprocess.Popen(
            [program, "-f", path, "-N", "1", "-p",
             os.path.join(self.dir.name, "pid")],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        wait_for("dante", self.is_up)

    def is_up(self):
        if self.process.poll() is not None:
            raise RuntimeError(f"dante ended: {self.process.returncode}")
        try:
            socket.create_connection(("127.0.0.1", self.port)).close()
            return True
        except ConnectionRefusedError:
            return False

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        self.process.wait(timeout=DEADLINE)
        self.dir.cleanup()


class Server:
    """A TCP server on loopback; each connection is handled in a thread."""

    def __init__(self, handle, host="127.0.0.1"):
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        self.socket = socket.create_server((host, 0), family=family)
        self.port = self.socket.getsockname()[1]
        self.handle = handle
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        while True:
            try:
                s, _ = self.socket.accept()
            except OSError:
                return
            threading.Thread(target=self.one, args=(s,), daemon=True).start()

    def one(self, s):
        s.settimeout(DEADLINE)
        with s:
            try:
                self.handle(s)
            except OSError:
                pass        # the client went away, as some tests want it to

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join(DEADLINE)


def read_all(s):
    data = b""
    while True:
        more = s.recv(65536)
        if not more:
            return data
        data += more


def talk(port, data, pieces=None, end=True):
    """Send it, end, and return all that comes, up to the end or a reset."""
    with socket.create_connection(("127.0.0.1", port), DEADLINE) as s:
        s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        try:
            for i in range(0, len(data), pieces or len(data)):
                s.sendall(data[i:i + (pieces or len(data))])
            if end:
                s.shutdown(socket.SHUT_WR)
        except (BrokenPipeError, ConnectionResetError):
            pass            # it has said its last word: that is below
        try:
            return read_all(s)
        except ConnectionResetError:
            return b"reset"
