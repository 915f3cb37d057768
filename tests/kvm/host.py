# SPDX-License-Identifier: MIT
"""host.py - emulated hosts with a real KVM, for machines that have none.

QEMU emulates a computer with AMD's SVM or with arm64's EL2 in software; a
stock Debian kernel on it offers /dev/kvm; steps run there as root, one after
the other, and what each printed comes back.  Knows nothing of microvm.
"""
import ctypes
import functools
import io
import lzma
import os
import pathlib
import re
import shlex
import shutil
import signal
import subprocess
import tarfile
import tempfile
import time

from stock import debian
from stock.newc import cpio, tree_entries

HERE = pathlib.Path(__file__).resolve().parent
MODULES = ("virtio_pci", "virtio_console")
CMDLINE = "quiet panic=-1 nokaslr cryptomgr.notests"
PR_SET_PDEATHSIG = 1    # prctl(2)


class Kind:
    """A computer to emulate, and the kernel it runs."""

    def __init__(self, name, arch, machine, cpu, modules=(), cmdline=""):
        self.name, self.arch = name, arch
        self.machine, self.cpu = machine, cpu
        self.modules = (*modules, *MODULES)
        self.cmdline = f"{CMDLINE} {cmdline}"
        self.emulator = {"amd64": "qemu-system-x86_64",
                         "arm64": "qemu-system-aarch64"}[arch]

    def __str__(self):
        return self.name


# EPYC has SVM and nested paging on, and no LA57, which costs time.  Neoverse:
# with "max", QEMU 7.2 runs stale code after SVE's stores.
AMD64 = Kind("amd64", "amd64", "q35", "EPYC", ("kvm-amd",),
             "console=ttyS0 tsc=reliable no_timer_check")
ARM64 = Kind("arm64", "arm64", "virt,virtualization=on,gic-version=3",
             "neoverse-n1", cmdline="console=ttyAMA0")
# Without VHE and with the older interrupt controller.
ARM64_V2 = Kind("arm64-v2", "arm64", "virt,virtualization=on,gic-version=2",
                "cortex-a57", cmdline="console=ttyAMA0")
KINDS = {kind.name: kind for kind in (AMD64, ARM64, ARM64_V2)}


def missing(kind):
    """Why this machine cannot emulate it, or None."""
    if not shutil.which(kind.emulator):
        return f"no {kind.emulator} on this machine"
    return None


def module_name(path):
    """The kernel takes - and _ for the same."""
    return re.sub(r"\.ko(\.xz)?$", "", path.rsplit("/", 1)[1]).replace("-", "_")


class KernelPackage:
    """A Debian kernel's .deb, unpacked as far as a host needs it."""

    def __init__(self, deb):
        tar = subprocess.run(["dpkg-deb", "--fsys-tarfile", deb], check=True,
                             stdout=subprocess.PIPE).stdout
        self.tar = tarfile.open(fileobj=io.BytesIO(tar))
        self.modules = {}
        for member in self.tar.getmembers():
            if re.search(r"\.ko(\.xz)?$", member.name):
                self.modules[module_name(member.name)] = member
            elif "/vmlinuz-" in member.name:
                self.kernel = self.tar.extractfile(member).read()
            elif member.name.endswith("/modules.builtin"):
                text = self.tar.extractfile(member).read().decode()
                self.builtin = {module_name(p) for p in text.split()}

    def module(self, name):
        member = self.modules[name]
        data = self.tar.extractfile(member).read()
        return lzma.decompress(data) if member.name.endswith("xz") else data

    def ordered(self, names):
        """{name: bytes} of these modules behind those they need."""
        order = {}

        def add(name):
            name = name.replace("-", "_")
            if name in order or name in self.builtin:
                return
            data = self.module(name)
            # .modinfo: strings of the form key=value, each ended by a NUL
            needs = re.search(rb"\0depends=([^\0]*)\0", data)
            for need in filter(None, needs[1].decode().split(",")):
                add(need)
            order[name] = data

        for name in names:
            add(name)
        return order


@debian.locked
def unpacked(kind, flavour):
    """A folder with a host's kernel, busybox and modules."""
    package, suite = flavour
    folder = debian.IMAGES / f"host-{kind.arch}-{package}-{suite or 'host'}"
    if folder.exists():
        return folder
    new = folder.with_suffix(".new")
    shutil.rmtree(new, ignore_errors=True)
    kernel = KernelPackage(debian.kernel_deb(kind.arch, package, suite))
    (new / "root/modules").mkdir(parents=True)
    (new / "kernel").write_bytes(kernel.kernel)
    modules = kernel.ordered(kind.modules)
    for name, data in modules.items():
        (new / "root/modules" / name).write_bytes(data)
    (new / "root/modules/order").write_text("".join(f"{m}\n" for m in modules))
    subprocess.run(["dpkg-deb", "-x", debian.busybox_deb(kind.arch),
                    new / "busybox"], check=True)
    (new / "root/bin").mkdir()
    shutil.copy(new / "busybox/bin/busybox", new / "root/bin/busybox")
    new.rename(folder)
    return folder


def die_with_parent():
    ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Step:
    """What became of one command in the host."""

    def __init__(self, name, files):
        self.name, self.files = name, files
        self.status = int(files["status"])
        self.out = files["out"].decode("utf-8", "replace").replace("\r", "")
        self.err = files["err"].decode("utf-8", "replace")
        begin, end = files["times"].split()
        self.seconds = float(end) - float(begin)

    def lines(self):
        return self.out.split("\n")

    def __str__(self):
        return (f"{self.name}: status {self.status}, {self.seconds:.1f} s\n"
                f"{self.out}\n{self.err}")


