# SPDX-License-Identifier: MIT
"""What `microvm dump` tells of a guest's machine is what the guest was given:
memory map and ACPI tables, or the device tree."""
import base64
import re
import struct
import subprocess

import parts
from test_boot import GUEST
from topic import Topic

FILES = ("-k", "/guest/kernel", "-i", "/guest/initrd")
SHAPE = ("-m", "5G", "-c", "3")
# A file is printed as "file NAME: ", its bytes, "end".
TELL = {
    "amd64": "dmesg | sed -n 's/.*BIOS-e820: /e820: /p'; "
             "for f in /sys/firmware/acpi/tables/????; do "
             "[ -d $f ] && continue; echo \"file ${f##*/}: \"; base64 $f; "
             "echo end; done",
    "arm64": "echo 'file fdt: '; base64 /sys/firmware/fdt; echo end",
}
DUMPS = {"amd64": ("e820", "acpi"), "arm64": ("dtb",)}
# ACPI 6.5: 5.2.5.3 RSDP, 5.2.6 table header, 5.2.8 XSDT, 5.2.9 FADT
RSDP_XSDT, TABLE_LENGTH, TABLE_HEADER, FADT_X_DSDT = 24, 4, 36, 140


def acpi_tables(dump):
    """{signature: table} of an RSDP and all that it leads to."""
    xsdt_gpa, = struct.unpack_from("<Q", dump, RSDP_XSDT)
    base = xsdt_gpa - dump.index(b"XSDT")

    def table(gpa):
        length, = struct.unpack_from("<I", dump, gpa - base + TABLE_LENGTH)
        return dump[gpa - base:gpa - base + length]

    xsdt = table(xsdt_gpa)
    tables = [table(gpa) for gpa, in
              struct.iter_unpack("<Q", xsdt[TABLE_HEADER:])]
    for fadt in [t for t in tables if t.startswith(b"FACP")]:
        tables.append(table(*struct.unpack_from("<Q", fadt, FADT_X_DSDT)))
    return {t[:4].decode(): t for t in tables}


def tree(dtb):
    """A device tree as lines, without what is random, or wiped when read."""
    text = subprocess.run(["dtc", "-I", "dtb", "-O", "dts", "-q"], input=dtb,
                          stdout=subprocess.PIPE, check=True).stdout.decode()
    return [line for line in text.split("\n")
            if not re.search(r"rng-seed|kaslr-seed", line)]


class Tables(Topic):
    MIB = 2048

    @classmethod
    def prepare(cls, host):
        cls.arch = host.kind.arch
        parts.microvm(host)
        parts.guest(host)
        # The command is a file of the initramfs, which dump makes as run does.
        words = [*SHAPE, "--", "sh", "-c", TELL[cls.arch]]
        for name in DUMPS[cls.arch]:
            host.step(f"dump-{name}", "sh", "-c",
                      'exec microvm dump "$0" -o "$RESULTS/dump" "$@"', name,
                      *FILES, *words)
        host.step("tables", *GUEST, *words, limit=120)

    def dump(self, name):
        return self.done(f"dump-{name}").files["dump"]

    def files(self):
        """{name: bytes} of those the guest printed."""
        text = self.done("tables").out
        return {name: base64.b64decode(data) for name, data in
                re.findall(r"^file (\w+): *\n(.*?)^end$", text, re.M | re.S)}

    def check_amd64(self):
        said = re.findall(r"^e820: (.*)$", self.done("tables").out, re.M)
        self.assertGreaterEqual(len(said), 4)   # RAM above 4 GiB, too
        self.assertEqual("".join(f"{line}\n" for line in said),
                         self.dump("e820").decode())
        want = acpi_tables(self.dump("acpi"))
        self.assertLessEqual({"FACP", "APIC", "DSDT"}, want.keys())
        self.assertEqual(self.files(), want)

    def check_arm64(self):
        want = tree(self.dump("dtb"))
        self.assertGreater(len(want), 20)
        self.assertEqual(tree(self.files()["fdt"]), want)

    def test_the_guest_was_given_what_dump_tells(self):
        getattr(self, f"check_{self.arch}")()
