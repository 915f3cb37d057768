#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""outbound-proxy, built for this machine, between real clients and a host.

PROGRAM names it.  A UNIX socket stands for the vsock: like it, it does not
tell a reset from a close.  Then all of it again over TCP, which does.
"""
import concurrent.futures
import errno
import hashlib
import os
import re
import resource
import select
import socket
import struct
import subprocess
import tempfile
import threading
import time
import unittest

import socks_host

PROGRAM = os.environ["PROGRAM"]
WAIT = 30               # seconds for what takes milliseconds


class Proxy:
    """The program, and where it listens."""

    def __init__(self, host, *options, limit=None):
        self.folder = tempfile.TemporaryDirectory()
        self.forward = os.path.join(self.folder.name, "forward")

        def lower():
            if limit:
                resource.setrlimit(resource.RLIMIT_NOFILE, (limit, limit))
        self.process = subprocess.Popen(
            [PROGRAM, "-v", "--upstream", host, "--socks", "0", "--http", "0",
             "--dns", "0", "--forward", "unix:" + self.forward, *options],
            stderr=subprocess.PIPE, preexec_fn=lower)
        self.port = {}
        self.said = b""
        for line in self.process.stderr:
            self.said += line
            m = re.match(rb".*: (\w+) tcp:127\.0\.0\.1:(\d+)$", line.strip())
            if m:
                self.port[m[1].decode()] = int(m[2])
            if line.endswith(b": ready\n"):
                break
        assert self.port, self.said

    def close(self):
        """Ends it; it must not have ended by itself, or said more."""
        status = self.process.poll()
        self.process.terminate()
        rest = self.process.stderr.read()
        self.process.wait(WAIT)
        self.process.stderr.close()
        self.folder.cleanup()
        assert status is None and not rest, (status, rest)

    def cpu(self):
        with open(f"/proc/{self.process.pid}/stat", encoding="ascii") as f:
            words = f.read().rsplit(")", 1)[1].split()
        return (int(words[11]) + int(words[12])) / os.sysconf("SC_CLK_TCK")

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.process.pid}/fd"))

    def tcp(self, what="socks"):
        return socket.create_connection(("127.0.0.1", self.port[what]), WAIT)

    def request(self, name, command=1, port=80):
        return (bytes((5, command, 0, 3, len(name))) + name
                + struct.pack(">H", port))

    def connect(self, name):
        """A SOCKS client's way to a name, as curl goes it."""
        s = self.tcp()
        s.sendall(b"\5\2\0\1")
        assert socks_host.read_exactly(s, 2) == b"\5\0"
        s.sendall(self.request(name))
        reply = socks_host.read_exactly(s, 5 + 5 + 2)
        assert reply[:4] == b"\5\0\0\3", reply
        return s


def wait_until(what, true):
    end = time.monotonic() + WAIT
    while not true():
        assert time.monotonic() < end, what
        time.sleep(0.01)


def is_reset(s):
    try:
        while s.recv(65536):
            pass
    except ConnectionResetError:
        return True
    return False


class Base:
    kind = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        cls.host = socks_host.Host(cls.kind, cls.folder.name)
        cls.proxy = Proxy(cls.host.where)

    @classmethod
    def tearDownClass(cls):
        cls.host.go_on.set()
        cls.proxy.close()
        cls.host.close()
        cls.folder.cleanup()

    def setUp(self):
        self.host.go_on.clear()
        with self.host.lock:
            self.host.seen.clear()

    def seen(self, what):
        with self.host.lock:
            return [s for s in self.host.seen if s[0] == what]


