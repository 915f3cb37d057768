#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check-layers.py [ROOT] - every include follows an arrow of the table in
docs/architecture.md; nothing includes upward or sideways."""
import fnmatch
import pathlib
import re
import sys

C11 = set("""assert complex ctype errno fenv float inttypes iso646 limits
locale math setjmp signal stdalign stdarg stdatomic stdbool stddef stdint
stdio stdlib stdnoreturn string tgmath threads time uchar wchar
wctype""".split())
INCLUDE = re.compile(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]')
HEAD = re.compile(r"^\| module \| may include \|")
ROW = re.compile(r"^\|\s*`([\w/-]+)`\s*\|([^|]*)\|([^|]*)\|\s*$")


class Module:
    """One row: who it is, what it may include, which headers from outside."""

    def __init__(self, name, arrows, outside):
        self.name = name
        self.arrows = set(re.findall(r"`([\w/-]+)`", arrows))
        self.outside = set(re.findall(r"`([^`]+)`", outside))


def read_table(path):
    rows = {}
    inside = False
    for line in path.read_text(encoding="utf-8").splitlines():
        inside = line.startswith("|") and (inside or bool(HEAD.match(line)))
        m = ROW.match(line)
        if inside and m:
            rows[m[1]] = Module(m[1], m[2], m[3])
    if not rows:
        sys.exit(f"{path}: has no table of arrows")
    for row in rows.values():
        for name in row.arrows - rows.keys():
            sys.exit(f"{path}: {row.name}: no such module: {name}")
    return rows


def owner(rows, path):
    """The most exact row for a path as includes write it, or None."""
    parts = path.split("/")[:-1]
    while parts:
        row = rows.get("/".join(parts))
        if row:
            return row
        parts.pop()
    return None


def check_angle(me, name):
    if name == "microvm.h" or name.removesuffix(".h") in C11:
        return None
    if any(fnmatch.fnmatch(name, glob) for glob in me.outside):
        return None
    return f"{me.name} has no business with <{name}>"


def check_quote(rows, root, base, path, name):
    me = owner(rows, str(path.relative_to(base)))
    if "/" not in name:
        # cli/ and the like are flat, and nobody includes them.
        if base == root and (path.parent / name).is_file():
            return None
        return f'"{name}": write the full module path'
    if not (base / name).is_file():
        return f'"{name}": not a header under {base.relative_to(root)}/'
    other = owner(rows, name)
    if other is None:
        return f'"{name}": belongs to no module of the table'
    if other is me or other.name in me.arrows:
        return None
    return f'no arrow from {me.name} to {other.name}: "{name}"'


def check_file(rows, root, base, path):
    """Yield (line, what is wrong)."""
    me = owner(rows, str(path.relative_to(base)))
    if me is None:
        yield 1, "belongs to no module of the table"
        return
    text = path.read_text(encoding="utf-8")
    for number, line in enumerate(text.splitlines(), 1):
        m = INCLUDE.match(line)
        if not m:
            continue
        if m[1] == "<":
            wrong = check_angle(me, m[2])
        else:
            wrong = check_quote(rows, root, base, path, m[2])
        if wrong:
            yield number, wrong


def main(argv):
    here = pathlib.Path(__file__).resolve().parent.parent
    root = pathlib.Path(argv[1]).resolve() if len(argv) > 1 else here
    rows = read_table(root / "docs" / "architecture.md")
    bad = seen = 0
    # Includes are written from src/ there, and from the root elsewhere.
    for folder, base in (("src", root / "src"), ("cli", root),
                         ("guest", root), ("examples", root)):
        for path in sorted((root / folder).rglob("*.[chS]")):
            seen += 1
            for number, wrong in check_file(rows, root, base, path):
                print(f"{path.relative_to(root)}:{number}: {wrong}")
                bad += 1
    if not seen:
        sys.exit(f"{root}: no sources")
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv))
