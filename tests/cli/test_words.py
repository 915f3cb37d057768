#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""What the command says: help, versions, reports, mistakes of the user."""
import json
import os
import subprocess
import tempfile
import unittest

from command import KERNEL, MICROVM, Terminal, main, run


class Words(unittest.TestCase):
    def refused(self, args, *parts, **kw):
        p = run(*args, **kw)
        text = p.stderr.decode()
        self.assertEqual(p.returncode, 125, text)
        self.assertEqual(p.stdout, b"")
        self.assertTrue(text.startswith("microvm: "), text)
        for part in parts:
            self.assertIn(part, text)

    def test_help_lists_the_commands(self):
        for args in (["help"], ["--help"], ["-h"], ["help", "help"]):
            p = run(*args)
            self.assertEqual((p.returncode, p.stderr), (0, b""), args)
            for name in (b"run", b"connect", b"check", b"image", b"dump",
                         b"version"):
                self.assertIn(b"\n  " + name, p.stdout)

    def test_no_command_is_an_error_that_helps(self):
        p = run()
        self.assertEqual((p.returncode, p.stdout), (125, b""))
        self.assertIn(b"usage: microvm COMMAND", p.stderr)

    def test_help_of_a_command_is_its_help_option(self):
        for name in ("run", "connect", "check", "dump", "version",
                     "doctor"):
            a, b = run("help", name), run(name, "--help")
            self.assertEqual(a.returncode, 0)
            self.assertEqual(a.stdout, b.stdout)
            self.assertIn(b"usage: microvm ", a.stdout)

    def test_help_fits_a_terminal(self):
        for name in ("run", "connect", "check", "dump", "version"):
            for line in run(name, "-h").stdout.decode().splitlines():
                self.assertLess(len(line), 80, line)

    def test_version(self):
        self.assertRegex(run("version").stdout, rb"^microvm \d+\.\d+")
        self.assertEqual(run("--version").stdout, run("version").stdout)
        v = json.loads(run("version", "--json").stdout)
        self.assertEqual(v["abi"], 1)

    def test_unknown_commands_say_what_was_meant(self):
        self.refused(["rnu"], "unknown command 'rnu' (did you mean run?)")
        self.refused(["xyzzy"], "unknown command 'xyzzy'", "microvm help")
        self.refused(["help", "chekc"], "did you mean check?")
        self.refused(["-k", "K"], "-k: a command comes first")

    def test_unknown_options_say_what_was_meant(self):
        self.refused(["run", "--memroy", "1"],
                     "--memroy: unknown option (did you mean --memory?)",
                     "fix: see microvm run --help")

    def test_bad_values_are_refused_before_anything_runs(self):
        bad = (
            (["-m", "64K"], "-m: '64K'", "whole MiB"),
            (["-m", "99999999999G"], "more than any memory"),
            (["-c", "many"], "-c: 'many' is not a number"),
            (["--timeout", "0"], "not a time in seconds"),
            (["--escape", "A"], "--escape: 'A' is not a control key"),
            (["--arch", "mips"], "unknown ARCH 'mips'", "arm64, x86_64"),
            (["--clock", "sun"], "unknown CLOCK", "wall, virtual"),
            (["--env", "A"], "'A' is not NAME=VALUE"),
            (["--env", "=A"], "'=A' is not NAME=VALUE"),
            (["--env", "1A=B"], "'1A=B' is not NAME=VALUE"),
            (["ls"], "'ls': not an option", "run ... -- ls"),
            (["--"], "-- with no command"),
            (["-d"], "-d: means a disk to some tools", "shell"),
            (["--detach"], "no running in the background"),
            (["--vsock", "cid=x"], "--vsock: 'x' is not a context ID",
             "write cid=3,socket=PATH"),
            (["--vsock", "cid=0"], "no context ID 0", "--no-vsock"),
            (["--vsock", "cid=2"], "--vsock: ", "fix: "),
            (["--vsock", "3"], "'3' is neither cid=N nor socket=PATH"),
            (["--vsock", "cid=4294967296"], "not a context ID"),
            (["--vsock", "cid=3", "--no-vsock"], "exclude each other"),
            (["--no-vsock", "-p", "1:1"],
             "-p needs the vsock device, which --no-vsock leaves out",
             "fix: leave --no-vsock out"),
            (["--clock", "virtual", "--name", "a"],
             "--name needs the vsock device, which --clock virtual leaves "
             "out", "fix: ask for it with --vsock cid=3"),
            (["--no-vsock", "--net", "all"], "--net needs the vsock device"),
            (["--no-vsock", "--deny", "any"], "--deny needs the vsock"),
            (["--no-vsock", "--upstream", "x"], "--upstream needs the vsock"),
            (["--no-vsock", "--log-net"], "--log-net needs the vsock device"),
            (["--vsock-port", "1"], "'1' is not PORT=ENDPOINT[,listen]",
             "write 1024=unix:PATH"),
            (["--vsock-port", "x=unix:/a"], "--vsock-port: 'x' is not a "
             "vsock port"),
            (["--vsock-port", "1=bad"], "--vsock-port: ", "fix: "),
            (["-p", "bad"], "-p: ", "fix: "),
            (["--vsock-hold", "x"], "not a time in seconds"),
            (["--net", "some"], "unknown NET 'some'", "none, public, all"),
            (["--allow", "bad rule"], "--allow: "),
            (["--deny", ""], "--deny: "),
            (["--upstream", "bad"], "--upstream: ", "fix: "),
            (["--proxy-login", "me"], "--proxy-login: no colon",
             "USER:PASSWORD"),
            (["--log-net=/"], "--log-net: /: Is a directory"),
            (["--name", "a/b"], "--name: 'a/b' is no name for a guest"),
            (["--name", "-a"], "is no name for a guest"),
            (["--name", "a", "--vsock", "socket=/b"],
             "a guest has one socket"),
            (["--file", "x"], "--file: 'x' is not HOST:GUEST[:MODE]"),
            (["--file", "/etc/passwd:/p:rw"], "'rw' is not a mode"),
            (["--file", "/:/p"], "--file: /: is a directory", "with -i"),
            (["--file", "/nosuch/x:/p"], "/nosuch/x: No such file"),
            (["--json=/"], "--json: /: Is a directory"),
        )
        for args, *parts in bad:
            with self.subTest(args=args):
                self.refused(["run", "-k", KERNEL, *args], *parts)

    def test_without_a_kernel_the_image_is_told_to_be_missing(self):
        with tempfile.TemporaryDirectory() as d:
            env = dict(os.environ, XDG_DATA_HOME=d)
            self.refused(["run"], "no kernel given (-k), and there is no "
                         "image\n", "fix: microvm image build", env=env)
            self.refused(["run", "--arch", "x86_64"], "no image for x86_64",
                         "microvm image build --arch x86_64", env=env)

    def test_check_is_a_table_and_its_status(self):
        p = run("check")
        self.assertEqual(p.returncode, 0)
        self.assertIn(b"soft     default  arm64", p.stdout)
        self.assertEqual(run("doctor").stdout, p.stdout)

    def test_check_json_and_one_backend(self):
        p = run("check", "--json", "--backend", "soft")
        self.assertEqual(p.returncode, 0)
        r = json.loads(p.stdout)
        self.assertIs(r["usable"], True)
        self.assertEqual([b["name"] for b in r["backends"]], ["soft"])
        self.assertIs(r["backends"][0]["default"], True)
        self.assertEqual(r["backends"][0]["guests"], ["arm64"])

    def test_check_of_an_unknown_backend(self):
        self.refused(["check", "--backend", "soff"], "unknown backend 'soff'",
                     "did you mean soft?")
        self.refused(["check", "now"], "check takes no argument 'now'")

    def test_dump_needs_to_know_what(self):
        self.refused(["dump"], "dump what?", "cmdline, dtb, acpi, e820")
        self.refused(["dump", "dtc"], "unknown 'dtc' (did you mean dtb?)")
        self.refused(["dump", "apci"], "(did you mean acpi?)")
        self.refused(["dump", "dtb", "ls"], "'ls': not an option")

    def test_dump_of_the_device_tree(self):
        p = run("dump", "dtb", "-k", KERNEL)
        self.assertEqual(p.returncode, 0, p.stderr)
        self.assertEqual(p.stdout[:4], b"\xd0\x0d\xfe\xed")
        with tempfile.TemporaryDirectory() as d:
            out = os.path.join(d, "out.dtb")
            q = run("dump", "dtb", "-k", KERNEL, "-o", out)
            self.assertEqual((q.returncode, q.stdout), (0, b""))
            with open(out, "rb") as f:
                self.assertEqual(len(f.read()), len(p.stdout))

    def test_dump_of_the_command_line_ends_with_a_newline(self):
        p = run("dump", "cmdline", "-k", KERNEL, "-a", "abc=def")
        self.assertEqual(p.returncode, 0, p.stderr)
        self.assertIn(b"abc=def", p.stdout)
        self.assertTrue(p.stdout.endswith(b"\n"))

    def test_dump_to_an_impossible_file(self):
        self.refused(["dump", "dtb", "-k", KERNEL, "-o", "/"],
                     "-o: /: Is a directory")

    def test_dump_writes_no_binary_to_a_terminal(self):
        with Terminal(MICROVM, "dump", "dtb", "-k", KERNEL) as t:
            self.assertEqual(t.wait(), 125)
            self.assertIn(b"binary is not written to a terminal", t.seen)
            self.assertNotIn(b"\xd0\x0d", t.seen)
        with Terminal(MICROVM, "dump", "cmdline", "-k", KERNEL) as t:
            self.assertEqual(t.wait(), 0)

    def test_connect_needs_a_guest_and_a_port(self):
        for args in ([], ["a"], ["a", "1", "2"], ["a", "--", "1"]):
            self.refused(["connect", *args],
                         "connect takes a guest and a port",
                         "microvm connect NAME 1234")
        self.refused(["connect", "a", "x"], "'x' is not a vsock port")

    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full here")
    def test_a_full_disk_is_told(self):
        for args in (["help"], ["version"], ["check"], ["check", "--json"],
                     ["run", "--help"], ["dump", "dtb", "-k", KERNEL]):
            with self.subTest(args=args), open("/dev/full", "wb") as full:
                p = run(*args, stdout=full)
                self.assertEqual(p.returncode, 125)
                self.assertIn(b"cannot write to standard output", p.stderr)

    def test_closed_standard_output_is_told(self):
        p = subprocess.run(["sh", "-c", '"$0" version >&-', MICROVM],
                           stderr=subprocess.PIPE, check=False)
        self.assertEqual(p.returncode, 125)
        self.assertIn(b"cannot write to standard output", p.stderr)


if __name__ == "__main__":
    main()