class Socks(Base):
    def test_echo_of_what_and_when_it_is_said(self):
        with self.proxy.connect(b"echo.test") as s:
            for size in (1, 10, 100000):
                s.sendall(b"x" * size)
                self.assertEqual(socks_host.read_exactly(s, size), b"x" * size)

    def test_one_byte_at_a_time(self):
        with self.proxy.tcp() as s:
            s.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            for byte in b"\5\1\0" + self.proxy.request(b"echo.test") + b"hey":
                s.sendall(bytes((byte,)))
            data = socks_host.read_exactly(s, 2 + 12 + 3)
            self.assertEqual(data[-3:], b"hey")

    def test_all_in_one_segment(self):
        with self.proxy.tcp() as s:
            s.sendall(b"\5\1\0" + self.proxy.request(b"hash.test") + b"hey")
            s.shutdown(socket.SHUT_WR)
            data = socks_host.read_all(s)
            self.assertEqual(data[14:], b"3 " + hashlib.sha256(
                b"hey").hexdigest().encode())

    def test_a_login_goes_through(self):
        with self.proxy.tcp() as s:
            s.sendall(b"\5\1\2" + b"\1\3joe\6secret"
                      + self.proxy.request(b"echo.test"))
            self.assertEqual(socks_host.read_exactly(s, 4), b"\5\2\1\0")
            socks_host.read_exactly(s, 12)
            s.sendall(b"in")
            self.assertEqual(socks_host.read_exactly(s, 2), b"in")
        self.assertEqual(self.seen("login"), [("login", b"joe", b"secret")])

    def test_a_refusal_arrives_and_then_the_end(self):
        for name, code in socks_host.REPLIES.items():
            with self.proxy.tcp() as s:
                s.sendall(b"\5\1\0" + self.proxy.request(name) + b"too early")
                data = socks_host.read_all(s)
                self.assertEqual(data, bytes((5, 0, 5, code)) + b"\0\1"
                                 + bytes(6))

    def test_no_method_is_the_hosts_to_say(self):
        with self.proxy.tcp() as s:
            s.sendall(b"\5\1\1")
            self.assertEqual(socks_host.read_all(s), b"\5\xff")

    def test_a_host_that_vanishes_ends_the_client(self):
        with self.proxy.tcp() as s:
            s.sendall(b"\5\1\0" + self.proxy.request(b"vanish.test"))
            self.assertEqual(socks_host.read_all(s), b"\5\0")

    def test_a_server_that_speaks_first(self):
        with self.proxy.connect(b"greeter.test") as s:
            self.assertEqual(socks_host.read_exactly(s, 11), b"220 hello\r\n")

    def test_half_close_of_the_client(self):
        data = socks_host.BULK * 4
        with self.proxy.connect(b"hash.test") as s:
            s.sendall(data)
            s.shutdown(socket.SHUT_WR)
            got = socks_host.read_all(s)
        self.assertEqual(got, b"%d %s" % (
            len(data), hashlib.sha256(data).hexdigest().encode()))

    def test_half_close_of_the_server(self):
        with self.proxy.connect(b"bulk.test") as s:
            self.assertEqual(socks_host.read_all(s), socks_host.BULK)
            s.sendall(b"y" * 300000)
        wait_until("the rest", lambda: self.seen("after"))
        self.assertEqual(self.seen("after"), [("after", 300000, None)])

    def test_both_half_close_at_once(self):
        with self.proxy.connect(b"bulk.test") as s:
            s.shutdown(socket.SHUT_WR)
            self.assertEqual(socks_host.read_all(s), socks_host.BULK)

    def test_a_reset_of_the_server_is_no_good_end(self):
        with self.proxy.connect(b"reset.test") as s:
            self.assertEqual(socks_host.read_exactly(s, 7), b"partial")
            s.sendall(b"x")
            self.assertTrue(is_reset(s))

    def test_a_reset_of_the_client_ends_the_host(self):
        before = self.proxy.descriptors()
        s = self.proxy.connect(b"echo.test")
        s.sendall(b"x")
        socks_host.read_exactly(s, 1)
        socks_host.reset(s)
        wait_until("it to be closed",
                   lambda: self.proxy.descriptors() <= before)

    def test_backpressure_holds_the_client(self):
        with self.proxy.connect(b"deaf.test") as s:
            s.settimeout(0.5)
            sent = 0
            try:
                while sent < 1 << 28:
                    sent += s.send(b"z" * 65536)
            except TimeoutError:
                pass
            # The sockets' buffers, and one of ours.
            self.assertLess(sent, 32 << 20)
            cpu = self.proxy.cpu()
            time.sleep(0.5)
            self.assertLess(self.proxy.cpu() - cpu, 0.1, "it spins")
            self.host.go_on.set()
            s.settimeout(WAIT)
            s.shutdown(socket.SHUT_WR)
            got = socks_host.read_all(s)
        self.assertEqual(got, b"%d %s" % (
            sent, hashlib.sha256(b"z" * sent).hexdigest().encode()))

    def test_a_slow_reader_gets_all_of_it(self):
        with self.proxy.connect(b"bulk.test") as s:
            s.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 65536)
            got = hashlib.sha256()
            size = 0
            while True:
                more = s.recv(3001)
                if not more:
                    break
                size += len(more)
                got.update(more)
        self.assertEqual(size, len(socks_host.BULK))
        self.assertEqual(got.digest(),
                         hashlib.sha256(socks_host.BULK).digest())

    def test_two_hundred_at_once(self):
        def talk(i):
            data = b"%d " % i * 5000
            with self.proxy.connect(b"echo.test") as s:
                started.wait(WAIT)
                threading.Thread(target=lambda: (
                    s.sendall(data), s.shutdown(socket.SHUT_WR))).start()
                return socks_host.read_all(s) == data
        started = threading.Barrier(200)
        with concurrent.futures.ThreadPoolExecutor(200) as pool:
            self.assertTrue(all(pool.map(talk, range(200))))

    def test_rude_clients_leave_nothing_behind(self):
        before = self.proxy.descriptors()
        words = (b"", b"\5", b"\5\1", b"\5\1\0\5\1\0\3", b"\4\1\0\x50", b"\0",
                 b"\xff" * 70000, b"\5\1\0\5\1\0\x09junk", b"G", b"GET ",
                 b"CONNECT silent.test:80 HTTP/1.1\r\n\r\n",
                 b"\5\1\0" + self.proxy.request(b"silent.test"),
                 b"\5\1\0\5\3\0\1\0\0\0\0\0\0", b"\5\0", b"\5\1\0\6\6\6")
        for word in words:
            for end in (socket.socket.close, socks_host.reset):
                s = self.proxy.tcp()
                try:
                    s.sendall(word)
                except OSError:
                    pass
                end(s)
        self.host.go_on.set()
        wait_until("all to be closed",
                   lambda: self.proxy.descriptors() <= before)
        self.test_echo_of_what_and_when_it_is_said()

    def test_an_idle_proxy_uses_no_time(self):
        clients = [self.proxy.connect(b"echo.test") for _ in range(20)]
        for s in clients[:10]:
            s.shutdown(socket.SHUT_WR)
        cpu = self.proxy.cpu()
        time.sleep(0.5)
        self.assertLess(self.proxy.cpu() - cpu, 0.1)
        for s in clients:
            s.close()

    def test_ipv6_clients_too(self):
        try:
            s = socket.create_connection(("::1", self.proxy.port["socks"]))
        except OSError as error:
            if error.errno in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                self.skipTest("this machine has no IPv6 loopback")
            raise
        with s:
            s.sendall(b"\5\1\0" + self.proxy.request(b"echo.test") + b"six")
            self.assertEqual(socks_host.read_exactly(s, 17)[-3:], b"six")


