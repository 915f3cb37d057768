# SPDX-License-Identifier: MIT
"""newc.py - archives that Linux unpacks as its first file system."""
import os


def cpio(entries):
    """A newc archive of (path, mode with type, device, bytes) entries."""
    out = bytearray()
    for ino, (path, mode, dev, data) in enumerate(
            entries + [("TRAILER!!!", 0, (0, 0), b"")], 1):
        name = path.encode() + b"\0"
        fields = (ino, mode, 0, 0, 1, 0, len(data), 0, 0, *dev, len(name), 0)
        out += b"070701" + b"".join(b"%08X" % f for f in fields) + name
        out += bytes(-len(out) % 4)
        out += data
        out += bytes(-len(out) % 4)
    return bytes(out)


def tree_entries(folder):
    """Everything below a folder, folders first."""
    entries = []
    for path in sorted(folder.rglob("*")):
        name = str(path.relative_to(folder))
        if path.is_symlink():
            entries.append((name, 0o120777, (0, 0),
                            os.readlink(path).encode()))
        elif path.is_dir():
            entries.append((name, 0o40755, (0, 0), b""))
        else:
            mode = 0o100755 if path.stat().st_mode & 0o111 else 0o100644
            entries.append((name, mode, (0, 0), path.read_bytes()))
    return entries
