#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Ended at any moment: what is left of `microvm run`, and the next start.

The moments are those at which something new can be seen from outside, in the
order in which it comes up; and some by chance.  BACKEND is what runs the guest.
"""
import json
import os
import pathlib
import random
import signal
import socket
import sys
import tempfile
import time
import unittest

from command import DEADLINE, KERNEL, MICROVM, Terminal, main, run

BACKEND = os.environ.get("BACKEND", "auto")
SKIPPED = 77    # what meson takes for that


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


class Guest:
    """All that a guest takes of the host, below one folder."""

    def __init__(self, folder):
        self.folder = folder
        self.env = dict(os.environ, XDG_RUNTIME_DIR=folder)
        self.args = ["run", "-k", KERNEL, "--backend", BACKEND, "-c", "2",
                     "--name", "box",
                     "--vsock-port", f"5000=unix:{folder}/in,listen",
                     "-p", f"{free_port()}:80"]

    def start(self):
        return Terminal(MICROVM, *self.args, env=self.env)

    def files(self):
        return sorted(os.path.relpath(os.path.join(where, name), self.folder)
                      for where, _, names in os.walk(self.folder)
                      for name in names)

    def connects(self, path):
        with socket.socket(socket.AF_UNIX) as s:
            try:
                s.connect(os.path.join(self.folder, path))
            except OSError:
                return False
            return True


def appeared(name):
    return lambda guest, terminal: name in guest.files()


MOMENTS = (
    ("at its start", lambda guest, terminal: True),
    ("it has its name", appeared("microvm/box.lock")),
    ("it has a socket", appeared("microvm/box.sock")),
    ("it listens", lambda guest, terminal: guest.connects("in")),
    ("the terminal is raw", lambda guest, terminal: terminal.is_raw()),
    ("the guest is up", lambda guest, terminal: terminal.expect(b"up\r\n")),
)


class Killed(unittest.TestCase):
    ROUNDS = 40

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.guest = Guest(folder.name)

    def wait_for(self, moment, terminal):
        end = time.monotonic() + DEADLINE
        while not moment(self.guest, terminal):
            self.assertIsNone(terminal.process.poll(), terminal.seen)
            self.assertLess(time.monotonic(), end)

    def at_each_moment(self, sig, judge):
        for what, moment in MOMENTS:
            with self.subTest(what, sig=sig), self.guest.start() as terminal:
                self.wait_for(moment, terminal)
                terminal.process.send_signal(sig)
                self.assertEqual(terminal.wait(), 128 + sig, terminal.seen)
                judge(terminal)

    def nothing_is_left(self, terminal):
        self.assertEqual(terminal.modes(), terminal.before)
        self.assertEqual(self.guest.files(), [])

    def nothing_is_in_the_way(self, _):
        # It is dead, and who asks for it is told so.
        p = run("connect", "box", "1", env=self.guest.env)
        self.assertEqual(p.returncode, 125)
        self.assertIn(b"box", p.stderr)
        with self.guest.start() as terminal:
            terminal.expect(b"up\r\n")
            self.assertTrue(self.guest.connects("in"))
            self.assertTrue(self.guest.connects("microvm/box.sock"))
            terminal.type(b"\x01x")
            self.assertEqual(terminal.wait(), 0)
        self.assertEqual(self.guest.files(), [])

    def test_a_signal_at_any_moment_leaves_nothing_behind(self):
        for sig in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            self.at_each_moment(sig, self.nothing_is_left)

    def test_what_a_killed_one_leaves_is_in_nobody_s_way(self):
        self.at_each_moment(signal.SIGKILL, self.nothing_is_in_the_way)

    def test_so_it_is_at_moments_nobody_chose(self):
        moments = random.Random(5)
        with self.guest.start() as terminal:
            begin = time.monotonic()
            terminal.expect(b"up\r\n")
            longest = 1.5 * (time.monotonic() - begin)
        for _ in range(self.ROUNDS):
            sig = moments.choice((signal.SIGTERM, signal.SIGINT,
                                  signal.SIGHUP, signal.SIGKILL))
            before = set(self.guest.files())    # of a killed one
            with self.subTest(sig=sig), self.guest.start() as terminal:
                time.sleep(moments.uniform(0, longest))
                terminal.process.send_signal(sig)
                self.assertEqual(terminal.wait(), 128 + sig, terminal.seen)
                if sig != signal.SIGKILL:
                    self.assertEqual(terminal.modes(), terminal.before)
                    self.assertLessEqual(set(self.guest.files()), before)
        self.nothing_is_in_the_way(None)

    def test_nothing_of_a_killed_one_runs_on(self):
        with self.guest.start() as terminal:
            terminal.expect(b"up\r\n")
            self.assertEqual(children(terminal.process.pid), [])
            terminal.process.kill()
            self.assertEqual(terminal.wait(), 128 + signal.SIGKILL)


def children(pid):
    """The processes that `pid` started."""
    found = []
    for path in pathlib.Path("/proc").glob("[0-9]*/stat"):
        try:
            # proc(5): pid (name) state ppid ...; names may have anything
            about = path.read_text().rpartition(")")[2].split()
        except OSError:         # it has ended meanwhile
            continue
        if about[1] == str(pid):
            found.append(path.parent.name)
    return found


def unusable():
    """Why the backend cannot be used here, or None."""
    if BACKEND == "auto":
        return None
    found = json.loads(run("check", "--json", "--backend", BACKEND).stdout)
    about = next(b for b in found["backends"] if b["name"] == BACKEND)
    return None if about["usable"] else about["error"]["message"]


if __name__ == "__main__":
    reason = unusable()
    if reason:
        print(reason)
        sys.exit(SKIPPED)
    main()
