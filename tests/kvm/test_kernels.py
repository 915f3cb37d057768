# SPDX-License-Identifier: MIT
"""Kernels of several flavours and versions under KVM, packed and unpacked."""
import struct
import subprocess

import parts
from stock import debian
from test_boot import complaints, facts, look
from topic import Topic

# Linux Documentation/arch/x86/boot.rst, "The Real-Mode Kernel Header"
SETUP_SECTS, PAYLOAD_OFFSET, PAYLOAD_LENGTH = 0x1f1, 0x248, 0x24c
UNPACK = {b"\xfd7zXZ\0": ["xz", "-dc"], b"\x28\xb5\x2f\xfd": ["zstd", "-dcq"],
          b"\x02\x21\x4c\x18": ["lz4", "-dcq"]}


def vmlinux(bzimage):
    """The ELF file that a bzImage unpacks in the guest."""
    start = (bzimage[SETUP_SECTS] + 1) * 512
    offset, length = struct.unpack_from("<II", bzimage, PAYLOAD_OFFSET)
    payload = bzimage[start + offset:start + offset + length]
    for magic, tool in UNPACK.items():
        if payload.startswith(magic):
            # The last 4 bytes are the size it has unpacked.
            elf = subprocess.run(tool, input=payload[:-4], check=True,
                                 stdout=subprocess.PIPE).stdout
            break
    else:
        raise ValueError(f"a kernel packed as {payload[:6].hex()}")
    assert elf.startswith(b"\x7fELF")
    return elf


class Kernels(Topic):
    MIB = 3072

    @classmethod
    def prepare(cls, host):
        arch = host.kind.arch
        parts.microvm(host)
        cls.want = {}
        for name, flavour, version in (
                ("cloud", debian.cloud(arch), "6.1."),
                ("generic", debian.generic(arch), "6.1."),
                ("next", debian.cloud(arch, "trixie"), "6.12.")):
            parts.guest(host, flavour, name)
            cls.add(host, name, name, "kernel", version)
            if arch == "amd64":
                kernel = debian.image(arch, flavour)[0].read_bytes()
                host.add(f"{name}/vmlinux", vmlinux(kernel))
                cls.add(host, f"{name}-elf", name, "vmlinux", version)

    @classmethod
    def add(cls, host, step, folder, file, version):
        words = [f"/{folder}/{file}" if word == "/guest/kernel" else
                 f"/{folder}/initrd" if word == "/guest/initrd" else word
                 for word in look("-c", "2")]
        host.step(step, *words, limit=120)
        cls.want[step] = version

    def test_each_comes_up(self):
        for name, version in self.want.items():
            with self.subTest(kernel=name):
                step = self.done(name, 42)
                said = facts(step)
                print(f"guest {name}: init after {said['up']} s, "
                      f"off after {step.seconds:.1f} s")
                self.assertTrue(said["release"].startswith(version), step)
                self.assertEqual(said["cpus"], "2", step)
                self.assertEqual(complaints(step), [], step)