class Udp(Base):
    def associate(self, pieces=False):
        s = self.proxy.tcp()
        words = b"\5\1\0\5\3\0\1\0\0\0\0\0\0"
        if pieces:
            for byte in words:
                s.sendall(bytes((byte,)))
        else:
            s.sendall(words)
        self.assertEqual(socks_host.read_exactly(s, 2), b"\5\0")
        reply = socks_host.read_exactly(s, 10)
        self.assertEqual(reply[:4], b"\5\0\0\1")
        relay = (socket.inet_ntoa(reply[4:8]),
                 struct.unpack(">H", reply[8:])[0])
        self.assertEqual(relay[0], "127.0.0.1")
        udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        udp.settimeout(WAIT)
        udp.connect(relay)
        return s, udp

    head = b"\0\0\0\1\xc0\0\2\x07\0\x35"

    def test_datagrams_of_all_sizes(self):
        for pieces in (False, True):
            s, udp = self.associate(pieces)
            with s, udp:
                for size in (0, 1, 500, 1472, 8000, 60000):
                    data = os.urandom(size)
                    udp.send(self.head + data)
                    self.assertEqual(udp.recv(70000), self.head + data[::-1])

    def test_two_answers_to_one(self):
        s, udp = self.associate()
        with s, udp:
            udp.send(self.head + b"twice")
            for _ in range(2):
                self.assertEqual(udp.recv(100), self.head + b"eciwt")

    def test_another_sender_is_not_heard(self):
        s, udp = self.associate()
        other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        with s, udp, other:
            udp.send(self.head + b"mine")
            self.assertEqual(udp.recv(100), self.head + b"enim")
            other.sendto(self.head + b"theirs", udp.getpeername())
            udp.send(self.head + b"again")
            self.assertEqual(udp.recv(100), self.head + b"niaga")
            self.assertEqual([x[1] for x in self.seen("datagram")], [14, 15])

    def test_it_ends_with_the_tcp_connection(self):
        before = self.proxy.descriptors()
        s, udp = self.associate()
        s.close()
        wait_until("its end", lambda: self.proxy.descriptors() <= before)
        udp.send(self.head)
        with self.assertRaises(ConnectionRefusedError):
            udp.recv(100)
        udp.close()

    def test_it_ends_with_the_stream(self):
        s, udp = self.associate()
        with s, udp:
            udp.send(self.head + b"stop")
            self.assertEqual(s.recv(1), b"")

    def test_a_flood_is_no_trouble(self):
        s, udp = self.associate()
        with s, udp:
            for _ in range(2000):
                udp.send(self.head + b"x" * 30000)
            udp.settimeout(1)
            try:
                while udp.recv(70000):
                    pass
            except TimeoutError:
                pass
            udp.settimeout(WAIT)
            udp.send(self.head + b"last")
            while udp.recv(70000) != self.head + b"tsal":
                pass


