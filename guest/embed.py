#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""embed.py - guest programs as one C file, for the microvm command to carry.

    embed.py OUT.c NAME:ARCH:FILE...

ARCH is arm64 or amd64.  The C file defines what guest/programs.h declares.
"""
import sys

ARCH = {"arm64": "MICROVM_ARCH_ARM64", "amd64": "MICROVM_ARCH_X86_64"}


def c_bytes(data):
    """The bytes as lines of a C initializer."""
    rows = (data[i:i + 16] for i in range(0, len(data), 16))
    return "\n".join("\t" + ", ".join(str(b) for b in r) + "," for r in rows)


def main(out, programs):
    arrays, table = [], []
    for i, program in enumerate(programs):
        name, arch, path = program.split(":", 2)
        with open(path, "rb") as f:
            data = f.read()
        arrays.append("static const unsigned char data%d[] = {\n%s\n};\n"
                      % (i, c_bytes(data)))
        table.append('\t{ "%s", %s, data%d, sizeof(data%d) },'
                     % (name, ARCH[arch], i, i))
    with open(out, "w", encoding="ascii") as f:
        f.write("/* made by guest/embed.py */\n"
                '#include "guest/programs.h"\n\n')
        f.write("\n".join(arrays))
        f.write("\nconst struct guest_program guest_programs[] = {\n%s\n};\n"
                "const size_t guest_programs_len = %d;\n"
                % ("\n".join(table), len(table)))


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2:])
