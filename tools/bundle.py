#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""bundle.py [--sysroot DIR] --out DIR PROGRAM[:PATH]... - programs with all the
shared libraries they need, as a tree that can be the root of a small system.

A program goes to /bin, or to PATH.  Libraries are what its DT_NEEDED entries
name, and those of the libraries, found as the dynamic loader finds them but
below the sysroot (/ by default); they go where the loader looks by itself.
The loader goes where the program asks for it.  Any architecture: nothing runs.
"""
import argparse
import pathlib
import re
import shutil
import subprocess
import sys

# ELF machine -> Debian's name of the folder of its libraries.
TRIPLET = {
    "AArch64": "aarch64-linux-gnu",
    "Advanced Micro Devices X86-64": "x86_64-linux-gnu",
}


class Elf:
    """What the dynamic loader reads of a file."""

    def __init__(self, path):
        p = subprocess.run(["readelf", "-hldW", str(path)], text=True,
                           capture_output=True, check=False)
        if p.returncode:
            sys.exit(f"{path}: not an ELF file: {p.stderr.strip()}")
        machine = re.search(r"Machine:\s+(.+)", p.stdout).group(1).strip()
        if machine not in TRIPLET:
            sys.exit(f"{path}: no folder of libraries known for {machine}")
        self.triplet = TRIPLET[machine]
        loader = re.search(r"interpreter: ([^]]+)\]", p.stdout)
        self.loader = loader.group(1) if loader else None
        self.needed = re.findall(r"\(NEEDED\).*\[(.+)\]", p.stdout)
        paths = re.findall(r"\((?:RPATH|RUNPATH)\).*\[(.+)\]", p.stdout)
        self.paths = [d for many in paths for d in many.split(":")]


def find(name, elf, path, sysroot):
    """The library `name` for the file `path`, or the end."""
    where = [pathlib.Path(d.replace("$ORIGIN", str(path.parent)))
             for d in elf.paths]
    where += [sysroot / d for d in (
        f"lib/{elf.triplet}", f"usr/lib/{elf.triplet}", "lib", "usr/lib",
        "lib64", "usr/lib64")]
    for folder in where:
        found = folder / name
        if found.exists() and Elf(found).triplet == elf.triplet:
            return found
    sys.exit(f"{path}: needs {name}, which is not below {sysroot}")


def put(source, out, where):
    """Copy with what a symbolic link leads to, but not the link."""
    target = out / where.lstrip("/")
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copy(source, target)
    target.chmod(0o755)
    print(f"{target.stat().st_size:10} /{target.relative_to(out)}")


def bundle(programs, sysroot, out):
    have = set()
    work = []
    for word in programs:
        path, _, where = word.partition(":")
        path = pathlib.Path(path)
        put(path, out, where or f"bin/{path.name}")
        work.append(path)
    while work:
        path = work.pop()
        elf = Elf(path)
        if elf.loader and elf.loader not in have:
            have |= {elf.loader, pathlib.Path(elf.loader).name}
            loader = sysroot / elf.loader.lstrip("/")
            if not loader.exists():
                sys.exit(f"{path}: needs {elf.loader}, "
                         f"which is not below {sysroot}")
            put(loader, out, elf.loader)
        for name in elf.needed:
            if name in have:
                continue
            have.add(name)
            found = find(name, elf, path, sysroot)
            put(found, out, f"lib/{elf.triplet}/{name}")
            work.append(found)


def main():
    p = argparse.ArgumentParser()
    p.add_argument("--sysroot", type=pathlib.Path, default="/")
    p.add_argument("--out", type=pathlib.Path, required=True)
    p.add_argument("program", nargs="+")
    a = p.parse_args()
    bundle(a.program, a.sysroot, a.out)


if __name__ == "__main__":
    main()