class Http(Base):
    def ask(self, words, what="http"):
        with self.proxy.tcp(what) as s:
            s.sendall(words)
            return socks_host.read_all(s)

    def test_connect_on_both_ports(self):
        for what in ("socks", "http"):
            with self.proxy.tcp(what) as s:
                s.sendall(b"CONNECT echo.test:443 HTTP/1.1\r\n"
                          b"Host: echo.test:443\r\n\r\nahead")
                want = b"HTTP/1.1 200 Connection established\r\n\r\nahead"
                self.assertEqual(
                    socks_host.read_exactly(s, len(want)), want)
                s.sendall(b"more")
                self.assertEqual(socks_host.read_exactly(s, 4), b"more")
        self.assertEqual(self.seen(1), [(1, b"echo.test", 443)] * 2)

    def test_one_byte_at_a_time(self):
        with self.proxy.tcp() as s:
            for byte in b"CONNECT greeter.test:25 HTTP/1.0\n\n":
                s.sendall(bytes((byte,)))
            data = socks_host.read_exactly(s, 39 + 11)
            self.assertTrue(data.endswith(b"\r\n\r\n220 hello\r\n"), data)

    def test_addresses_go_as_addresses(self):
        for host, raw in ((b"192.0.2.1", b"\xc0\0\2\1"),
                          (b"[2001:db8::1]",
                           b"\x20\1\x0d\xb8" + bytes(11) + b"\1")):
            with self.proxy.tcp() as s:
                s.sendall(b"CONNECT " + host + b":8080 HTTP/1.1\r\n\r\n")
                self.assertTrue(s.recv(100).startswith(b"HTTP/1.1 "))
            self.assertIn((1, raw, 8080), self.seen(1))

    def test_replies_become_statuses(self):
        for name, status in ((b"denied", 403), (b"unknown", 502),
                             (b"refused", 502), (b"late", 504),
                             (b"vanish", 502)):
            got = self.ask(b"CONNECT " + name + b".test:1 HTTP/1.1\r\n\r\n")
            self.assertTrue(got.startswith(b"HTTP/1.1 %d " % status), got)

    def test_what_is_no_proxy_request_is_told_so(self):
        long = b"GET http://a/ HTTP/1.1\r\nX: " + b"y" * 9000
        for words, status in ((b"GET / HTTP/1.1\r\n\r\n", 400),
                              (b"NONSENSE\r\n\r\n", 400),
                              (b"CONNECT x HTTP/1.1\r\n\r\n", 400),
                              (b"CONNECT x:0 HTTP/1.1\r\n\r\n", 400),
                              (b"GET https://a/ HTTP/1.1\r\n\r\n", 501),
                              (long, 431)):
            got = self.ask(words)
            self.assertTrue(got.startswith(b"HTTP/1.1 %d " % status),
                            (words, got))

    def test_a_plain_request_is_made_one_to_the_server(self):
        got = self.ask(b"GET http://web.test:8000/a?b#c HTTP/1.1\r\n"
                       b"Host: wrong\r\nProxy-Connection: keep-alive\r\n"
                       b"Connection: X-Mine\r\nX-Mine: 1\r\nAccept: */*\r\n"
                       b"\r\nGET http://denied.test/ HTTP/1.1\r\n\r\n")
        self.assertTrue(got.endswith(b"\r\n\r\nfound"), got)
        self.assertEqual(self.seen("web")[0][1], b"GET /a?b HTTP/1.1\r\n"
                         b"Host: web.test:8000\r\nConnection: close\r\n"
                         b"Accept: */*")
        wait_until("the end", lambda: self.seen("rest"))
        self.assertEqual(self.seen("rest"), [("rest", b"", None)])

    def test_a_body_goes_with_it(self):
        got = self.ask(b"POST http://web.test HTTP/1.1\r\n"
                       b"Content-Length: 70000\r\n\r\n" + b"b" * 70000
                       + b"not this")
        self.assertTrue(got.endswith(b"found"), got)
        _, head, body = self.seen("web")[0]
        self.assertIn(b"POST / HTTP/1.1\r\n", head)
        self.assertEqual(body, b"b" * 70000)
        wait_until("the end", lambda: self.seen("rest"))
        self.assertEqual(self.seen("rest"), [("rest", b"", None)])


