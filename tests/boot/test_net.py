#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Debian's own clients in a guest without a network card reach servers.

curl, git, apt and nc run in a booted stock guest and go through
outbound-proxy, vsock and the SOCKS5 proxy to servers of this test on the
host's loopback, which the policy allows for it.
"""
import hashlib
import pathlib
import random
import shutil
import tempfile
import time
import unittest

import boot
import servers

PACKAGES = ("bash", "coreutils", "grep", "curl", "git", "apt", "gzip",
            "netcat-openbsd", "python3-minimal", "busybox-static")
UNUSED = ("usr/share/doc", "usr/share/man", "usr/share/locale", "usr/share/info",
          "usr/share/perl", "usr/lib/aarch64-linux-gnu/gconv",
          "usr/lib/aarch64-linux-gnu/perl", "etc/ssl/certs")
LAN = "192.168.77.1"    # nobody's: the policy has to stop it


@boot.locked
def initrd():
    root = boot.IMAGES / "net"
    path = boot.IMAGES / "net.cpio"
    shutil.rmtree(root, ignore_errors=True)
    boot.fetch_unpacked(root, *PACKAGES)
    for folder in UNUSED:
        shutil.rmtree(root / folder, ignore_errors=True)
    for folder in ("dev", "proc", "sys", "run", "tmp", "root"):
        (root / folder).mkdir(exist_ok=True)
    (root / "bin/sh").unlink(missing_ok=True)
    (root / "bin/sh").symlink_to("bash")
    nc = root / "usr/bin/nc"
    nc.unlink(missing_ok=True)
    nc.symlink_to("/bin/nc.openbsd")
    python, = (root / "usr/bin").glob("python3.*")
    (root / "usr/bin/python3").unlink(missing_ok=True)
    (root / "usr/bin/python3").symlink_to(python.name)
    here = pathlib.Path(__file__).parent
    for name in ("net.sh", "udp.py"):
        shutil.copy(here / name, root / name)
        (root / name).chmod(0o755)
    (root / "etc/passwd").write_text("root:x:0:0:root:/root:/bin/sh\n")
    (root / "etc/group").write_text("root:x:0:\n")
    path.write_bytes(boot.cpio(boot.tree_entries(root)))
    shutil.rmtree(root)
    return path


class Net(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.folder = tempfile.TemporaryDirectory()
        site = pathlib.Path(cls.folder.name)
        (site / "data").write_bytes(random.Random(1).randbytes(3000001))
        servers.repository(site)
        servers.archive(site / "apt")
        cls.site = site
        cls.servers = [servers.web(site), servers.tcp(servers.Greeter),
                       servers.udp(servers.Mirror), servers.tcp(servers.Echo)]
        cls.web, cls.greeter, cls.mirror, cls.echo = (
            s.port for s in cls.servers)

    @classmethod
    def tearDownClass(cls):
        for server in cls.servers:
            server.close()
        cls.folder.cleanup()

    def test_real_clients_reach_servers_and_nothing_else(self):
        kernel, base = boot.image()
        lines = "".join(f"{i}\n" for i in range(1, 50001))
        result = boot.run(
            (kernel, base), "/net.sh", str(self.web), str(self.greeter),
            str(self.mirror), LAN,
            options=["--clock", "wall", "-m", "1G", "-i", base, "-i", initrd(),
                     "--net", "none", "--allow", "loopback",
                     "--vsock-port", f"5000=tcp:127.0.0.1:{self.echo}"])
        got = dict(line.split(": ", 1) for line in result.lines()
                   if ": " in line)
        data = hashlib.sha256((self.site / "data").read_bytes()).hexdigest()
        greeting = "hello from the server"
        want = {
            "socks5": data, "socks5h": data, "socks5h-url": data,
            "connect": data, "many": data,
            "denied": "(2)", "closed-port": "(5)", "no-such-name": "(4)",
            "denied-connect": "403",
            "git": "two one ",
            "git-file": hashlib.sha256(b"two" * 10000).hexdigest(),
            "apt": "3", "greeting": greeting,
            "half-close": hashlib.sha256(
                (greeting + "\n" + lines).encode()).hexdigest(),
            "udp": "5 of 5",
        }
        for name, value in want.items():
            self.assertEqual(got.get(name), value, f"{name}\n{result}")
        self.assertEqual(got["upload"], got["uploaded"], result)
        self.assertNotEqual(got["dns"], "0", result)
        self.assertLess(abs(int(got["clock"]) - time.time()), 60, result)
        self.assertIn("20", got["ping"], result)
        self.assertEqual(result.status, 42, result)


if __name__ == "__main__":
    unittest.main(verbosity=2)
