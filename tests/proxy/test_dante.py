#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The same bytes to our proxy and to dante, and the same answers from both.

Where both cannot be the same, DIFFERENT says why, and what is right."""
import os
import pwd
import socket
import struct
import sys
import unittest

from proxies import (Dante, Ours, Server, find_dante, free_port, read_all,
                     talk)

GREETING = b"\5\1\0"
BIG = bytes(i * 7 // 5 & 0xff for i in range(3 * 1024 * 1024))


def request(cmd, host, port):
    if isinstance(host, bytes):
        atyp = {4: b"\1", 16: b"\4"}[len(host)] + host
    else:
        atyp = bytes([3, len(host)]) + host.encode()
    return b"\5" + bytes([cmd]) + b"\0" + atyp + struct.pack(">H", port)


def connect(port, host=b"\x7f\0\0\1"):
    return GREETING + request(1, host, port)


def upper(s):
    """A server that hears everything first: its answer needs a half-close."""
    s.sendall(read_all(s).upper())


def greeter(s):
    s.sendall(b"220 ready\r\n")
    upper(s)


def early(s):
    """One that ends first, and then listens."""
    s.sendall(b"all there is")
    s.shutdown(socket.SHUT_WR)
    read_all(s)


def plain(answer):
    """Without BND, which is another port each time."""
    if answer[2:4] == b"\5\0" and answer[5:6] in (b"\1", b"\4"):
        end = 2 + 4 + (4 if answer[5:6] == b"\1" else 16) + 2
        return answer[:6], answer[end:]
    return answer[:4], b""


# Name of a conversation: why dante is not followed, and what we say.
DIFFERENT = {
    "BIND": ("nobody connects to a guest by its proxy", b"\5\0\5\7"),
    "unknown command": ("dante only hangs up; RFC 1928, 6: reply 7",
                        b"\5\0\5\7"),
    "unknown address": ("dante only hangs up; RFC 1928, 6: reply 8",
                        b"\5\0\5\x08"),
}


class Same(unittest.TestCase):
    def setUp(self):
        self.servers = {name: Server(handle) for name, handle in
                        (("upper", upper), ("greeter", greeter),
                         ("early", early))}
        for s in self.servers.values():
            self.addCleanup(s.__exit__)

    def port(self, name):
        return self.servers[name].port

    def both(self, data, **kw):
        ours = plain(talk(OURS.port, data, **kw))
        self.assertEqual(ours, plain(talk(DANTE.port, data, **kw)))
        return ours

    def test_connect(self):
        self.assertEqual(
            self.both(connect(self.port("upper")) + b"hello"),
            (b"\5\0\5\0\0\1", b"HELLO"))

    def test_one_byte_at_a_time(self):
        self.both(connect(self.port("upper")) + b"hello", pieces=1)

    def test_a_name(self):
        data = connect(self.port("upper"), "localhost") + b"hello"
        try:
            socket.getaddrinfo("localhost", None, socket.AF_INET)
        except socket.gaierror:
            # dante asks the host, who has no hosts file; we need none.
            self.assertEqual(plain(talk(OURS.port, data)),
                             (b"\5\0\5\0\0\1", b"HELLO"))
        else:
            self.both(data)

    def test_an_address_as_a_name(self):
        self.both(connect(self.port("upper"), "127.0.0.1") + b"hello")

    def test_ipv6(self):
        try:
            server = Server(upper, "::1")
        except OSError as e:
            self.skipTest(f"this host has no IPv6: {e}")
        with server:
            host = b"\0" * 15 + b"\1"
            self.assertEqual(
                self.both(connect(server.port, host) + b"hello"),
                (b"\5\0\5\0\0\4", b"HELLO"))

    def test_refused(self):
        self.assertEqual(self.both(connect(free_port()))[0], b"\5\0\5\5")

    def test_a_server_speaks_first(self):
        self.both(connect(self.port("greeter")) + b"hello")

    def test_a_server_ends_first(self):
        self.both(connect(self.port("early")) + b"hello")

    def test_megabytes_and_then_the_end(self):
        ours = self.both(connect(self.port("upper")) + BIG)
        self.assertEqual(ours[1], BIG.upper())

    def test_no_method_that_will_do(self):
        self.assertEqual(self.both(b"\5\1\1")[0], b"\5\xff")

    def test_several_methods(self):
        data = b"\5\3\2\0\1" + request(1, b"\x7f\0\0\1", self.port("upper"))
        self.both(data + b"hello")

    def test_an_end_in_the_middle_of_a_request(self):
        self.both(connect(self.port("upper"))[:-3])

    def check_different(self, name, data):
        reason, right = DIFFERENT[name]
        answer = talk(OURS.port, data)
        self.assertEqual(answer[:4], right, reason)
        self.assertNotEqual(plain(talk(DANTE.port, data, end=False))
                            if name != "BIND" else None,
                            plain(answer), f"no longer true: {reason}")

    def test_bind(self):
        self.check_different("BIND", GREETING + request(2, b"\x7f\0\0\1", 0))

    def test_an_unknown_command(self):
        self.check_different("unknown command",
                             GREETING + request(9, b"\x7f\0\0\1", 1))

    def test_an_unknown_kind_of_address(self):
        self.check_different("unknown address",
                             GREETING + b"\5\1\0\7\0\0\0\0\0\0")


if __name__ == "__main__":
    program = find_dante()
    if not program:
        print("skipped: no dante (Debian: dante-server)")
        sys.exit(77)
    with Ours("--net", "all") as OURS, \
            Dante(program, pwd.getpwuid(os.getuid()).pw_name) as DANTE:
        result = unittest.main(verbosity=2, exit=False).result
    sys.exit(not result.wasSuccessful())