def query(name, qtype, ident=0x1234, flags=0x0100, edns=None, klass=1):
    labels = b"".join(bytes((len(x),)) + x for x in name.split(b".") if x)
    q = struct.pack(">HHHHHH", ident, flags, 1, 0, 0, 1 if edns else 0)
    q += labels + b"\0" + struct.pack(">HH", qtype, klass)
    if edns:
        q += b"\0" + struct.pack(">HHIH", 41, edns, 0, 0)
    return q


def skip_name(m, i):
    while m[i]:
        if m[i] >= 0xc0:
            return i + 2
        i += m[i] + 1
    return i + 1


class Answer:
    """An answer taken apart; records as (type, ttl, data)."""

    def __init__(self, m):
        (self.ident, flags, questions, answers, authority,
         additional) = struct.unpack(">HHHHHH", m[:12])
        self.rcode, self.cut = flags & 15, bool(flags & 0x200)
        assert flags & 0x8000 and authority == 0
        i = 12
        for _ in range(questions):
            i = skip_name(m, i) + 4
        self.records, self.opt = [], None
        for n in range(answers + additional):
            i = skip_name(m, i)
            kind, klass, ttl, size = struct.unpack(">HHIH", m[i:i + 10])
            data = m[i + 10:i + 10 + size]
            assert len(data) == size
            i += 10 + size
            if n < answers:
                self.records.append((kind, ttl, data))
            else:
                self.opt = (kind, klass, ttl)
        assert i == len(m)


