#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""kvm.py [--runs N] [HOST]... - a boot under KVM, beside QEMU's.

The same stock kernel with the same initramfs and command line goes to its init
under microvm and under Debian's QEMU (-M microvm, or -M virt on arm64), in
turn, inside an emulated host; and on this machine, where it has a usable KVM
and QEMU.  Figures are medians.  In an emulated host only ratios and numbers of
exits mean something: exits are some fifty times dearer there than on a CPU.
"""
import argparse
import json
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

import host
import parts
from stock import debian
from stock.newc import cpio, tree_entries

HERE = pathlib.Path(__file__).resolve().parent
MIB = 256
MARKER = "guest-is-up"
MICROVM, QEMU = "microvm", "qemu"
PACKAGE = {"amd64": "qemu-system-x86", "arm64": "qemu-system-arm"}
EMULATOR = {"amd64": "qemu-system-x86_64", "arm64": "qemu-system-aarch64"}
# What -M microvm loads by itself; -M virt needs none.
FIRMWARE = {"amd64": {"qboot.rom": "bios-microvm.bin", "pvh.bin": "pvh.bin",
                      "linuxboot_dma.bin": "linuxboot_dma.bin"}, "arm64": {}}
FIGURES = (("wall_ms", "time to init, ms"),
           ("cpu_ms", "CPU time to init, ms"),
           ("entered_ms", "start to first entry of the guest, ms"),
           ("resident_kib", "resident beyond guest RAM, KiB"),
           ("private_kib", "of it not shared, KiB"),
           ("guest_kib", "guest RAM touched, KiB"),
           ("threads", "threads"),
           ("kvm_exits", "exits"))
# Of KVM's statistics, those of its kinds of exits, and the like.
KINDS = re.compile(r"kvm_(\w+_exits?(_\w+)?|hypercalls|insn_emulation|"
                   r"irq_injections|halt_wakeup|pf_taken)$")


def guest_initrd(arch):
    """busybox and our script, nothing else."""
    with tempfile.TemporaryDirectory() as tmp:
        tmp = pathlib.Path(tmp)
        subprocess.run(["dpkg-deb", "-x", debian.busybox_deb(arch),
                        tmp / "deb"], check=True)
        root = tmp / "root"
        for folder in ("bin", "proc", "dev"):
            (root / folder).mkdir(parents=True)
        shutil.copy(tmp / "deb/bin/busybox", root / "bin/busybox")
        (root / "bin/sh").symlink_to("busybox")
        shutil.copy(HERE / "bench_init.sh", root / "init")
        return cpio(tree_entries(root))


@debian.locked
def qemu(arch):
    """A folder with Debian's QEMU, what it needs, and its firmware."""
    out = debian.IMAGES / f"qemu-{arch}"
    if out.exists():
        return out
    new = out.with_suffix(".new")
    shutil.rmtree(new, ignore_errors=True)
    with tempfile.TemporaryDirectory() as tmp:
        tmp = pathlib.Path(tmp)
        debian.fetch_unpacked(arch, tmp, PACKAGE[arch])
        subprocess.run([debian.ROOT / "tools/bundle.py", "--sysroot", tmp,
                        "--out", new,
                        # from there it looks for its firmware
                        f"{tmp}/usr/bin/{EMULATOR[arch]}:"
                        f"/usr/bin/{EMULATOR[arch]}"],
                       check=True, stdout=subprocess.DEVNULL)
        share = new / "usr/share/qemu"
        share.mkdir(parents=True)
        for source, name in FIRMWARE[arch].items():
            found = next(tmp.glob(f"usr/share/*/{source}"))
            shutil.copy(found, share / name)
    new.rename(out)
    return out


def command(which, arch, kernel, initrd, cmdline):
    """Words that boot the guest with its console on standard output."""
    if which == MICROVM:
        return ["microvm", "run", "-q", "--backend", "kvm", "-m", MIB,
                "-k", kernel, "-i", initrd, "--no-vsock",
                "--cmdline", cmdline]
    machine = "microvm,rtc=on" if arch == "amd64" else "virt"
    return [EMULATOR[arch], "-M", machine, "-accel", "kvm", "-cpu", "host",
            "-m", MIB, "-nodefaults", "-no-user-config", "-nographic",
            "-serial", "stdio", "-no-reboot", "-kernel", kernel,
            "-initrd", initrd, "-append", cmdline]


