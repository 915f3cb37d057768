# SPDX-License-Identifier: MIT
"""parts.py - what is put into an emulated host: our programs, and guests.

The environment names the build directory of this machine's programs (BUILD);
those for another architecture are in build-ARCH, made by tools/cross-*.sh.
"""
import fcntl
import json
import os
import pathlib
import subprocess
import tempfile

from stock import debian
from stock.newc import cpio, tree_entries

ROOT = debian.ROOT
OWN = {"x86_64": "amd64", "aarch64": "arm64"}.get(os.uname().machine)
PRODUCTS = ("cli/microvm", "tests/guests/run-guest")


def build(arch):
    """The build directory of an architecture's programs."""
    if arch == OWN:
        return pathlib.Path(os.environ["BUILD"])
    return pathlib.Path(os.environ.get(f"BUILD_{arch.upper()}",
                                       ROOT / f"build-{arch}"))


def missing(arch):
    """Why there are no programs for it, or None."""
    if (build(arch) / "build.ninja").exists():
        return None
    tool = f"tools/cross-{arch}.sh"
    if (ROOT / tool).exists():
        return f"no build-{arch}: {tool} makes it"
    return f"no build-{arch}, and no {tool} to make it"


def make(arch, *targets):
    """Bring programs up to date, as those are that meson knows we need."""
    with open(build(arch) / ".lock", "w", encoding="ascii") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        p = subprocess.run(["ninja", "-C", build(arch), *targets],
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           text=True, check=False)
    if p.returncode:
        raise RuntimeError(f"build-{arch}: {p.stdout}")


def bundle(host, *programs, sysroot=None):
    """Programs as PATH:PATH-IN-HOST, with their libraries."""
    options = []
    if sysroot:
        options = ["--sysroot", sysroot]
    elif host.kind.arch != OWN:
        options = ["--sysroot", build(host.kind.arch) / "sysroot"]
    with tempfile.TemporaryDirectory() as tmp:
        subprocess.run([ROOT / "tools/bundle.py", *options, "--out", tmp,
                        *programs], check=True, stdout=subprocess.DEVNULL)
        host.add_tree(pathlib.Path(tmp))


def microvm(host):
    """/bin/microvm and /bin/run-guest, once."""
    if "bin/microvm" in host.entries:
        return
    folder = build(host.kind.arch)
    make(host.kind.arch, *PRODUCTS)
    bundle(host, *(f"{folder / path}:/bin/{path.rpartition('/')[2]}"
                   for path in PRODUCTS))


def guest(host, flavour=None, name="guest"):
    """/NAME/kernel and /NAME/initrd, of a stock kernel and our image."""
    kernel, initrd = debian.image(host.kind.arch,
                                  flavour or debian.cloud(host.kind.arch))
    host.add(f"{name}/kernel", kernel)
    host.add(f"{name}/initrd", initrd)


@debian.locked
def curl(arch):
    """An archive with curl and its libraries, for a guest."""
    path = debian.IMAGES / f"curl-{arch}.cpio"
    if not path.exists():
        with tempfile.TemporaryDirectory() as tmp:
            tmp = pathlib.Path(tmp)
            debian.fetch_unpacked(arch, tmp / "root", "curl")
            subprocess.run([ROOT / "tools/bundle.py", "--sysroot",
                            tmp / "root", "--out", tmp / "out",
                            tmp / "root/usr/bin/curl"], check=True,
                           stdout=subprocess.DEVNULL)
            path.write_bytes(cpio(tree_entries(tmp / "out")))
    return path


def tests(arch):
    """What meson knows of the tests of a build directory."""
    path = build(arch) / "meson-info/intro-tests.json"
    return json.loads(path.read_text())


def machine(kind):
    """Our name of the guests that such a host runs."""
    return {"amd64": "x86_64", "arm64": "arm64"}[kind.arch]
