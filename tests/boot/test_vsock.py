#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A booted stock guest and its host talk over vsock, in every way there is."""
import hashlib
import os
import pathlib
import random
import re
import signal
import socket
import subprocess
import tempfile
import threading
import time
import unittest
import urllib.request

import boot
import servers

WALL = ("--clock", "wall")
EMBED = os.environ["EMBED"]


class Guest:
    """A guest in the background; its console is a file."""

    def __init__(self, folder, *words, options=()):
        self.name = os.path.join(folder, "guest.sock")
        self.console = pathlib.Path(folder) / "console"
        self.report = pathlib.Path(folder) / "report"
        with open(self.console, "wb") as out:
            self.process = subprocess.Popen(
                boot.command(boot.image(), [
                    *WALL, "--vsock", f"cid=3,socket={self.name}", *options],
                    words, self.report),
                stdin=subprocess.DEVNULL, stdout=out, stderr=out)

    def connect(self, port, **more):
        """`microvm connect`, which waits for the guest to listen."""
        patient(lambda: os.stat(self.name))     # the machine is being made
        return subprocess.Popen([boot.MICROVM, "connect", self.name, str(port)],
                                stdout=subprocess.PIPE, stdin=subprocess.PIPE,
                                stderr=subprocess.PIPE, **more)

    def end(self, seconds=60):
        return self.process.wait(seconds)

    def text(self):
        return self.console.read_bytes().decode(errors="replace")

    def stop(self):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()


