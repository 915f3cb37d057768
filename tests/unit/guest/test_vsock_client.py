#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""vsock-client, built for this machine: with itself and with Python.

PROGRAM names it.  UNIX sockets stand for vsock ports (--unix).
"""
import os
import re
import socket
import subprocess
import tempfile
import threading
import time
import unittest
import zlib

PROGRAM = os.environ["PROGRAM"]
WAIT = 60


def pattern(size):
    block = bytearray()
    x = 1
    for _ in range(65521):
        x = (x * 1103515245 + 12345) & 0xffffffff
        block.append(x >> 16 & 0xff)
    return (bytes(block) * (size // 65521 + 1))[:size]


def values(line):
    return dict(re.findall(r"(\w+)=(\S+)", line))


class Client(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name

    def start(self, *words, **more):
        p = subprocess.Popen(
            [PROGRAM, *map(str, words), "--unix", self.folder],
            stdin=more.pop("stdin", subprocess.DEVNULL),
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, **more)
        self.addCleanup(self.stop, p)
        return p

    def stop(self, p):
        if p.poll() is None:
            p.terminate()
        p.communicate(timeout=WAIT)

    def serve(self, *words, **more):
        """The same, and it listens on `port` when this comes back."""
        p = self.start(*words, **more)
        port = re.search(r"\d+", " ".join(map(str, words)))[0]
        path = os.path.join(self.folder, port)
        end = time.monotonic() + WAIT
        while True:
            s = socket.socket(socket.AF_UNIX)
            # A connection would be served: look into the kernel's list.
            with s, open("/proc/net/unix", encoding="ascii") as table:
                if any(line.rstrip().endswith(path)
                       and line.split()[3] == "00010000" for line in table):
                    return p
            self.assertIsNone(p.poll())
            self.assertLess(time.monotonic(), end)
            time.sleep(0.01)

    def run_to_end(self, *words, status=0, **more):
        p = self.start(*words, **more)
        out, err = p.communicate(timeout=WAIT)
        self.assertEqual(p.returncode, status, (words, out, err))
        return out.decode(), err.decode()

    def listen(self, port):
        s = socket.socket(socket.AF_UNIX)
        s.bind(os.path.join(self.folder, str(port)))
        s.listen(100)
        self.addCleanup(s.close)
        return s

    def test_connect_both_ways_with_half_close(self):
        server = self.listen(7)
        p = self.start("connect", 2, 7, stdin=subprocess.PIPE)
        peer = server.accept()[0]
        with peer:
            data = os.urandom(1 << 20)
            threading.Thread(target=lambda: (
                p.stdin.write(data), p.stdin.close())).start()
            got = b""
            while True:
                more = peer.recv(65536)
                if not more:
                    break
                got += more
            self.assertEqual(got, data)
            self.assertIsNone(p.poll())
            peer.sendall(b"answer after the end")
        self.assertEqual(p.stdout.read(), b"answer after the end")
        self.assertEqual(p.wait(WAIT), 0)
        p.stdin = None

    def test_listen_ends_its_output_when_the_peer_does(self):
        p = self.serve("listen", 8, stdin=subprocess.PIPE)
        s = socket.socket(socket.AF_UNIX)
        with s:
            s.connect(os.path.join(self.folder, "8"))
            s.sendall(b"hello")
            s.shutdown(socket.SHUT_WR)
            self.assertEqual(p.stdout.read(), b"hello")
            p.stdin.write(b"still here")
            p.stdin.close()
            p.stdin = None
            self.assertEqual(s.makefile("rb").read(), b"still here")
        self.assertEqual(p.wait(WAIT), 0)

    def test_listen_runs_a_command(self):
        self.serve("listen", 9, "--many", "--exec", "tr a-z A-Z")
        for word in (b"one", b"two"):
            with socket.socket(socket.AF_UNIX) as s:
                s.connect(os.path.join(self.folder, "9"))
                s.sendall(word)
                s.shutdown(socket.SHUT_WR)
                self.assertEqual(s.makefile("rb").read(), word.upper())
        p = self.serve("listen", 10, "--exec", "exit 3")
        with socket.socket(socket.AF_UNIX) as s:
            s.connect(os.path.join(self.folder, "10"))
            self.assertEqual(s.recv(1), b"")
        self.assertEqual(p.wait(WAIT), 1)

    def test_send_to_receive_in_all_chunks(self):
        for chunk, size in ((1, 3000), (7, 70000), (65536, 10000001),
                            (1048576, 10000001)):
            p = self.serve("receive", 11, "--chunk", 65536)
            out, _ = self.run_to_end("send", 2, 11, size, "--chunk", chunk)
            sent = values(out)
            got = values(p.communicate(timeout=WAIT)[0].decode())
            self.assertEqual(p.returncode, 0)
            crc = "%08x" % zlib.crc32(pattern(size))
            self.assertEqual((sent["bytes"], sent["crc32"]), (str(size), crc))
            self.assertEqual((got["bytes"], got["crc32"], got["pattern"]),
                             (str(size), crc, "ok"))
            os.unlink(os.path.join(self.folder, "11"))

    def test_the_receiver_may_connect_too(self):
        self.serve("send", 12, 100000)
        out, _ = self.run_to_end("receive", 2, 12, "--chunk", 1)
        self.assertEqual(values(out)["bytes"], "100000")
        self.assertEqual(values(out)["pattern"], "ok")

    def test_wrong_data_is_told(self):
        for wrong in (lambda d: d[1:], lambda d: d[:-1] + b"\0",
                      lambda d: d[:500] + d[501:]):
            p = self.serve("receive", 13)
            with socket.socket(socket.AF_UNIX) as s:
                s.connect(os.path.join(self.folder, "13"))
                s.sendall(wrong(pattern(1000)))
            out = p.communicate(timeout=WAIT)[0].decode()
            self.assertEqual(values(out)["pattern"], "bad")
            self.assertEqual(p.returncode, 1)
            os.unlink(os.path.join(self.folder, "13"))

    def test_echo_serves_ping_bench_and_a_storm(self):
        p = self.serve("echo", 14)
        for words in ((), ("-c", 7, "--size", 100000)):
            got = values(self.run_to_end("ping", 2, 14, *words)[0])
            self.assertEqual(got["count"], str(words[1] if words else 100))
            times = [float(got[x + "_us"])
                     for x in ("min", "p50", "p99", "max")]
            self.assertEqual(times, sorted(times))
        for chunk in (1000, 1048576):
            out, _ = self.run_to_end("bench", 2, 14, "--bytes", 20000000,
                                     "--chunk", chunk)
            self.assertEqual(values(out)["bytes"], "20000000")
            self.assertEqual(values(out)["crc32"],
                             "%08x" % zlib.crc32(pattern(20000000)))
        got = values(self.run_to_end("storm", 2, 14, 200, "--hold", 50)[0])
        self.assertEqual((got["connected"], got["held"]), ("200", "200"))
        self.assertEqual(values(self.run_to_end("ping", 2, 14, "-c", 1)[0])
                         ["count"], "1")
        self.assertIsNone(p.poll())

    def test_nobody_there_fails_with_a_word(self):
        for words in (("connect", 2, 99), ("send", 2, 99, 5),
                      ("ping", 2, 99), ("receive", 2, 99)):
            _, err = self.run_to_end(*words, status=1)
            self.assertIn("unix:" + self.folder + "/99", err)
        out, _ = self.run_to_end("storm", 2, 99, 3, status=1)
        self.assertEqual(values(out)["connected"], "0")
        _, err = self.run_to_end("listen", 98, "--timeout", 50, status=1)
        self.assertIn("timed out", err)

    def test_a_peer_that_breaks_off_is_a_failure(self):
        server = self.listen(15)
        for words in (("ping", 2, 15), ("bench", 2, 15),
                      ("send", 2, 15, 50000000)):
            p = self.start(*words)
            peer = server.accept()[0]
            peer.recv(1)
            peer.close()
            p.communicate(timeout=WAIT)
            self.assertEqual(p.returncode, 1, words)

    def test_a_wrong_command_line_is_status_2(self):
        for words in ((), ("nonsense",), ("connect",), ("connect", "2"),
                      ("connect", "x", "1"), ("connect", "2", "4294967296"),
                      ("listen", "1", "--many"), ("send", "2"),
                      ("send", "2", "1", "x"), ("storm", "2", "1", "100001"),
                      ("ping", "2", "1", "-c", "0"), ("ping", "2", "1", "-c"),
                      ("bench", "2", "1", "--chunk", "1048577"),
                      ("echo", "1", "2"), ("connect", "2", "1", "--what")):
            _, err = self.run_to_end(*words, status=2)
            self.assertTrue(err)
        done = subprocess.run([PROGRAM, "--help"], capture_output=True,
                              timeout=WAIT, check=False)
        self.assertEqual(done.returncode, 0)
        self.assertIn(b"storm CID PORT N", done.stdout)


if __name__ == "__main__":
    unittest.main()
