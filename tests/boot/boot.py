# SPDX-License-Identifier: MIT
"""boot.py - guests for the boot tests, and running them.

The environment names, beside what stock/debian.py wants, our init for arm64
(INIT).
"""
import functools
import hashlib
import json
import os
import pathlib
import pty
import re
import select
import subprocess
import tempfile
import time

from stock import debian
from stock.debian import IMAGES, MICROVM, locked
from stock.newc import cpio, tree_entries

INIT = pathlib.Path(os.environ["INIT"])
ARCH = "arm64"
TIMEOUT = 240           # seconds of a boot on a slow, busy machine

CLOUD = debian.cloud(ARCH)
GENERIC = debian.generic(ARCH)
NEXT = debian.cloud(ARCH, "trixie")

fetch = functools.partial(debian.fetch, ARCH)
fetch_unpacked = functools.partial(debian.fetch_unpacked, ARCH)
kernel_deb = functools.partial(debian.kernel_deb, ARCH)


def image(kind=CLOUD):
    return debian.image(ARCH, kind)


class Result:
    """How a run ended: status, console text, messages, report."""

    def __init__(self, status, console, messages, report):
        self.status, self.console = status, console
        self.messages, self.report = messages, report

    def lines(self):
        """The console's lines, as a person sees them."""
        text = self.console.decode("utf-8", "replace")
        return text.replace("\r\n", "\n").split("\n")

    def __str__(self):
        return (f"status {self.status}\n{self.messages}\n"
                + "\n".join(self.lines()))


def command(guest, options, words, report):
    kernel, initrd = guest
    cmd = [MICROVM, "run", "-k", kernel, "-i", initrd,
           "--timeout", str(TIMEOUT), f"--json={report}"]
    if "--clock" not in options:
        cmd += ["--clock", "virtual"]
    cmd += options
    return [str(c) for c in cmd + (["--", *words] if words else [])]


def run(guest, *words, options=(), stdin=None):
    """Run a command in the guest, or its shell with `stdin` as input."""
    with tempfile.TemporaryDirectory() as tmp:
        report = pathlib.Path(tmp) / "report"
        p = subprocess.run(command(guest, list(options), words, report),
                           input=stdin, stdout=subprocess.PIPE,
                           stdin=subprocess.DEVNULL if stdin is None else None,
                           stderr=subprocess.PIPE, check=False,
                           timeout=TIMEOUT + 30)
        facts = json.loads(report.read_text()) if report.exists() else {}
    return Result(p.returncode, p.stdout, p.stderr.decode(errors="replace"),
                  facts)


class Terminal:
    """A guest's shell on a terminal, with a person before it."""

    def __init__(self, guest, options=(), size=(40, 123)):
        self.text = b""
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            import termios
            termios.tcsetwinsize(0, size)
            os.execv(MICROVM, command(guest, list(options), (), "/dev/null"))

    def read(self, seconds):
        """More output; False at its end."""
        if not select.select([self.fd], [], [], seconds)[0]:
            raise TimeoutError(self.text.decode(errors="replace"))
        try:
            more = os.read(self.fd, 65536)
        except OSError:         # Linux's way to say the other side is gone
            more = b""
        self.text += more
        return bool(more)

    def expect(self, pattern, seconds=TIMEOUT):
        """Wait for it, and forget all up to its end; returns the match."""
        end = time.monotonic() + seconds
        while True:
            m = re.search(pattern, self.text)
            if m:
                self.text = self.text[m.end():]
                return m
            if not self.read(max(0.0, end - time.monotonic())):
                raise EOFError(self.text.decode(errors="replace"))

    def type(self, text):
        os.write(self.fd, text)

    def end(self, seconds=TIMEOUT):
        """Wait until the command ends; returns its exit status."""
        end = time.monotonic() + seconds
        while self.read(max(0.0, end - time.monotonic())):
            pass
        os.close(self.fd)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])


def digest(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
