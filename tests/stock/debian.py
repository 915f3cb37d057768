# SPDX-License-Identifier: MIT
"""debian.py - kernels and programs of Debian's archive, for tests.

The environment names the microvm command (MICROVM) and a folder of the build
directory for images (IMAGES).  Packages come through tools/fetch-deb.sh, which
keeps them: only the first run needs a network.  Architectures are named as
Debian names them.
"""
import fcntl
import functools
import os
import pathlib
import re
import shutil
import subprocess

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
MICROVM = os.environ["MICROVM"]
IMAGES = pathlib.Path(os.environ["IMAGES"])


def cloud(arch, suite=None):
    """(package, suite) of a kernel for virtual machines; None: the host's."""
    return f"linux-image-cloud-{arch}", suite


def generic(arch, suite=None):
    return f"linux-image-{arch}", suite


def locked(function):
    """One process at a time makes images: tests run side by side."""
    @functools.wraps(function)
    def call(*args):
        IMAGES.mkdir(parents=True, exist_ok=True)
        with open(IMAGES / ".lock", "w", encoding="ascii") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            return function(*args)
    return call


def fetch(arch, folder, options, *packages):
    """The .deb files of the packages in a new folder."""
    shutil.rmtree(folder, ignore_errors=True)
    subprocess.run([ROOT / "tools/fetch-deb.sh", *options, arch, folder,
                    *packages], check=True)


def fetch_unpacked(arch, folder, *packages):
    """The packages, and all they depend on, unpacked in a folder."""
    subprocess.run([ROOT / "tools/fetch-deb.sh", "-r", arch, folder,
                    *packages], check=True)


def kernel_deb(arch, package, suite):
    """The .deb with the kernel in it, behind those that only name it."""
    folder = IMAGES / "deb" / f"{package}-{suite or 'host'}"
    options = ["-k"] + (["-s", suite] if suite else [])
    for _ in range(3):
        fetch(arch, folder, options, package)
        deb, = folder.glob("*.deb")
        depends = subprocess.run(["dpkg-deb", "-f", deb, "Depends"],
                                 check=True, text=True,
                                 stdout=subprocess.PIPE).stdout
        real = re.match(r"linux-image-[^ ,]+", depends)
        if not real:
            return deb
        package = real[0]
    raise RuntimeError(f"{package}: no kernel in sight")


def busybox_deb(arch):
    folder = IMAGES / "deb" / f"busybox-{arch}"
    fetch(arch, folder, ["-k"], "busybox-static")
    return next(folder.glob("*.deb"))


@locked
def image(arch, kind):
    """(kernel, initrd) out of packages, by `microvm image build`."""
    package, suite = kind
    folder = IMAGES / f"{package}-{suite or 'host'}"
    done = folder / "initrd"
    if not done.exists() or done.stat().st_mtime < os.path.getmtime(MICROVM):
        subprocess.run([MICROVM, "image", "build", "--arch", arch,
                        "-o", folder,
                        "--kernel", kernel_deb(arch, package, suite),
                        "--busybox", busybox_deb(arch)], check=True)
    return folder / "kernel", folder / "initrd"
