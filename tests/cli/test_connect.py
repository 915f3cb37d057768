#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`microvm connect` with a hub of our own in place of a guest's."""
import contextlib
import os
import signal
import socket
import subprocess
import tempfile
import threading
import unittest

from command import DEADLINE, MICROVM, main, run

BIG = bytes((i * 7 ^ i >> 11) & 0xff for i in range(8 * 1024 * 1024))


class Connect(unittest.TestCase):
    def setUp(self):
        tmp = tempfile.TemporaryDirectory()
        self.addCleanup(tmp.cleanup)
        self.env = dict(os.environ, XDG_RUNTIME_DIR=tmp.name)
        os.mkdir(f"{tmp.name}/microvm", 0o700)
        self.path = f"{tmp.name}/microvm/vm.sock"
        self.listener = socket.socket(socket.AF_UNIX)
        self.addCleanup(self.listener.close)
        self.listener.bind(self.path)
        self.listener.listen()
        self.listener.settimeout(DEADLINE)

    def start(self, vm="vm", port="1234", **kw):
        kw.setdefault("stdin", subprocess.PIPE)
        kw.setdefault("stdout", subprocess.PIPE)
        p = subprocess.Popen([MICROVM, "connect", vm, port], bufsize=0,
                             stderr=subprocess.PIPE, env=self.env, **kw)
        self.addCleanup(self.stop, p)
        return p

    def stop(self, p):
        if p.poll() is None:
            p.kill()
        p.wait()
        for f in (p.stdin, p.stdout, p.stderr):
            if f:
                f.close()

    def accept(self, line=b"CONNECT 1234\n"):
        c, _ = self.listener.accept()
        self.addCleanup(c.close)
        c.settimeout(DEADLINE)
        got = b""
        while not got.endswith(b"\n"):
            got += c.recv(1)
        self.assertEqual(got, line)
        return c

    def opened(self, **kw):
        p = self.start(**kw)
        c = self.accept()
        c.sendall(b"OK 1073741824\n")
        return p, c

    def ends(self, p, status, words=b""):
        self.assertEqual(p.wait(DEADLINE), status)
        self.assertEqual(p.stderr.read(), words)

    def read_all(self, c):
        data = bytearray()
        while True:
            more = c.recv(1 << 16)
            if not more:
                return bytes(data)
            data += more

    def test_a_dialogue(self):
        p, c = self.opened()
        p.stdin.write(b"ping")
        self.assertEqual(c.recv(100), b"ping")
        c.sendall(b"pong")
        self.assertEqual(p.stdout.read(4), b"pong")
        p.stdin.close()
        self.assertEqual(c.recv(1), b"")
        c.close()
        self.assertEqual(p.stdout.read(), b"")
        self.ends(p, 0)

    def test_a_path_in_place_of_a_name(self):
        p = self.start(vm=self.path, port="4294967294")
        c = self.accept(b"CONNECT 4294967294\n")
        c.sendall(b"OK 1\nhello")
        c.close()
        self.assertEqual(p.stdout.read(), b"hello")
        self.ends(p, 0)

    def test_an_answer_byte_by_byte_is_an_answer(self):
        p = self.start()
        c = self.accept()
        for b in b"OK 77\nOK 78\nmore":
            c.sendall(bytes([b]))
        c.close()
        self.assertEqual(p.stdout.read(), b"OK 78\nmore")
        self.ends(p, 0)

    def test_nothing_is_read_before_the_answer(self):
        # A program that waits for the connection may not lose its input.
        p = self.start()
        c = self.accept()
        p.stdin.write(b"early")
        c.setblocking(False)
        with self.assertRaises(BlockingIOError):
            c.recv(1)
        c.settimeout(DEADLINE)
        c.sendall(b"OK 1\n")
        self.assertEqual(c.recv(100), b"early")
        c.close()
        self.ends(p, 0)

    def test_nobody_listens_in_the_guest(self):
        p = self.start()
        self.accept().close()
        self.assertEqual(p.wait(DEADLINE), 125)
        self.assertEqual(p.stdout.read(), b"")
        words = p.stderr.read()
        self.assertTrue(words.startswith(
            b"microvm: vm: nobody in the guest listens on port 1234\n"
            b"  fix: start a program there"), words)

    def test_a_hub_that_hangs_up_at_once(self):
        p = self.start()
        c, _ = self.listener.accept()
        c.close()
        self.assertEqual(p.wait(DEADLINE), 125)
        self.assertIn(b"nobody in the guest listens", p.stderr.read())

    def test_somebody_else_s_socket(self):
        for answer in (b"HTTP/1.1 400 Bad Request\r\n", b"OK", b"OK 1",
                       b"x" * 100):
            with self.subTest(answer=answer):
                p = self.start()
                c = self.accept()
                c.sendall(answer)
                c.shutdown(socket.SHUT_WR)
                self.assertEqual(p.wait(DEADLINE), 125)
                self.assertIn(b"what listens there is no guest of ours",
                              p.stderr.read())
                self.assertEqual(p.stdout.read(), b"")

    def test_no_such_guest(self):
        q = run("connect", "nosuch", "1", env=self.env)
        self.assertEqual((q.returncode, q.stdout), (125, b""))
        self.assertIn(b"microvm: no guest named 'nosuch' runs\n  fix: start "
                      b"it with microvm run --name NAME", q.stderr)
        self.listener.close()       # and one that was killed
        q = run("connect", "vm", "1", env=self.env)
        self.assertIn(b"no guest named 'vm' runs", q.stderr)
        q = run("connect", self.path, "1", env=self.env)
        self.assertIn(b"no guest listens at " + self.path.encode(), q.stderr)
        q = run("connect", "/" + "p" * 200, "1", env=self.env)
        self.assertIn(b"a socket's path has at most", q.stderr)

    def test_a_name_in_a_folder_of_others_is_not_trusted(self):
        os.chmod(os.path.dirname(self.path), 0o777)
        p = self.start()
        _, err = p.communicate(timeout=DEADLINE)
        self.assertEqual(p.returncode, 125)
        self.assertIn(b"not a folder that only you can write to", err)
        self.listener.settimeout(0)
        with self.assertRaises(BlockingIOError):
            self.listener.accept()

    def test_much_goes_both_ways_at_once_and_every_byte_counts(self):
        p, c = self.opened()
        got = {}

        def write_input():
            p.stdin.write(BIG)
            p.stdin.close()

        def write_peer():
            c.sendall(BIG[::-1])
            c.shutdown(socket.SHUT_WR)

        def read_peer():
            got["peer"] = self.read_all(c)

        threads = [threading.Thread(target=f)
                   for f in (write_input, write_peer, read_peer)]
        for t in threads:
            t.start()
        data = p.stdout.read()
        while len(data) < len(BIG):
            more = p.stdout.read()
            if not more:
                break
            data += more
        for t in threads:
            t.join(DEADLINE)
        self.assertTrue(got["peer"] == BIG)
        self.assertTrue(data == BIG[::-1])
        c.close()
        self.ends(p, 0)

    def test_a_file_in_and_a_file_out(self):
        with tempfile.TemporaryFile() as source, \
                tempfile.TemporaryFile() as sink:
            source.write(BIG)
            source.seek(0)
            p, c = self.opened(stdin=source, stdout=sink)
            self.assertTrue(self.read_all(c) == BIG)
            c.sendall(BIG)
            c.close()
            self.ends(p, 0)
            sink.seek(0)
            self.assertTrue(sink.read() == BIG)

    def test_input_ends_first_and_the_guest_goes_on(self):
        p, c = self.opened()
        p.stdin.write(b"question")
        p.stdin.close()
        self.assertEqual(self.read_all(c), b"question")
        c.sendall(b"answer")
        c.close()
        self.assertEqual(p.stdout.read(), b"answer")
        self.ends(p, 0)

    def test_the_guest_ends_first_and_input_goes_on(self):
        p, c = self.opened()
        c.sendall(b"last words")
        c.shutdown(socket.SHUT_WR)
        self.assertEqual(p.stdout.read(), b"last words")
        self.assertEqual(p.stdout.read(), b"")      # passed on at once
        p.stdin.write(b"still here")
        p.stdin.close()
        self.assertEqual(self.read_all(c), b"still here")
        self.ends(p, 0)

    def test_a_guest_that_is_gone_ends_it_though_input_does_not(self):
        p, c = self.opened()
        c.sendall(b"bye")
        c.close()
        self.assertEqual(p.stdout.read(), b"bye")
        self.ends(p, 0)

    def test_a_slow_reader_gets_what_a_gone_guest_sent(self):
        p, c = self.opened()
        data = BIG[:512 * 1024]
        sender = threading.Thread(target=lambda: (c.sendall(data), c.close()))
        sender.start()
        got = b""
        while len(got) < len(data):
            got += p.stdout.read(1000)
        sender.join(DEADLINE)
        self.assertTrue(got == data)
        self.ends(p, 0)

    def test_a_guest_that_breaks_off_is_an_error(self):
        p, c = self.opened()
        p.stdin.write(b"never read")
        # Closing with bytes unread is how a Unix socket resets.
        while c.recv(1, socket.MSG_PEEK) != b"n":
            pass
        c.close()
        self.assertEqual(p.wait(DEADLINE), 125)
        self.assertEqual(p.stderr.read(),
                         b"microvm: vm: the guest broke the connection off\n")

    def test_a_reader_who_left_ends_it_silently(self):
        p, c = self.opened()
        p.stdout.close()
        with contextlib.suppress(BrokenPipeError):  # it may be gone already
            c.sendall(b"for nobody")
        self.ends(p, 128 + signal.SIGPIPE)

    def test_a_reader_who_left_is_noticed_though_nothing_comes(self):
        p, _ = self.opened()
        p.stdout.close()
        self.ends(p, 128 + signal.SIGPIPE)

    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full here")
    def test_a_full_disk_is_told(self):
        with open("/dev/full", "wb") as full:
            p, c = self.opened(stdout=full)
            c.sendall(b"x")
            self.ends(p, 125, b"microvm: cannot write to standard output: "
                      b"No space left on device\n")

    def test_input_that_cannot_be_read_is_told(self):
        fd = os.open("/", os.O_RDONLY)
        try:
            p, _ = self.opened(stdin=fd)
            self.ends(p, 125, b"microvm: cannot read standard input: Is a "
                      b"directory\n")
        finally:
            os.close(fd)

    def test_closed_descriptors_are_told(self):
        for redirect, words in (("<&-", b"standard input"),
                                (">&-", b"standard output")):
            p = subprocess.Popen(
                ["sh", "-c", f'exec "$0" connect vm 1234 {redirect}',
                 MICROVM], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                stderr=subprocess.PIPE, env=self.env)
            self.addCleanup(self.stop, p)
            c = self.accept()
            c.sendall(b"OK 1\nx")
            self.assertEqual(p.wait(DEADLINE), 125)
            self.assertIn(words, p.stderr.read())


if __name__ == "__main__":
    main()