def patient(function, seconds=60):
    """Its result, as soon as it has one."""
    end = time.monotonic() + seconds
    while True:
        try:
            return function()
        except OSError:
            if time.monotonic() > end:
                raise
            time.sleep(0.02)


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Vsock(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def guest(self, *words, options=()):
        guest = Guest(self.folder, *words, options=options)
        self.addCleanup(guest.stop)
        return guest

    def server(self, handler):
        server = servers.tcp(handler)
        self.addCleanup(server.close)
        return server.port

    def run_guest(self, *words, options=()):
        return boot.run(boot.image(), *words, options=[*WALL, *options])

    def status(self, *words):
        return self.run_guest(*words).status

    def test_the_status_of_the_command_is_ours(self):
        self.assertEqual(self.status("true"), 0)
        self.assertEqual(self.status("sh", "-c", "exit 42"), 42)
        self.assertEqual(self.status("sh", "-c", "kill -9 $$"), 137)
        self.assertEqual(self.status("no-such-command"), 127)
        self.assertEqual(self.status("/etc/passwd"), 126)

    def test_bytes_go_both_ways_and_a_caller_may_be_early(self):
        data = random.Random(2).randbytes(20 << 20)
        guest = self.guest("sh", "-c", "vsock-client echo 1234 & "
                           "vsock-client listen 1235 </dev/null")
        p = guest.connect(1234)         # long before anybody listens there
        out, err = p.communicate(data, timeout=120)
        self.assertEqual(p.returncode, 0, err)
        self.assertEqual(hashlib.sha256(out).digest(),
                         hashlib.sha256(data).digest())
        out, err = guest.connect(1235).communicate(b"bye\n", timeout=60)
        self.assertEqual(guest.end(), 0, guest.text())
        self.assertIn("bye", guest.text())

    def test_a_port_of_the_guest_is_forwarded(self):
        port = free_port()
        page = self.folder / "page"
        page.write_bytes(random.Random(3).randbytes(1 << 20))
        guest = self.guest("sh", "-c", "httpd -f -p 127.0.0.1:80 -h /www",
                           options=["-p", f"{port}:80",
                                    "--file", f"{page}:/www/page"])
        with patient(lambda: urllib.request.urlopen(
                f"http://127.0.0.1:{port}/page", timeout=60)) as answer:
            self.assertEqual(answer.read(), page.read_bytes())
        guest.process.send_signal(signal.SIGTERM)
        self.assertEqual(guest.end(), 128 + signal.SIGTERM, guest.text())
        self.assertIn("reboot: Power down", guest.text())

    def test_files_arrive_with_their_modes(self):
        script = self.folder / "script"
        script.write_text("#!/bin/sh\necho \"ran as $0\"\nexit 9\n")
        script.chmod(0o700)
        result = self.run_guest("/opt/script", options=[
            "--file", f"{script}:/opt/script"])
        self.assertIn("ran as /opt/script", result.lines(), result)
        self.assertEqual(result.status, 9, result)

    def test_the_driver_may_go_and_come_back(self):
        driver = "/sys/bus/virtio/drivers/vmw_vsock_virtio_transport"
        port = self.server(servers.Echo)
        result = self.run_guest(
            "sh", "-c", "for i in 1 2 3; do "
            "vsock-client ping 2 5000 -c 3 || exit 1; "
            f"echo virtio0 >{driver}/unbind; "
            "vsock-client ping 2 5000 -c 1 --timeout 1000 && exit 2; "
            f"echo virtio0 >{driver}/bind; done; "
            "vsock-client ping 2 5000 -c 3 || exit 3; echo came back",
            options=["--vsock-port", f"5000=tcp:127.0.0.1:{port}"])
        self.assertIn("came back", result.lines(), result)
        self.assertEqual(result.status, 0, result)

    def test_many_connections_are_open_at_once(self):
        path = self.folder / "echo"
        echo = servers.Server(servers.UnixServer, servers.Echo, path=path)
        self.addCleanup(echo.close)
        result = self.run_guest(
            "vsock-client", "storm", "2", "5000", "500", "--hold", "200",
            options=["--vsock-port", f"5000=unix:{path}"])
        self.assertEqual(result.status, 0, result)
        self.assertRegex(str(result), r"\b500\b")

    def test_test_data_is_equal_at_the_other_end(self):
        port = self.server(servers.Echo)
        for chunk, size in ((1, 20000), (1 << 20, 64 << 20)):
            result = self.run_guest(
                "vsock-client", "bench", "2", "5000", "--chunk", str(chunk),
                "--bytes", str(size),
                options=["--vsock-port", f"5000=tcp:127.0.0.1:{port}"])
            self.assertEqual(result.status, 0, result)

    def test_last_words_reach_a_reader_who_is_slower_than_the_guest(self):
        path = str(self.folder / "late")
        size = 250000           # more than a socket holds, less than a window
        with socket.socket(socket.AF_UNIX) as listener:
            listener.bind(path)
            listener.listen()
            # Its end ends the client, which had said all it had to say.
            guest = self.guest(
                "sh", "-c", f"head -c {size} /dev/zero | "
                "vsock-client connect 2 5000 & sleep 1",
                options=["--vsock-port", f"5000=unix:{path}"])
            reader = listener.accept()[0]
            end = time.monotonic() + 60
            while "Power down" not in guest.text():
                self.assertLess(time.monotonic(), end, guest.text())
                time.sleep(0.02)        # to see the console is the only way
            got = 0
            while piece := reader.recv(65536):
                got += len(piece)
            reader.close()
        self.assertEqual(got, size)
        self.assertEqual(guest.end(), 0, guest.text())

    def test_the_guest_knows_the_time(self):
        result = self.run_guest("date", "+time %s")
        found = re.search(r"time (\d+)", str(result))
        self.assertLess(abs(int(found[1]) - time.time()), 30, result)

    def test_a_guest_without_vsock_works_as_before(self):
        result = self.run_guest("sh", "-c", "ls /sys/bus/virtio/devices | wc -l",
                                options=["--no-vsock"])
        self.assertEqual(result.status, 0, result)
        self.assertIn("0", result.lines())

    def embed(self, *options):
        """The example, with a guest that does what it expects."""
        kernel, base = boot.image()
        work = (b"sh\0-c\0echo from the guest | vsock-client connect 2 1025; "
                b"wget -q -O /dev/null http://localhost:1/; "
                b"vsock-client listen 1234 --exec 'sed s/^/heard:/'; "
                b"sleep 1000\0")
        initrd = self.folder / "initrd"
        initrd.write_bytes(base.read_bytes() + boot.cpio([
            ("etc/microvm", 0o40755, (0, 0), b""),
            ("etc/microvm/cmd", 0o100600, (0, 0), work)]))
        return subprocess.run([EMBED, *options, kernel, initrd], timeout=240,
                              stdout=subprocess.PIPE, text=True, check=False,
                              stderr=subprocess.PIPE)

    def test_an_embedder_talks_to_guests_in_its_own_loop(self):
        for options, names in (((), ["first"]), (("-2",), ["first", "second"])):
            done = self.embed(*options)
            self.assertEqual(done.returncode, 0, done)
            for name in names:
                self.assertEqual(
                    done.stdout.count(f"{name}: heard:hello\n"), 2, done)
                # Once for each address the name has.
                self.assertGreaterEqual(
                    done.stdout.count(f"{name}: allowed\n"), 2, done)


if __name__ == "__main__":
    unittest.main(verbosity=2)
