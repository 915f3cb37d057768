#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What an x86_64 guest would be given, read as the manual page says; on any
host, as nothing of it is run."""
import os
import re
import shutil
import struct
import subprocess
import tempfile
import unittest

from command import MICROVM, main, run

AREA = 0xe0000          # microvm(1): where the ACPI tables stand
LOAD = 16 << 20


def vmlinux():
    """The smallest there is: one instruction.  System V gABI 4 and 5."""
    header = struct.pack("<16sHHIQQQIHHHHHH", b"\x7fELF\2\1\1", 2, 62, 1,
                         LOAD, 64, 0, 0, 64, 56, 1, 0, 0, 0)
    segment = struct.pack("<IIQQQQQQ", 1, 5, 120, LOAD, LOAD, 1, 1, 1)
    return header + segment + b"\xf4"


class Dump(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        self.kernel = os.path.join(self.folder, "vmlinux")
        with open(self.kernel, "wb") as f:
            f.write(vmlinux())

    def dump(self, what, *args):
        p = run("dump", what, "-k", self.kernel, *args)
        self.assertEqual(p.returncode, 0, p.stderr)
        return p.stdout

    def tables(self, *args):
        """{signature: bytes} of all that the RSDP leads to."""
        area = self.dump("acpi", *args)

        def table(gpa):
            at = gpa - AREA
            length, = struct.unpack_from("<I", area, at + 4)
            self.assertLessEqual(at + length, len(area))
            found = area[at:at + length]
            self.assertEqual(sum(found) % 256, 0)
            return found

        # ACPI 6.4: 5.2.5.3 the RSDP, 5.2.8 the XSDT, 5.2.9 the FADT
        self.assertEqual(area[:8], b"RSD PTR ")
        self.assertEqual(sum(area[:36]) % 256, 0)
        xsdt = table(struct.unpack_from("<Q", area, 24)[0])
        count = (len(xsdt) - 36) // 8
        found = [table(gpa) for gpa in struct.unpack_from(f"<{count}Q", xsdt,
                                                          36)]
        named = {t[:4]: t for t in found}
        dsdt = table(struct.unpack_from("<Q", named[b"FACP"], 140)[0])
        return named | {b"DSDT": dsdt}

    def test_acpi_is_what_its_rsdp_leads_to(self):
        one, four = self.tables(), self.tables("-c", "4")
        self.assertEqual({b"FACP", b"APIC", b"DSDT"}, set(one))
        # 5.2.12.2: an entry of 8 bytes for each local APIC
        self.assertEqual(len(four[b"APIC"]), len(one[b"APIC"]) + 3 * 8)
        # A node for each virtio device, of which the only one can be left out.
        self.assertIn(b"LNRO0005", one[b"DSDT"])
        self.assertNotIn(b"LNRO0005", self.tables("--no-vsock")[b"DSDT"])

    @unittest.skipUnless(shutil.which("iasl"), "no iasl on this machine")
    def test_the_recipe_of_the_manual_page(self):
        recipe = """set -e
            "$0" dump acpi -k vmlinux -o acpi
            tail -c +$(($(grep -obUam1 DSDT acpi | cut -d: -f1) + 1)) acpi \\
                >dsdt.aml
            iasl -d dsdt.aml"""
        p = subprocess.run(["sh", "-c", recipe, MICROVM], cwd=self.folder,
                           stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                           check=False)
        self.assertEqual(p.returncode, 0, p.stdout)
        with open(os.path.join(self.folder, "dsdt.dsl"),
                  encoding="ascii") as f:
            self.assertIn('"LNRO0005"', f.read())

    def test_e820_has_all_of_the_memory(self):
        for size in ("128M", "8G"):
            lines = self.dump("e820", "-m", size).decode().splitlines()
            usable = 0
            for line in lines:
                start, end, kind = re.fullmatch(
                    r"\[mem 0x(\w+)-0x(\w+)\] (usable|reserved)",
                    line).groups()
                if kind == "usable":
                    usable += int(end, 16) + 1 - int(start, 16)
            total = int(size[:-1]) << {"M": 20, "G": 30}[size[-1]]
            # What is below 1 MiB is the firmware's, but for 639 KiB.
            self.assertEqual(usable, total - (1 << 20) + 639 * 1024, lines)

    def test_the_command_line_is_x86_s(self):
        line = self.dump("cmdline", "-a", "more").decode()
        self.assertRegex(line, r"^console=ttyS0 .* quiet more\n$")

    def test_a_backend_by_name_must_be_able_to_run_it(self):
        p = run("dump", "acpi", "-k", self.kernel, "--backend", "soft")
        self.assertEqual((p.returncode, p.stdout), (125, b""))
        self.assertIn(b"backend soft does not run guests", p.stderr)

    def test_it_has_no_device_tree(self):
        p = run("dump", "dtb", "-k", self.kernel)
        self.assertEqual(p.returncode, 125)
        self.assertIn(b"this one has acpi and e820", p.stderr)


if __name__ == "__main__":
    main()