def cmdline_of(arch, kernel, initrd):
    """What microvm gives this guest by default."""
    p = subprocess.run([debian.MICROVM, "dump", "cmdline", "-k", kernel,
                        "-i", initrd, "--no-vsock"], check=False, text=True,
                       stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    if p.returncode:
        sys.exit(f"bench: microvm dump: {p.stderr}")
    return p.stdout.strip("\0\n")


class Guest:
    """The files of the guest, here and (in `there`) in the emulated host."""

    def __init__(self, arch, folder):
        self.arch = arch
        self.kernel = debian.image(arch, debian.cloud(arch))[0]
        self.initrd = folder / f"initrd-{arch}"
        self.initrd.write_bytes(guest_initrd(arch))
        self.cmdline = cmdline_of(arch, self.kernel, self.initrd)


def steps(runs):
    """(name, VMM, whether to trace), in turn for fairness."""
    for i in range(1, runs + 1):
        for which in (MICROVM, QEMU):
            yield f"{which}-{i}", which, False
    for i in range(1, runs + 1):
        for which in (MICROVM, QEMU):
            yield f"{which}-entry-{i}", which, True


def bench_words(program, trace, words):
    return [program, *(["--trace"] if trace else []), MARKER,
            *map(str, words)]


def figures(text, into):
    for line in text.splitlines():
        name, value = line.split()
        into.setdefault(name, []).append(float(value))


def emulated(kind, guest, runs):
    """{VMM: {figure: values}} of boots in an emulated host."""
    machine = host.Host(kind, mib=1536)
    parts.microvm(machine)
    parts.make(kind.arch, "tests/bench/vmmbench")
    bench = parts.build(kind.arch) / "tests/bench/vmmbench"
    parts.bundle(machine, f"{bench}:/bin/vmmbench")
    machine.add_tree(qemu(kind.arch))
    machine.add("guest/kernel", guest.kernel)
    machine.add("guest/initrd", guest.initrd)
    for name, which, trace in steps(runs):
        words = command(which, kind.arch, "/guest/kernel", "/guest/initrd",
                        guest.cmdline)
        machine.step(name, *bench_words("vmmbench", trace, words), limit=200)
    outcome = machine.run(600)
    found = {MICROVM: {}, QEMU: {}}
    for name, which, _ in steps(runs):
        step = outcome.steps.get(name)
        if not step or step.status:
            sys.exit(f"bench: {step or name}\n{outcome}")
        figures(step.out, found[which])
    return found


def native(guest, runs):
    """The same on this machine; no tracing, which is root's."""
    found = {MICROVM: {}, QEMU: {}}
    bench = parts.build(parts.OWN) / "tests/bench/vmmbench"
    for _, which, trace in steps(runs):
        if trace:
            continue
        words = command(which, guest.arch, guest.kernel, guest.initrd,
                        guest.cmdline)
        if which == MICROVM:
            words[0] = debian.MICROVM
        p = subprocess.run(bench_words(bench, trace, words), check=False,
                           text=True, stdout=subprocess.PIPE)
        if p.returncode:
            sys.exit(f"bench: {which} failed on this machine")
        figures(p.stdout, found[which])
    return found


def no_native():
    """Why this machine's own KVM is not measured, or None."""
    p = subprocess.run([debian.MICROVM, "check", "--json", "--backend", "kvm"],
                       stdout=subprocess.PIPE, text=True, check=False)
    kvm, = json.loads(p.stdout)["backends"]
    if not kvm["usable"]:
        return kvm["error"]["message"]
    if not kvm["default"]:
        return kvm["detail"]
    if not shutil.which(EMULATOR[parts.OWN]):
        return f"no {EMULATOR[parts.OWN]} to compare with"
    return None


def report(title, found, runs):
    print(f"\n| {title}, {MIB} MiB, median of {runs} | microvm | QEMU | "
          "ratio |\n|---|---|---|---|")
    names = {name for got in found.values() for name in got}
    exits = sorted(name for name in names if KINDS.match(name))
    for name, text in (*FIGURES, *((n, n.replace("kvm_", "KVM: "))
                                   for n in exits)):
        if name not in names:
            continue
        mine, theirs = (statistics.median(found[which].get(name, [0]))
                        for which in (MICROVM, QEMU))
        ratio = f"{mine / theirs:.2f}" if theirs else ""
        print(f"| {text} | {mine:.0f} | {theirs:.0f} | {ratio} |", flush=True)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("host", nargs="*", choices=[[], *host.KINDS],
                        help="which to emulate (default: amd64 arm64)")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        folder = pathlib.Path(folder)
        for name in args.host or ("amd64", "arm64"):
            kind = host.KINDS[name]
            reason = host.missing(kind) or parts.missing(kind.arch)
            if reason:
                print(f"{name} host: not measured: {reason}")
                continue
            report(f"emulated {name} host",
                   emulated(kind, Guest(kind.arch, folder), args.runs),
                   args.runs)
        reason = no_native()
        if reason:
            print(f"\nthis machine: not measured: {reason}")
        else:
            report("this machine", native(Guest(parts.OWN, folder),
                                          args.runs), args.runs)


if __name__ == "__main__":
    main()
