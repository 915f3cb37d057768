#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Guests that end badly, or not at all, and what the command makes of it."""
import json
import os
import signal
import subprocess
import tempfile
import unittest

from command import MICROVM, Terminal, main, read_exactly, run, start

BIG = bytes(i // 7 & 0xff for i in range(4 * 1024 * 1024))


def guest(name, *args, **kw):
    return run("run", "-k", name, *args, **kw)


class Endings(unittest.TestCase):
    def test_a_panic_is_told_with_its_cause_and_not_rebooted(self):
        p = guest("panic")
        self.assertEqual(p.returncode, 123)
        self.assertEqual(p.stdout.count(b"Kernel panic"), 1)
        self.assertIn(b"microvm: the guest's kernel panicked: VFS: Unable to "
                      b"mount root fs on unknown-block(0,0)\n  fix: ",
                      p.stderr)

    def test_a_guest_that_resets_in_silence_has_crashed(self):
        p = guest("crash")
        self.assertEqual((p.returncode, p.stdout), (123, b""))
        self.assertIn(b"reset before it printed anything", p.stderr)

    def test_a_host_that_fails_is_our_error(self):
        p = guest("fail")
        self.assertEqual((p.returncode, p.stdout), (125, b"up\r\n"))
        self.assertEqual(p.stderr, b"microvm: cpu 0: the host lost it\n"
                         b"  fix: look for it\n")

    def test_a_machine_that_cannot_be_made_or_started(self):
        for name, text in (("bad", b"kernel bad: not a kernel"),
                           ("unable", b"cannot start it")):
            p = guest(name)
            self.assertEqual((p.returncode, p.stdout), (125, b""))
            self.assertIn(text, p.stderr)
            with Terminal(MICROVM, "run", "-k", name) as t:
                self.assertEqual(t.wait(), 125)
                self.assertEqual(t.modes(), t.before)

    def test_too_many_cpus(self):
        p = guest("echo", "-c", "5")
        self.assertEqual(p.returncode, 125)
        self.assertIn(b"too many CPUs\n  fix: at most 4\n", p.stderr)

    def test_a_time_out_of_a_panicked_guest_tells_of_the_panic(self):
        p = guest("hang", "--timeout", "0.3")
        self.assertEqual(p.returncode, 124)
        self.assertIn(b"panicked: VFS", p.stderr)
        self.assertIn(b"killed after 0.3 s (--timeout)", p.stderr)

    def test_a_deaf_guest_can_be_quit_behind_a_long_paste(self):
        with Terminal(MICROVM, "run", "-k", "deaf") as t:
            t.expect(b"up\r\n")
            t.type(b"y" * 200 * 1024 + b"\x01x")
            self.assertEqual(t.wait(), 0)
            self.assertEqual(t.modes(), t.before)

    def test_a_deaf_guest_leaves_a_pipe_alone(self):
        # 64 KiB wait in the guest, one read in the command, no more.
        rd, wr = os.pipe()
        os.set_blocking(wr, False)
        with start("-k", "deaf", stdin=rd) as p:
            self.assertEqual(read_exactly(p.stdout, 4), b"up\r\n")
            total = 0
            chunk = b"z" * 4096
            os.set_blocking(wr, True)
            while total < 64 * 1024 + 4096:
                total += os.write(wr, chunk)
            p.send_signal(signal.SIGTERM)
            self.assertEqual(p.wait(), 128 + signal.SIGTERM)
        os.close(rd)
        os.close(wr)

    def test_a_second_signal_ends_it_when_the_guest_does_not(self):
        with Terminal(MICROVM, "run", "-k", "immortal") as t:
            t.expect(b"up\r\n")
            self.assertNotEqual(t.modes(), t.before)
            t.process.send_signal(signal.SIGTERM)
            t.expect(b"killed\r\n")     # and it still runs
            self.assertIsNone(t.process.poll())
            t.process.send_signal(signal.SIGTERM)
            self.assertEqual(t.wait(), 128 + signal.SIGTERM)
            self.assertEqual(t.modes(), t.before)

    def test_a_slow_reader_gets_every_byte(self):
        with start("-k", "big", stdin=subprocess.DEVNULL) as p:
            got = bytearray()
            while True:
                piece = p.stdout.read(997)
                if not piece:
                    break
                got += piece
            self.assertEqual(p.wait(), 0)
            self.assertTrue(got == BIG)

    def test_output_to_a_file_is_whole(self):
        with tempfile.TemporaryFile() as f:
            self.assertEqual(guest("big", stdout=f).returncode, 0)
            f.seek(0)
            self.assertTrue(f.read() == BIG)

    def test_a_stuck_reader_does_not_hold_up_the_end(self):
        for args, sig, status in (
                (["--timeout", "0.3"], None, 124),
                ([], signal.SIGTERM, 128 + signal.SIGTERM)):
            with self.subTest(status=status), start("-k", "flood",
                                                    *args) as p:
                read_exactly(p.stdout, 1)   # and then no more
                if sig:
                    p.send_signal(sig)
                self.assertEqual(p.wait(20), status)

    def test_a_stuck_terminal_does_not_hold_up_the_end(self):
        with Terminal(MICROVM, "run", "-k", "flood") as t:
            t.expect(b"ffff")
            t.process.send_signal(signal.SIGTERM)
            t.process.wait(20)
            self.assertEqual(t.process.returncode, 128 + signal.SIGTERM)
            self.assertEqual(t.modes(), t.before)

    def test_a_reader_who_left_stops_a_flood(self):
        p = subprocess.run(
            ["sh", "-c", '("$0" run -k flood --json=/dev/fd/3; echo $? >&2) '
             '3>&2 | head -c 10', MICROVM], stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, timeout=60,
            check=False)
        self.assertEqual(p.stdout, b"f" * 10)
        report, status = p.stderr.splitlines()
        self.assertEqual(int(status), 128 + signal.SIGPIPE)
        self.assertEqual(json.loads(report)["reason"], "output")


class Reports(unittest.TestCase):
    def test_json_on_stderr_stands_alone(self):
        for name, status, reason in (("panic", 123, "panic"),
                                     ("fail", 125, "failed"),
                                     ("bad", 125, "error"),
                                     ("echo", 0, "poweroff")):
            with self.subTest(name=name):
                p = guest(name, "--json")
                r = json.loads(p.stderr)
                self.assertEqual((p.returncode, r["status"], r["reason"]),
                                 (status, status, reason))

    def test_json_has_the_numbers(self):
        r = json.loads(guest("echo", "--json").stderr)
        self.assertEqual(r["boots"], 1)
        self.assertEqual(r["backend"], "fake")
        self.assertEqual(r["mark_ms"], {"loaded": 1.5, "exited": 3.0})
        self.assertEqual(r["mark_instructions"]["exited"], 123456)
        self.assertEqual(r["exits"]["call"], 7)
        self.assertEqual(r["exits"]["pio"], 9)
        self.assertEqual(r["instructions"], 123456)
        self.assertGreater(r["peak_rss_bytes"], 1 << 20)
        self.assertEqual(r["vsock"], {
            "from_guest": 3, "to_guest": 4, "bytes_from_guest": 5,
            "bytes_to_guest": 6})
        self.assertEqual(r["net"], {
            "flows": 7, "denied": 2, "bytes_from_guest": 8,
            "bytes_to_guest": 9})
        # The fake has no guest memory, so none is told.
        self.assertNotIn("guest_rss_bytes", r)

    def test_what_nobody_counted_is_not_told(self):
        p = guest("echo", "--json", "--timing",
                  env=dict(os.environ, FAKE_KVM="good"))
        r = json.loads(p.stderr)
        for fact in ("instructions", "mark_instructions", "mips"):
            self.assertNotIn(fact, r)
        text = guest("echo", "--timing", env=dict(
            os.environ, FAKE_KVM="good")).stderr.decode()
        self.assertNotIn("instructions", text)
        self.assertRegex(text, r"loaded +1\.500  kernel and initramfs")

    def test_json_tells_of_errors_and_panics(self):
        r = json.loads(guest("bad", "--json").stderr)
        self.assertEqual(r["error"]["message"], "kernel bad: not a kernel")
        self.assertEqual(r["error"]["fix"], "give another")
        r = json.loads(guest("panic", "--json").stderr)
        self.assertTrue(r["panic"].startswith("VFS: "))

    def test_json_in_a_file_leaves_the_words(self):
        with tempfile.TemporaryDirectory() as d:
            path = os.path.join(d, "report")
            p = guest("panic", f"--json={path}")
            self.assertIn(b"panicked", p.stderr)
            with open(path, "rb") as f:
                self.assertEqual(json.load(f)["status"], 123)

    @unittest.skipUnless(os.path.exists("/dev/full"), "no /dev/full here")
    def test_a_report_that_cannot_be_written_is_an_error(self):
        p = guest("echo", "--json=/dev/full")
        self.assertEqual(p.returncode, 125)
        self.assertIn(b"cannot write the report to /dev/full", p.stderr)

    def test_boots_are_counted(self):
        with start("-k", "echo", "--json") as p:
            for _ in range(2):
                self.assertEqual(read_exactly(p.stdout, 4), b"up\r\n")
                p.stdin.write(b"\x12")
            p.stdin.close()
            self.assertEqual(json.loads(p.stderr.read())["boots"], 3)

    def test_timing_is_a_table(self):
        text = guest("echo", "--timing").stderr.decode()
        self.assertRegex(text, r"loaded +1\.500 +0  kernel and initramfs")
        self.assertRegex(text, r"exited +3\.000 +123456")
        self.assertIn(" pio 9 ", text)
        self.assertIn("call 7", text)
        self.assertRegex(text, r"vsock +7 streams, 0\.0 MiB from the guest")
        self.assertRegex(text, r"network +7 flows, 2 denied")
        self.assertRegex(text, r"host CPU +\d+\.\d{3} s")


class Machine(unittest.TestCase):
    def asked(self, *args, **kw):
        p = run("run", *args, **kw)
        self.assertEqual(p.returncode, 0, p.stderr)
        return p.stdout.decode().split("\r\n")[:-1]

    def test_options_reach_the_library(self):
        self.assertEqual(
            self.asked("-k", "config", "-i", "a", "--initramfs=b", "-m",
                       "1G", "-c2", "--backend", "soft", "--arch", "arm64",
                       "--clock=virtual", "--cmdline", "x y", "-a", "z",
                       "--append=w"),
            ["arch 0", "backend soft", "cpus 2", "memory 1073741824",
             "clock 1", "cmdline x y", "append z", "append w",
             "kernel config", "initrd a", "initrd b", "net 1"])

    def test_command_and_environment_become_guest_files(self):
        self.assertEqual(
            self.asked("-k", "config", "--env", "A=1", "--env=B=x=y", "--",
                       "ls", "", "-l")[-3:-1],
            ["file /etc/microvm/cmd 600 ls||-l|",
             "file /etc/microvm/env 600 A=1|B=x=y|"])

    def test_the_size_of_the_terminal_travels_along(self):
        with Terminal(MICROVM, "run", "-k", "config") as t:
            t.expect(b"file /etc/microvm/tty 644 120x40$\r\n")
            self.assertEqual(t.wait(), 0)

    def test_the_image_is_found(self):
        with tempfile.TemporaryDirectory() as d:
            env = dict(os.environ, XDG_DATA_HOME=d)
            for arch in ("arm64", "x86_64"):
                os.makedirs(f"{d}/microvm/{arch}")
                with open(f"{d}/microvm/{arch}/kernel", "wb"):
                    pass
            lines = self.asked("--arch", "x86_64", env=env)
            self.assertEqual(lines[-3:-1],
                             [f"kernel {d}/microvm/x86_64/kernel",
                              f"initrd {d}/microvm/x86_64/initrd"])
            lines = self.asked("--arch", "arm64", "-i", "mine", env=env)
            self.assertEqual(lines[-3:-1],
                             [f"kernel {d}/microvm/arm64/kernel",
                              "initrd mine"])

    def test_of_two_images_the_one_that_runs_best_here(self):
        with tempfile.TemporaryDirectory() as d:
            env = dict(os.environ, XDG_DATA_HOME=d)
            for arch in ("arm64", "x86_64"):
                os.makedirs(f"{d}/microvm/{arch}")
                with open(f"{d}/microvm/{arch}/kernel", "wb"):
                    pass

            def chosen(*args, **more):
                for line in self.asked(*args, env={**env, **more}):
                    if line.startswith("kernel "):
                        return line.split("/")[-2]
                return None

            self.assertEqual(chosen(), "arm64")
            self.assertEqual(chosen(FAKE_KVM="good"), "x86_64")
            self.assertEqual(chosen(FAKE_KVM="poor"), "arm64")
            self.assertEqual(chosen("--backend", "auto", FAKE_KVM="good"),
                             "x86_64")
            self.assertEqual(chosen("--backend", "soft", FAKE_KVM="good"),
                             "arm64")
            self.assertEqual(chosen("--backend", "kvm", FAKE_KVM="poor"),
                             "x86_64")
            self.assertEqual(chosen("--clock", "virtual", FAKE_KVM="good"),
                             "arm64")
            self.assertEqual(chosen("--arch", "amd64"), "x86_64")
            # There is only one: whether it runs is for the library to say.
            os.remove(f"{d}/microvm/arm64/kernel")
            self.assertEqual(chosen(), "x86_64")

    def test_an_image_that_cannot_run_here_is_told_with_one_that_can(self):
        with tempfile.TemporaryDirectory() as d:
            env = dict(os.environ, XDG_DATA_HOME=d, FAKE_REFUSE="1")
            os.makedirs(f"{d}/microvm/x86_64")
            with open(f"{d}/microvm/x86_64/kernel", "wb"):
                pass
            for args, fix in (
                    ([], b"fix: plug it in; or microvm image build --arch "
                     b"arm64: such guests run here\n"),
                    (["--arch", "x86_64"], b"fix: plug it in\n"),
                    (["-k", "echo"], b"fix: plug it in\n"),
                    (["--backend", "kvm"], b"fix: plug it in\n")):
                p = run("run", *args, env=env)
                self.assertEqual(p.returncode, 125)
                self.assertIn(fix, p.stderr)
            # Where it would run, something else is the matter.
            p = run("run", env={**env, "FAKE_KVM": "good"})
            self.assertIn(b"fix: plug it in\n", p.stderr)

    def test_a_poor_backend_is_usable_and_tells_why_it_is_no_default(self):
        env = dict(os.environ, FAKE_KVM="poor")
        table = run("check", env=env).stdout.decode()
        self.assertRegex(table, r"kvm +usable +x86_64 +KVM, but it crawls\n")
        self.assertRegex(table, r"soft +default +arm64 +a fake CPU\n")
        kvm, soft = json.loads(run("check", "--json",
                                   env=env).stdout)["backends"]
        self.assertEqual((kvm["usable"], kvm["default"], kvm["guests"],
                          kvm["detail"]),
                         (True, False, ["x86_64"], "KVM, but it crawls"))
        self.assertEqual((soft["usable"], soft["default"], soft["guests"]),
                         (True, True, ["arm64"]))

    def test_each_architecture_has_its_default(self):
        table = run("check", env=dict(os.environ,
                                      FAKE_KVM="good")).stdout.decode()
        self.assertRegex(table, r"kvm +default +x86_64")
        self.assertRegex(table, r"soft +default +arm64")

    def test_dump_of_either_machine(self):
        for kernel, name, out in (
                ("arm64", "dtb", b"\xd0\x0d\xfe\xed"),
                ("x86_64", "acpi", b"RSD PTR "),
                ("x86_64", "e820", b"one\ntwo\n")):
            p = run("dump", name, "-k", kernel)
            self.assertEqual((p.returncode, p.stdout), (0, out), p.stderr)

    def test_dump_of_what_the_machine_does_not_have(self):
        for kernel, name, fix in (
                ("x86_64", "dtb", b"arm64 guests; this one has acpi"),
                ("arm64", "acpi", b"x86_64 guests; this one has dtb"),
                ("arm64", "e820", b"x86_64 guests; this one has dtb")):
            p = run("dump", name, "-k", kernel)
            self.assertEqual((p.returncode, p.stdout), (125, b""))
            self.assertIn(fix, p.stderr)

    def test_nothing_usable_is_status_125(self):
        env = dict(os.environ, FAKE_NO_BACKEND="1")
        p = run("check", env=env)
        self.assertEqual(p.returncode, 125)
        self.assertIn(b"fix: plug it in", p.stdout)
        self.assertIn(b"no guest can run on this host", p.stdout)
        r = json.loads(run("check", "--json", env=env).stdout)
        self.assertIs(r["usable"], False)
        self.assertEqual(r["backends"][0]["error"]["message"],
                         "cannot open /dev/fake: caf?")


if __name__ == "__main__":
    main()