class Outcome:
    """What became of a host: 0, 124 (time limit) or 125 (died)."""

    def __init__(self, status, console, steps, seconds):
        self.status, self.console, self.steps = status, console, steps
        self.seconds = seconds

    def __str__(self):
        how = {0: "done", 124: "time limit", 125: "died"}[self.status]
        return f"the host: {how} after {self.seconds:.1f} s\n{self.console}"

    def uptime(self, mark):
        """The host's clock at one of the marks of init.sh."""
        found = re.search(rf"host: {mark} ([\d.]+)", self.console)
        return float(found[1]) if found else None


class Host:
    """Files and steps first, then run()."""

    def __init__(self, kind, flavour=None, cpus=1, mib=1536):
        self.kind, self.cpus, self.mib = kind, cpus, mib
        self.flavour = flavour or debian.cloud(kind.arch)
        self.entries = {}
        self.steps = []
        self.job = ""

    def add(self, path, source, executable=False):
        """A file of the host: bytes, or those of a file here."""
        path = path.lstrip("/")
        data = source if isinstance(source, bytes) else source.read_bytes()
        self.add_folder(path.rpartition("/")[0])
        mode = 0o100755 if executable else 0o100644
        self.entries[path] = (path, mode, (0, 0), data)

    def add_folder(self, path):
        path = path.strip("/")
        if path and path not in self.entries:
            self.add_folder(path.rpartition("/")[0])
            self.entries[path] = (path, 0o40755, (0, 0), b"")

    def add_tree(self, folder):
        """All of a folder, as it would lie in the host's root."""
        for entry in tree_entries(folder):
            self.entries[entry[0]] = entry

    def step(self, name, *words, limit=60):
        """One command; a name comes once."""
        assert name not in self.steps and "/" not in name
        self.steps.append(name)
        line = shlex.join(["step", name, str(limit), *map(str, words)])
        self.job += line + "\n"

    def run(self, limit):
        """An emulated host that died is made once more: QEMU's fault."""
        base = unpacked(self.kind, self.flavour)
        for folder in ("bin", "dev", "proc", "sys", "tmp", "results", "etc"):
            self.add_folder(folder)
        self.add("init", HERE / "init.sh", executable=True)
        self.add("job", self.job.encode())
        self.add("etc/passwd", b"root:x:0:0:root:/tmp:/bin/sh\n"
                 b"nobody:x:65534:65534:nobody:/tmp:/bin/sh\n")
        self.add_tree(base / "root")
        self.entries["bin/busybox"] = ("bin/busybox", 0o100755, (0, 0), (
            base / "root/bin/busybox").read_bytes())
        self.entries["bin/sh"] = ("bin/sh", 0o120777, (0, 0), b"busybox")
        with tempfile.TemporaryDirectory() as tmp:
            tmp = pathlib.Path(tmp)
            (tmp / "initrd").write_bytes(cpio(list(self.entries.values())))
            outcome = self.emulate(base / "kernel", tmp, limit)
            if outcome.status == 125:
                outcome = self.emulate(base / "kernel", tmp, limit)
        return outcome

    def command(self, kernel, tmp):
        return [self.kind.emulator, "-M", self.kind.machine,
                "-accel", "tcg,thread=multi", "-cpu", self.kind.cpu,
                "-smp", str(self.cpus), "-m", str(self.mib), "-nodefaults",
                "-no-user-config", "-nographic", "-no-reboot",
                "-serial", "stdio", "-device", "virtio-serial-pci",
                "-chardev", f"file,id=results,path={tmp}/results",
                "-device", "virtserialport,chardev=results",
                "-kernel", str(kernel), "-initrd", str(tmp / "initrd"),
                "-append", self.kind.cmdline]

    def emulate(self, kernel, tmp, limit):
        (tmp / "results").write_bytes(b"")
        begin = time.monotonic()
        with subprocess.Popen(self.command(kernel, tmp), text=False,
                              stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                              preexec_fn=die_with_parent) as p:
            late = False
            try:
                out, err = p.communicate(timeout=limit)
            except subprocess.TimeoutExpired:
                late = True
            finally:
                p.kill()
            if late:
                out, err = p.communicate()
        seconds = time.monotonic() - begin
        console = readable(out) + complaints(err)
        done = "host: done" in console
        status = 0 if done else 124 if late else 125
        return Outcome(status, console, steps_of(tmp / "results"), seconds)


def readable(console):
    """Without what is for terminals only."""
    text = console.decode("utf-8", "replace").replace("\r", "")
    return re.sub(r"\x1b[][(?0-9;]*[a-zA-Z]", "", text)


def complaints(err):
    """QEMU's, without those about features that nobody asked of it."""
    return "".join(line + "\n" for line in err.decode().splitlines()
                   if "TCG doesn't support requested feature" not in line)


def steps_of(path):
    """{name: Step} of archives one behind the other, the last maybe cut."""
    files = {}
    try:
        with tarfile.open(path, ignore_zeros=True) as tar:
            for member in tar:
                if member.isfile():
                    name, _, file = member.name.partition("/")
                    files.setdefault(name, {})[file] = (
                        tar.extractfile(member).read())
    except tarfile.ReadError:
        pass
    return {name: Step(name, got) for name, got in files.items()
            if {"out", "err", "status", "times"} <= got.keys()}
