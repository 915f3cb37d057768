#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Debian's own programs, dynamic and on glibc, compute what they should.

An initramfs is put together from Debian's packages (bash, coreutils, openssl,
perl, gzip, mawk and the libraries they need); glibc.sh runs inside, and every
line it prints is compared with what this program computes on the host.
"""
import base64
import hashlib
import hmac
import math
import pathlib
import shutil
import struct
import unittest
import zlib

import boot

PACKAGES = ("bash", "coreutils", "diffutils", "grep", "gzip", "mawk", "openssl",
            "perl-base")
UNUSED = ("usr/share", "usr/lib/aarch64-linux-gnu/gconv", "etc/ssl/certs")


@boot.locked
def initrd():
    """Our init, bash as its shell, and the packages as they are."""
    root = boot.IMAGES / "glibc"
    shutil.rmtree(root, ignore_errors=True)
    boot.fetch_unpacked(root, *PACKAGES)
    for folder in UNUSED:
        shutil.rmtree(root / folder, ignore_errors=True)
    for folder in ("dev", "proc", "sys", "run", "tmp", "root"):
        (root / folder).mkdir(exist_ok=True)
    (root / "bin/sh").unlink(missing_ok=True)
    (root / "bin/sh").symlink_to("bash")
    (root / "usr/bin/awk").unlink(missing_ok=True)
    (root / "usr/bin/awk").symlink_to("mawk")
    (root / "work.sh").write_bytes(
        (pathlib.Path(__file__).parent / "glibc.sh").read_bytes())
    shutil.copy(boot.INIT, root / "init")
    (root / "init").chmod(0o755)
    entries = boot.tree_entries(root)
    entries.append(("dev/console", 0o20600, (5, 1), b""))
    path = boot.IMAGES / "glibc.cpio"
    path.write_bytes(boot.cpio(entries))
    shutil.rmtree(root)
    return path


def numbers():
    return b"".join(b"%d\n" % i for i in range(1, 30001))


def text():
    return b"".join(b"%d text that repeats and packs well\n"
                    % (i * 7919 % 20011) for i in range(20000))


def factors(n):
    found, p = [], 2
    while p * p <= n:
        while n % p == 0:
            found.append(p)
            n //= p
        p += 1
    return found + ([n] if n > 1 else [])


def wrap(x):
    """As a signed number of 64 bits."""
    x &= (1 << 64) - 1
    return x - (1 << 64) if x >> 63 else x


def xorshift():
    x = 88172645463325252
    for _ in range(2000):
        x = wrap(x ^ wrap(x << 13))
        x = wrap(x ^ ((x >> 7) & 0x1ffffffffffffff))
        x = wrap(x ^ wrap(x << 17))
    return x


def collatz(n):
    steps = 0
    while n != 1:
        n = 3 * n + 1 if n % 2 else n // 2
        steps += 1
    return steps


def fib(n):
    a, b = 0, 1
    for _ in range(n):
        a, b = b, a + b
    return a


def hashes():
    data = numbers() + text()
    want = {"bytes": str(len(data))}
    for name in ("md5", "sha1", "sha256", "sha512"):
        want["coreutils " + name] = hashlib.new(name, data).hexdigest()
        want["openssl " + name] = want["coreutils " + name]
    want["openssl sha3-256"] = hashlib.sha3_256(data).hexdigest()
    want["openssl blake2b512"] = hashlib.blake2b(data).hexdigest()
    want["hmac"] = hmac.new(b"key", text(), "sha256").hexdigest()
    want["base64"] = hashlib.sha256(base64.b64encode(numbers())).hexdigest()
    # GNU sort -n: by number, then by the bytes of the line
    lines = sorted(text().splitlines(True),
                   key=lambda l: (int(l.split()[0]), l))
    want["sort"] = hashlib.sha256(b"".join(lines)).hexdigest()
    want["uniq"] = str(len({l.split()[0] for l in lines}))
    want["crc32"] = f" {zlib.crc32(numbers())} {len(numbers())}"
    return want


def crypto():
    prime = 2 ** 127 - 1
    big = (18446744073709551615, 1000000007000000063)
    want = {"aes": "8ea2b7ca516745bfeafc49904b496089",  # FIPS 197 C.3
            "prime": f"{prime:X} ({prime}) is prime",
            "ecdsa": "Verified OK", "rsa": "Verified OK", "x25519": "1",
            "factor": None}
    want["factor lines"] = [f"{n}: " + " ".join(map(str, factors(n)))
                            for n in big]
    for name in ("aes-128-cbc", "aes-256-ctr", "chacha20",
                 "camellia-128-cbc", "gzip 1", "gzip 6", "gzip 9"):
        want[name] = "same"
    return want


def floats():
    s = 0.0
    for i in range(1, 100001):
        s += 1 / i
    exact = (s, s * s - 1e-3, math.sqrt(2 * s))
    other = (math.sin(1), math.cos(2), math.atan2(1, 3), math.exp(1.5),
             math.log(10))
    return {"awk": " ".join("%.17g" % x for x in exact) + f" {int(s * 1e6)}",
            "awk-math": " ".join("%.12g" % x for x in other),
            "perl float": " ".join("%.17g" % x for x in (
                1 / 3, math.sqrt(2) * 1e100, (0.1 + 0.2) / 3e-5)),
            "perl pack": struct.pack(">dfqH", -2.5, 0.1, -2, 65534).hex()}


def integers():
    h = [i * 2654435761 % 4294967296 for i in range(1, 5001)]
    n = 0
    for x in sorted(h):
        n = (n * 31 + x) % 1000000007
    return {"perl int": str(sum(i * i % 7919 for i in range(1, 50001))),
            "perl sort": str(n),
            "perl hash": str(len({x % 997 for x in h})),
            "perl regex": str(sum(str(i * 3).endswith("7")
                                  for i in range(1, 1001))),
            "fib": str(fib(15)), "xorshift": str(xorshift()),
            "collatz": str(max(collatz(i) for i in range(1, 300))),
            "array": str(len({l[:2] for l in numbers().split()})),
            "processes": str(sum(i % 7 for i in range(1, 41))),
            "done": "aarch64"}


class Glibc(unittest.TestCase):
    maxDiff = None

    def check(self, *options):
        kernel, _ = boot.image()
        result = boot.run((kernel, initrd()), "bash", "/work.sh",
                          options=["-m", "512M", *options])
        self.assertEqual(result.status, 0, result)
        want = {**hashes(), **crypto(), **floats(), **integers()}
        factored = want.pop("factor lines")
        del want["factor"]
        got = dict(line.split(": ", 1) for line in result.lines()
                   if ": " in line and not line.startswith("["))
        for name, value in want.items():
            self.assertEqual(got.get(name), value, f"{name}\n{result}")
        self.assertIn("factor: " + factored[0], result.lines())
        self.assertIn(factored[1], result.lines())

    def test_every_result_is_the_hosts(self):
        self.check()

    def test_on_four_cpus_too(self):
        self.check("--cpus", "4")


if __name__ == "__main__":
    unittest.main(verbosity=2)
