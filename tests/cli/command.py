# SPDX-License-Identifier: MIT
"""command.py - the microvm command under test: with pipes, or on a terminal.

Nothing here sleeps: every wait is for something the command does, with a
deadline that only a failing test reaches.
"""
import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import termios
import time
import unittest

MICROVM = os.environ["MICROVM"]
KERNEL = os.environ["KERNEL"]       # the echo guest
DEADLINE = 60.0
LFLAG, IFLAG, OFLAG = 3, 0, 1       # of termios.tcgetattr()


def run(*args, **kw):
    """Run it to its end; stdin is a pipe or nothing, never a terminal."""
    kw.setdefault("input", b"")
    if "stdin" in kw:
        del kw["input"]
    if "stdout" not in kw:
        kw["stdout"] = subprocess.PIPE
    return subprocess.run([MICROVM, *args], stderr=subprocess.PIPE,
                          timeout=DEADLINE, check=False, **kw)


def boot(*args, **kw):
    return run("run", "-k", KERNEL, *args, **kw)


class Terminal:
    """A terminal of our own; the command (or a shell) is its session."""

    def __init__(self, *argv, **kw):
        self.master, self.slave = pty.openpty()
        fcntl.ioctl(self.slave, termios.TIOCSWINSZ,
                    struct.pack("HHHH", 40, 120, 0, 0))
        self.before = termios.tcgetattr(self.slave)
        self.seen = b""

        def adopt():
            # Who started us may have had some ignored, as a shell does for
            # what runs in its background.
            for sig in (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
                signal.signal(sig, signal.SIG_DFL)
            os.setsid()
            fcntl.ioctl(0, termios.TIOCSCTTY, 0)

        kw.setdefault("stdin", self.slave)
        kw.setdefault("stdout", self.slave)
        kw.setdefault("stderr", self.slave)
        self.process = subprocess.Popen(argv, preexec_fn=adopt, **kw)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.kill()
            self.process.wait()
        if self.process.stdout:
            self.process.stdout.close()
        os.close(self.master)
        os.close(self.slave)

    def read(self, deadline):
        """Some more of what appears, b"" when the time is over."""
        wait = max(0.0, deadline - time.monotonic())
        if not select.select([self.master], [], [], wait)[0]:
            return b""
        return os.read(self.master, 65536)

    def expect(self, what):
        """Read on until `what` appears; returns all up to and with it."""
        deadline = time.monotonic() + DEADLINE
        while what not in self.seen:
            more = self.read(deadline)
            if not more:
                raise AssertionError(f"no {what!r} in {self.seen!r}")
            self.seen += more
        end = self.seen.index(what) + len(what)
        found, self.seen = self.seen[:end], self.seen[end:]
        return found

    def type(self, data):
        """Type it all, reading what comes back meanwhile."""
        deadline = time.monotonic() + DEADLINE
        while data:
            r, w, _ = select.select([self.master], [self.master], [],
                                    deadline - time.monotonic())
            if r:
                self.seen += os.read(self.master, 65536)
            elif w:
                n = os.write(self.master, data[:1024])
                data = data[n:]
            else:
                raise AssertionError(f"{len(data)} bytes not taken")

    def wait(self):
        """Exit status as a shell has it, output drained until then."""
        deadline = time.monotonic() + DEADLINE
        while self.process.poll() is None:
            if time.monotonic() > deadline:
                raise AssertionError(f"still running: {self.seen!r}")
            self.seen += self.read(time.monotonic() + 0.02)
        while select.select([self.master], [], [], 0)[0]:
            self.seen += os.read(self.master, 65536)
        code = self.process.returncode
        return code if code >= 0 else 128 - code

    def modes(self):
        return termios.tcgetattr(self.slave)

    def is_raw(self):
        now = self.modes()
        return not (now[LFLAG] & (termios.ICANON | termios.ECHO |
                                  termios.ISIG) or
                    now[IFLAG] & (termios.ICRNL | termios.IXON) or
                    now[OFLAG] & termios.OPOST)


def on_terminal(*args, **kw):
    """`microvm run` of the echo guest, once that is up."""
    t = Terminal(MICROVM, "run", "-k", KERNEL, *args, **kw)
    t.expect(b"up\r\n")
    return t


def start(*args, **kw):
    """`microvm run` in the background, with pipes."""
    kw.setdefault("stdin", subprocess.PIPE)
    kw.setdefault("stdout", subprocess.PIPE)
    kw.setdefault("stderr", subprocess.PIPE)
    return subprocess.Popen([MICROVM, "run", *args], bufsize=0, **kw)


def read_exactly(f, size):
    data = b""
    while len(data) < size:
        more = f.read(size - len(data))
        if not more:
            raise AssertionError(f"only {data!r}")
        data += more
    return data


def main():
    signal.signal(signal.SIGALRM, signal.SIG_DFL)
    signal.alarm(110)       # below meson's time-out: tell which test hangs
    unittest.main(verbosity=2)


__all__ = ["MICROVM", "KERNEL", "DEADLINE", "Terminal", "boot", "main",
           "on_terminal", "read_exactly", "run", "start"]
