#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Kernels of other flavours and versions boot, and packed ones."""
import gzip
import shutil
import struct
import subprocess
import tempfile
import unittest

import boot


def zboot(kernel, codec, payload):
    """What the kernel's build calls vmlinuz.efi (EFI_ZBOOT): a header with
    the place, the size and the codec of a packed kernel."""
    header = bytearray(512)
    header[0:8] = b"MZ\0\0zimg"
    struct.pack_into("<II", header, 8, len(header), len(payload))
    header[24:24 + len(codec)] = codec
    struct.pack_into("<I", header, 56, 0x818223cd)      # LINUX_PE_MAGIC
    return bytes(header) + payload + struct.pack("<I", len(kernel))


class Kernels(unittest.TestCase):
    def check(self, guest, *want):
        result = boot.run(guest, "sh", "-c", "uname -r; ls /dev/vsock; "
                          "dmesg | grep -c 'BUG:\\|WARNING:\\|Oops'")
        self.assertEqual(result.status, 0, result)
        lines = result.lines()
        self.assertIn("/dev/vsock", lines, result)
        self.assertIn("0", lines, result)
        for text in want:
            self.assertTrue(any(text in line for line in lines), result)
        self.assertNotIn("microvm-init:", str(result))

    def test_the_generic_kernel_of_debian_12(self):
        self.check(boot.image(boot.GENERIC), "6.1.")

    def test_the_cloud_kernel_of_debian_13(self):
        self.check(boot.image(boot.NEXT), "6.12.")

    def packed(self, pack):
        kernel, initrd = boot.image()
        with tempfile.TemporaryDirectory() as tmp:
            path = f"{tmp}/kernel"
            with open(path, "wb") as f:
                f.write(pack(kernel.read_bytes()))
            self.check((path, initrd), "cloud")

    def test_a_kernel_packed_by_gzip(self):
        self.packed(lambda k: gzip.compress(k, 1))

    def test_a_kernel_packed_by_zstd(self):
        if not shutil.which("zstd"):
            self.skipTest("no zstd on this machine")
        self.packed(lambda k: subprocess.run(
            ["zstd", "-1", "-q", "-c"], input=k, check=True,
            stdout=subprocess.PIPE).stdout)

    def test_a_kernel_in_an_efi_zboot_image(self):
        self.packed(lambda k: zboot(k, b"gzip", gzip.compress(k, 1)))


if __name__ == "__main__":
    unittest.main(verbosity=2)
