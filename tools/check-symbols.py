#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check-symbols.py HEADER LIBRARY... - what a library exports is what its
header declares: each MICROVM_API function, and nothing else."""
import re
import subprocess
import sys


def declared(header):
    with open(header, encoding="utf-8") as f:
        text = re.sub(r"/\*.*?\*/", "", f.read(), flags=re.S)
    text = re.sub(r"^#.*$", "", text, flags=re.M)
    return set(re.findall(r"\bMICROVM_API\b[^;(]*?\b(\w+)\(", text))


def exported(library):
    dynamic = [] if library.endswith((".a", ".o")) else ["-D"]
    out = subprocess.run(
        ["nm", "-g", "--defined-only", "-P"] + dynamic + [library],
        check=True, capture_output=True, text=True).stdout
    names = (line.split() for line in out.splitlines())
    # The version's own name (A) comes with a version script.
    return {n[0].split("@")[0] for n in names if len(n) > 1 and n[1] != "A"}


def main(argv):
    if len(argv) < 3:
        sys.exit("usage: check-symbols.py HEADER LIBRARY...")
    want = declared(argv[1])
    if not want:
        sys.exit(f"{argv[1]}: declares no MICROVM_API function")
    bad = 0
    for library in argv[2:]:
        have = exported(library)
        for name in sorted(have - want):
            print(f"{library}: exports {name}, which {argv[1]} does not have")
            bad += 1
        for name in sorted(want - have):
            print(f"{library}: lacks {name} of {argv[1]}")
            bad += 1
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