class Dns(Base):
    def udp(self, message):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(WAIT)
            s.connect(("127.0.0.1", self.proxy.port["dns"]))
            s.send(message)
            return Answer(s.recv(2000))

    def stream(self):
        return self.proxy.tcp("dns")

    def tcp(self, s, message):
        s.sendall(struct.pack(">H", len(message)) + message)
        return self.tcp_answer(s)

    def tcp_answer(self, s):
        size, = struct.unpack(">H", socks_host.read_exactly(s, 2))
        return Answer(socks_host.read_exactly(s, size))

    def test_addresses(self):
        four = socket.inet_aton("192.0.2.4")
        six = socket.inet_pton(socket.AF_INET6, "2001:db8::6")
        a = self.udp(query(b"four.test", 1))
        self.assertEqual((a.ident, a.rcode, a.records, a.opt),
                         (0x1234, 0, [(1, 30, four)], None))
        a = self.udp(query(b"Six.TEST", 28, edns=4096))
        self.assertEqual((a.rcode, a.records), (0, [(28, 30, six)]))
        self.assertEqual(a.opt[:1], (41,))
        self.assertEqual([x[1:] for x in self.seen(0xf0)],
                         [(b"four.test", 1), (b"Six.TEST", 28)])

    def test_the_host_says_no_in_several_ways(self):
        for name, kind, rcode in ((b"four.test", 28, 0), (b"six.test", 1, 0),
                                  (b"unknown.test", 1, 3),
                                  (b"denied.test", 1, 5),
                                  (b"failed.test", 1, 2),
                                  (b"late.test", 28, 2)):
            a = self.udp(query(name, kind))
            self.assertEqual((a.rcode, a.records), (rcode, []), name)

    def test_names_of_addresses(self):
        a = self.udp(query(b"4.2.0.192.in-addr.arpa", 12))
        self.assertEqual(a.records, [(12, 30, b"\4four\4test\0")])
        six = b".".join(b"%x" % (x >> s & 15) for x in reversed(
            socket.inet_pton(socket.AF_INET6, "2001:db8::6")) for s in (0, 4))
        a = self.udp(query(six + b".IP6.arpa", 12))
        self.assertEqual(a.records, [(12, 30, b"\3six\4test\0")])
        self.assertEqual(self.udp(query(b"9.9.9.9.in-addr.arpa", 12)).rcode, 3)
        self.assertEqual(self.udp(query(b"x.in-addr.arpa", 12)).rcode, 3)

    def test_too_long_for_udp_is_cut_and_comes_by_tcp(self):
        q = query(b"99.2.0.192.in-addr.arpa", 12)
        with self.stream() as s:
            a = self.tcp(s, q)
            self.assertFalse(a.cut)
            self.assertEqual(len(a.records[0][2]), 255)
        self.assertEqual(len(self.udp(q).records), 1)   # 330 bytes do fit

    def test_localhost_stays_here(self):
        for name in (b"localhost", b"a.LocalHost"):
            self.assertEqual(self.udp(query(name, 1)).records,
                             [(1, 30, b"\x7f\0\0\1")])
            self.assertEqual(self.udp(query(name, 28)).records,
                             [(28, 30, bytes(15) + b"\1")])
        self.assertEqual(self.udp(query(b"1.0.0.127.in-addr.arpa",
                                        12)).records,
                         [(12, 30, b"\x09localhost\0")])
        self.assertEqual(self.seen(0xf0) + self.seen(0xf1), [])

    def test_other_questions_have_polite_answers(self):
        self.assertEqual(self.udp(query(b"four.test", 15)).rcode, 0)
        self.assertEqual(self.udp(query(b"four.test", 65)).rcode, 0)
        self.assertEqual(self.udp(query(b"four.test", 255)).rcode, 4)
        self.assertEqual(self.udp(query(b"four.test", 252)).rcode, 4)
        self.assertEqual(self.udp(query(b"version.bind", 16, klass=3)).rcode,
                         4)
        self.assertEqual(self.udp(query(b"four.test", 1,
                                        flags=0x2800)).rcode, 4)
        self.assertEqual(self.udp(query(b"", 2)).rcode, 0)

    def test_malformed_questions_do_no_harm(self):
        good = query(b"four.test", 1)
        loop = good[:12] + b"\xc0\x0c" + good[-4:]
        self.assertEqual(self.udp(loop).rcode, 1)
        self.assertEqual(self.udp(good[:-1]).rcode, 1)
        self.assertEqual(self.udp(good[:12]).rcode, 1)
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.connect(("127.0.0.1", self.proxy.port["dns"]))
            s.settimeout(WAIT)
            for junk in (b"", b"\0", good[:11], b"\xff" * 2000, bytes(512),
                         query(b"four.test", 1, flags=0x8180)):
                s.send(junk)
            s.send(query(b"four.test", 1, ident=77))
            while Answer(s.recv(2000)).ident != 77:
                pass

    def test_one_after_the_other_over_tcp(self):
        four, six = query(b"four.test", 1, 1), query(b"six.test", 28, 2)
        with self.stream() as s:
            self.assertEqual(self.tcp(s, four).ident, 1)
            self.assertEqual(self.tcp(s, six).ident, 2)
            local = query(b"localhost", 1, 3)
            both = [x for x in (local, four, local, local, six)]
            s.sendall(b"".join(struct.pack(">H", len(x)) + x for x in both))
            s.shutdown(socket.SHUT_WR)
            self.assertEqual([self.tcp_answer(s).ident for _ in both],
                             [3, 1, 3, 3, 2])
            self.assertEqual(s.recv(1), b"")

    def test_tcp_one_byte_at_a_time_and_too_long(self):
        q = query(b"four.test", 1)
        with self.stream() as s:
            for byte in struct.pack(">H", len(q)) + q:
                s.sendall(bytes((byte,)))
            self.assertEqual(len(self.tcp_answer(s).records), 1)
        for words in (b"\xff\xff", b"\0\0"):
            with self.stream() as s:
                s.sendall(words)
                self.assertEqual(s.recv(1), b"")

    def test_many_questions_at_once(self):
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.connect(("127.0.0.1", self.proxy.port["dns"]))
            s.settimeout(WAIT)
            for i in range(100):
                s.send(query(b"both.test", (1, 28)[i % 2], ident=i))
            got = {}
            for _ in range(100):
                a = Answer(s.recv(2000))
                got[a.ident] = a.records[0][0]
        self.assertEqual(got, {i: (1, 28)[i % 2] for i in range(100)})


