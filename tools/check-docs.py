#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check-docs.py [ROOT] - links between documents lead somewhere, and C shown
in README.md is, line for line, part of a program in examples/."""
import pathlib
import re
import sys

LINK = re.compile(r"\[[^\]]+\]\(([^)#\s]+)[^)]*\)")
CODE = re.compile(r"^```c\n(.*?)^```$", re.M | re.S)


def bad_links(root, path, text):
    for target in LINK.findall(text):
        if "://" in target:
            continue
        if not (path.parent / target).exists():
            yield f"{path.relative_to(root)}: no such file: {target}"


def bad_code(root, text):
    programs = [p.read_text(encoding="utf-8")
                for p in sorted((root / "examples").glob("*.c"))]
    for code in CODE.findall(text):
        if not any(code in program for program in programs):
            yield ("README.md: not in examples/: "
                   + code.strip().splitlines()[0])


def main(argv):
    here = pathlib.Path(__file__).resolve().parent.parent
    root = pathlib.Path(argv[1]).resolve() if len(argv) > 1 else here
    readme = root / "README.md"
    if not readme.is_file():
        sys.exit(f"{root}: no README.md")
    bad = []
    for path in [readme, *sorted((root / "docs").rglob("*.md"))]:
        text = path.read_text(encoding="utf-8")
        bad += bad_links(root, path, text)
        if path == readme:
            bad += bad_code(root, text)
    print("\n".join(bad))
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
