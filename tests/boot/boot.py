# SPDX-License-Identifier: MIT
"""boot.py - guests for the boot tests, and running them.

The environment names the microvm command (MICROVM), our init for arm64
(INIT) and a folder of the build directory for images (IMAGES).  Packages come
through tools/fetch-deb.sh, which keeps them: only the first run needs a
network.
"""
import fcntl
import functools
import hashlib
import json
import os
import pathlib
import pty
import re
import select
import shutil
import subprocess
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MICROVM = os.environ["MICROVM"]
INIT = pathlib.Path(os.environ["INIT"])
IMAGES = pathlib.Path(os.environ["IMAGES"])
ARCH = "arm64"
TIMEOUT = 240           # seconds of a boot on a slow, busy machine

# (name of the package, suite: None is the host's)
CLOUD = ("linux-image-cloud-arm64", None)
GENERIC = ("linux-image-arm64", None)
NEXT = ("linux-image-cloud-arm64", "trixie")


def locked(function):
    """One process at a time makes images: tests run side by side."""
    @functools.wraps(function)
    def call(*args):
        IMAGES.mkdir(parents=True, exist_ok=True)
        with open(IMAGES / ".lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return function(*args)
    return call


def fetch(folder, options, *packages):
    """The .deb files of the packages in a new folder."""
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([ROOT / "tools/fetch-deb.sh", *options, ARCH, folder,
                    *packages], check=True)


def fetch_unpacked(folder, *packages):
    """The packages, and all they depend on, unpacked in a folder."""
    subprocess.run([ROOT / "tools/fetch-deb.sh", "-r", ARCH, folder,
                    *packages], check=True)


def kernel_deb(package, suite):
    """The .deb with the kernel in it, behind those that only name it."""
    folder = IMAGES / "deb" / f"{package}-{suite or 'host'}"
    options = ["-k"] + (["-s", suite] if suite else [])
    for _ in range(3):
        fetch(folder, options, package)
        deb, = folder.glob("*.deb")
        depends = subprocess.run(["dpkg-deb", "-f", deb, "Depends"],
                                 check=True, text=True,
                                 stdout=subprocess.PIPE).stdout
        real = re.match(r"linux-image-[^ ,]+", depends)
        if not real:
            return deb
        package = real[0]
    raise RuntimeError(f"{package}: no kernel in sight")


@locked
def image(kind=CLOUD):
    """(kernel, initrd) out of packages, by `microvm image build`."""
    package, suite = kind
    folder = IMAGES / f"{package}-{suite or 'host'}"
    done = folder / "initrd"
    if not done.exists() or done.stat().st_mtime < os.path.getmtime(MICROVM):
        busybox = IMAGES / "deb" / "busybox"
        fetch(busybox, ["-k"], "busybox-static")
        subprocess.run([MICROVM, "image", "build", "--arch", ARCH,
                        "-o", folder, "--kernel", kernel_deb(package, suite),
                        "--busybox", next(busybox.glob("*.deb"))],
                       check=True)
    return folder / "kernel", folder / "initrd"


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


def cpio(entries):
    """A newc archive of (path, mode with type, device, bytes) entries."""
    out = bytearray()
    for ino, (path, mode, dev, data) in enumerate(
            entries + [("TRAILER!!!", 0, (0, 0), b"")], 1):
        name = path.encode() + b"\0"
        fields = (ino, mode, 0, 0, 1, 0, len(data), 0, 0, *dev, len(name), 0)
        out += b"070701" + b"".join(b"%08X" % f for f in fields) + name
        out += bytes(-len(out) % 4)
        out += data
        out += bytes(-len(out) % 4)
    return bytes(out)


def tree_entries(folder):
    """Everything below a folder, folders first."""
    entries = []
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            entries.append((name, 0o120777, (0, 0),
                            os.readlink(path).encode()))
        elif path.is_dir():
            entries.append((name, 0o40755, (0, 0), b""))
        else:
            mode = 0o100755 if path.stat().st_mode & 0o111 else 0o100644
            entries.append((name, mode, (0, 0), path.read_bytes()))
    return entries


def digest(path):
    return hashlib.sha256(pathlib.Path(path).read_bytes()).hexdigest()
