#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""`microvm image build` against Debian's archive, as users call it."""
import json
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import tempfile
import unittest

import boot


def microvm(*args, **kw):
    return subprocess.run([boot.MICROVM, *map(str, args)], text=True,
                          stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, check=False, **kw)


class Build(unittest.TestCase):
    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.dir)
        self.dir.chmod(0o755)

    def build(self, *args, **kw):
        p = microvm("image", "build", *args, **kw)
        self.assertEqual(p.returncode, 0, p.stderr)
        return p

    def build_arch(self, arch):
        out = self.dir / arch
        out.mkdir()
        kw = {}
        if os.getuid() == 0:    # it is to work for those who are not
            nobody = pwd.getpwnam("nobody")
            os.chown(out, nobody.pw_uid, nobody.pw_gid)
            kw = {"user": "nobody", "group": nobody.pw_gid,
                  "extra_groups": []}
        shutil.copy(boot.MICROVM, self.dir / "microvm")
        p = subprocess.run([self.dir / "microvm", "image", "build", "--arch",
                            arch, "-o", out], text=True, check=False,
                           stdin=subprocess.DEVNULL, stderr=subprocess.PIPE,
                           env={**os.environ, "HOME": str(out)}, **kw)
        self.assertEqual(p.returncode, 0, p.stderr)
        self.assertEqual(sorted(os.listdir(out)), ["initrd", "kernel"])
        kernel = json.loads(microvm("image", "info", "--json",
                                    out / "kernel").stdout)
        self.assertEqual(kernel["arch"], arch)
        self.assertRegex(kernel["version"], rf"^\d+\.\d+.*cloud-{arch} ")
        initrd = json.loads(microvm("image", "info", "--json",
                                    out / "initrd").stdout)
        self.assertTrue(initrd["init"] and initrd["complete"])
        return out

    def test_arm64_from_the_archive_without_root(self):
        out = self.build_arch("arm64")
        result = boot.run((out / "kernel", out / "initrd"), "echo", "hello")
        self.assertIn("hello", result.lines(), result)

    def test_amd64_from_the_archive_without_root(self):
        self.build_arch("amd64")

    def test_the_same_packages_make_the_same_bytes(self):
        deb = boot.kernel_deb(*boot.CLOUD)
        boot.fetch(self.dir / "bb", ["-k"], "busybox-static")
        busybox = next((self.dir / "bb").glob("*.deb"))
        digests = set()
        for name in "ab":
            self.build("--kernel", deb, "--busybox", busybox,
                       "-o", self.dir / name)
            digests.add(boot.digest(self.dir / name / "initrd"))
        self.assertEqual(len(digests), 1)

    def test_a_file_of_ours_is_in_the_guest(self):
        hello = self.dir / "hello"
        hello.write_text("#!/bin/sh\necho from a file of ours\n")
        hello.chmod(0o755)
        kernel, initrd = boot.image()
        boot.fetch(self.dir / "bb", ["-k"], "busybox-static")
        self.build("--arch", "arm64", "--kernel", kernel, "--busybox",
                   next((self.dir / "bb").glob("*.deb")), "--add",
                   f"{hello}:/usr/local/bin/hello", "-o", self.dir / "out")
        result = boot.run((self.dir / "out/kernel", self.dir / "out/initrd"),
                          "hello")
        self.assertIn("from a file of ours", result.lines(), result)


class Refusals(unittest.TestCase):
    """A cause, a fix, status 125, and nothing left behind."""

    def setUp(self):
        self.dir = pathlib.Path(tempfile.mkdtemp())
        self.addCleanup(shutil.rmtree, self.dir)
        self.out = self.dir / "out"

    def refused(self, *args, cause, fix, env=None):
        p = microvm("image", "build", "--arch", "arm64", "-o", self.out,
                    *args, env={**os.environ, **(env or {})})
        self.assertEqual(p.returncode, 125, p.stderr)
        self.assertRegex(p.stderr, cause)
        self.assertRegex(p.stderr, r"(?m)^  fix: .*" + fix)
        if self.out.is_dir():
            self.assertEqual(os.listdir(self.out), [])

    def test_without_apt_get(self):
        self.refused(cause="no apt-get", fix="--kernel FILE.deb",
                     env={"PATH": str(self.dir)})

    def test_a_package_that_does_not_exist(self):
        self.refused("--kernel", "linux-image-nope",
                     cause="cannot fetch linux-image-nope .*Unable to locate",
                     fix="check the network")

    def test_without_network(self):
        nowhere = "http://127.0.0.1:9"
        self.refused(cause="cannot fetch .*Could not connect",
                     fix="check the network",
                     env={"http_proxy": nowhere, "https_proxy": nowhere})

    def test_a_file_that_is_not_there(self):
        p = microvm("image", "build", "--arch", "arm64", "-o", self.out,
                    "--kernel", "./none.deb")
        self.assertEqual(p.returncode, 125)
        self.assertIn("./none.deb: No such file", p.stderr)

    def test_a_folder_that_cannot_be_made(self):
        self.out = pathlib.Path("/proc/none")
        self.refused(cause="cannot make the folder /proc/none",
                     fix="-o DIR")

    def test_a_disk_that_is_full(self):
        kernel, _ = boot.image()
        boot.fetch(self.dir / "bb", ["-k"], "busybox-static")
        busybox = next((self.dir / "bb").glob("*.deb"))
        # A limit on file sizes fails writes as a full disk does.
        p = subprocess.run(
            ["sh", "-c", 'ulimit -f 2000; exec "$0" "$@"', boot.MICROVM,
             "image", "build", "--arch", "arm64", "-o", self.out, "--kernel",
             kernel, "--busybox", busybox], text=True, check=False,
            stderr=subprocess.PIPE)
        self.assertEqual(p.returncode, 125, p.stderr)
        self.assertIn("cannot write", p.stderr)
        self.assertEqual(os.listdir(self.out), [])

    def test_an_interrupt_while_fetching(self):
        # Who is started in the background has SIGINT ignored; not so here.
        with subprocess.Popen([boot.MICROVM, "image", "build", "--arch",
                               "arm64", "-o", self.out], text=True,
                              stderr=subprocess.PIPE,
                              preexec_fn=lambda: signal.signal(
                                  signal.SIGINT, signal.SIG_DFL)) as p:
            self.assertIn("package lists", p.stderr.readline())
            p.send_signal(signal.SIGINT)
            p.stderr.read()
        self.assertEqual(p.returncode, -signal.SIGINT)
        self.assertEqual(os.listdir(self.out), [])


if __name__ == "__main__":
    unittest.main(verbosity=2)