class Forward(Base):
    def connect(self, words):
        s = socket.socket(socket.AF_UNIX)
        s.settimeout(WAIT)
        s.connect(self.proxy.forward)
        s.sendall(words)
        return s

    def test_a_port_of_the_guest(self):
        for address in ("127.0.0.1", "::1"):
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            try:
                server = socket.create_server((address, 0), family=family)
            except OSError:
                if family == socket.AF_INET6:
                    self.skipTest("this machine has no IPv6 loopback")
                raise
            port = server.getsockname()[1]
            with server, self.connect(b"CONNECT %d\nhello" % port) as s:
                peer = server.accept()[0]
                with peer:
                    ok = b"OK %d\n" % port
                    self.assertEqual(socks_host.read_exactly(s, len(ok)), ok)
                    self.assertEqual(socks_host.read_exactly(peer, 5),
                                     b"hello")
                    s.shutdown(socket.SHUT_WR)
                    self.assertEqual(peer.recv(1), b"")
                    peer.sendall(b"back")
                    peer.shutdown(socket.SHUT_WR)
                    self.assertEqual(socks_host.read_all(s), b"back")

    def test_nobody_there(self):
        with socket.create_server(("127.0.0.1", 0)) as gone:
            port = gone.getsockname()[1]
        with self.connect(b"CONNECT %d\n" % port) as s:
            self.assertEqual(s.recv(10), b"")

    def test_what_is_no_such_line_is_closed(self):
        for words in (b"GET / HTTP/1.1\r\n\r\n", b"CONNECT x\n",
                      b"CONNECT 0\n", b"CONNECT 65536\n", b"\n",
                      b"CONNECT 000000000000000000000000"):
            with self.connect(words) as s:
                try:
                    self.assertEqual(s.recv(10), b"", words)
                except ConnectionResetError:
                    pass


class Alone(unittest.TestCase):
    """Without a host, or without descriptors."""

    def test_no_host_is_a_failure_each_protocol_can_tell(self):
        proxy = Proxy("unix:/nonexistent/socket")
        with proxy.tcp() as s:
            s.sendall(b"\5\1\0")
            self.assertEqual(socks_host.read_exactly(s, 2), b"\5\0")
            s.sendall(proxy.request(b"echo.test"))
            self.assertEqual(socks_host.read_all(s), b"\5\1\0\1" + bytes(6))
        with proxy.tcp() as s:
            s.sendall(b"\5\1\2")
            self.assertEqual(socks_host.read_all(s), b"\5\xff")
        with proxy.tcp() as s:
            s.sendall(b"\5\1\0" + proxy.request(b"x"))
            self.assertEqual(socks_host.read_all(s),
                             b"\5\0\5\1\0\1" + bytes(6))
        with proxy.tcp() as s:
            s.sendall(b"CONNECT a:1 HTTP/1.1\r\n\r\n")
            self.assertTrue(socks_host.read_all(s).startswith(
                b"HTTP/1.1 502 "))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as s:
            s.settimeout(WAIT)
            s.connect(("127.0.0.1", proxy.port["dns"]))
            s.send(query(b"four.test", 1))
            self.assertEqual(Answer(s.recv(2000)).rcode, 2)
        proxy.close()

    def test_out_of_descriptors_it_waits_and_does_not_spin(self):
        with tempfile.TemporaryDirectory() as folder:
            host = socks_host.Host("unix", folder)
            proxy = Proxy(host.where, limit=40)
            clients = [proxy.tcp() for _ in range(60)]
            for s in clients:
                s.sendall(b"\5\1\0" + proxy.request(b"echo.test"))
            cpu = proxy.cpu()
            time.sleep(1)
            self.assertLess(proxy.cpu() - cpu, 0.2)
            served = select.select(clients, [], [], 0)[0]
            self.assertGreater(len(served), 0)
            for s in clients[:-1]:
                s.close()
            data = socks_host.read_exactly(clients[-1], 4)
            self.assertIn(data, (b"\5\0\5\0", b"\5\0\5\1"))
            clients[-1].close()
            with proxy.connect(b"echo.test") as s:
                s.sendall(b"still here")
                socks_host.read_exactly(s, 10)
            proxy.close()
            host.close()

    def test_options(self):
        def run(*words):
            return subprocess.run([PROGRAM, *words], capture_output=True,
                                  timeout=WAIT, check=False)
        self.assertEqual(run("--help").returncode, 0)
        self.assertIn(b"--upstream", run("--help").stdout)
        for words in (["--socks"], ["--socks", "65536"], ["--socks", "-1"],
                      ["what"], ["--upstream", "nowhere"],
                      ["--upstream", "vsock:2"], ["--dns", ""]):
            done = run(*words)
            self.assertEqual(done.returncode, 2, words)
            self.assertIn(words[0].encode(), done.stderr)

    def test_a_port_that_is_taken_is_told(self):
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            done = subprocess.run(
                [PROGRAM, "--socks", str(port), "--no-dns", "--no-forward"],
                capture_output=True, timeout=WAIT, check=False)
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"127.0.0.1:%d" % port, done.stderr)

    def test_ready_is_told_by_closing_a_descriptor(self):
        end, other = os.pipe()
        process = subprocess.Popen(
            [PROGRAM, "--socks", "0", "--no-dns", "--no-forward", "--ready",
             str(other)], pass_fds=[other])
        os.close(other)
        self.assertEqual(os.read(end, 1), b"")
        self.assertIsNone(process.poll())
        process.terminate()
        process.wait(WAIT)
        os.close(end)


def load_tests(loader, _, __):
    suite = unittest.TestSuite()
    for kind in ("unix", "tcp"):
        for what in (Socks, Udp, Http, Dns, Forward):
            case = type(f"{what.__name__}_{kind}", (what, unittest.TestCase),
                        {"kind": kind})
            suite.addTests(loader.loadTestsFromTestCase(case))
    suite.addTests(loader.loadTestsFromTestCase(Alone))
    return suite


if __name__ == "__main__":
    unittest.main()
