#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A stock Debian kernel boots to a shell; commands run; it switches off."""
import unittest

import boot


class Shell(unittest.TestCase):
    maxDiff = None

    @classmethod
    def setUpClass(cls):
        cls.guest = boot.image()

    def run_ok(self, *words, **kw):
        result = boot.run(self.guest, *words, **kw)
        self.assertEqual(result.status, 0, result)
        return result

    def test_a_command_runs_and_its_output_comes_back(self):
        result = self.run_ok("echo", "two words", "$HOME")
        self.assertIn("two words $HOME", result.lines(), result)
        self.assertEqual(result.report["reason"], "poweroff")

    def test_the_guest_is_what_init_promises(self):
        result = self.run_ok(
            "sh", "-c",
            "hostname; uname -m; echo HOME=$HOME PWD=$PWD; tty; id -u;"
            "cat /proc/sys/kernel/tainted;"
            "grep -c ' /proc \\| /sys \\| /dev \\| /dev/pts \\| /run "
            "\\| /tmp ' /proc/mounts; cat /sys/class/net/lo/flags;"
            "ls /dev/vsock; lsmod | wc -l")
        lines = result.lines()
        for want in ("microvm", "aarch64", "HOME=/root PWD=/root",
                     "/dev/console", "6", "0x9", "/dev/vsock"):
            self.assertIn(want, lines, result)
        self.assertNotIn("microvm-init:", str(result))

    def test_arguments_arrive_as_they_are(self):
        words = ["", "a  b", "'\"\\", "*", "ünï", "-n"]
        result = self.run_ok("printf", "[%s]\\n", *words)
        lines = result.lines()
        at = lines.index("[]")
        self.assertEqual(lines[at:at + len(words)],
                         [f"[{w}]" for w in words], result)

    def test_variables_arrive_as_they_are(self):
        result = self.run_ok("sh", "-c", "echo \"[$FOO|$BAR]\"",
                             options=["--env", "FOO=a  b", "--env", "BAR="])
        self.assertIn("[a  b|]", result.lines(), result)

    def test_what_cannot_be_run_says_why(self):
        result = boot.run(self.guest, "no-such-command")
        self.assertIn("microvm-init: cannot run no-such-command (status "
                      "127): No such file or directory", result.lines())
        result = boot.run(self.guest, "/etc/passwd")
        self.assertIn("microvm-init: cannot run /etc/passwd (status 126): "
                      "Permission denied", result.lines())

    def test_commands_may_come_through_a_pipe(self):
        result = self.run_ok(stdin=b"echo $((6 * 7)) from the pipe\n")
        self.assertIn("42 from the pipe", result.lines(), result)

    def test_long_input_through_a_pipe_is_not_lost(self):
        script = b"".join(b"n=$((n + %d))\n" % i for i in range(400))
        result = self.run_ok(stdin=script + b"echo sum $n\n")
        self.assertIn(f"sum {sum(range(400))}", result.lines(), result)

    def test_background_processes_do_not_hold_up_the_end(self):
        result = self.run_ok("sh", "-c", "sleep 100000 & "
                             "trap '' TERM; (trap '' TERM; sleep 100000) & "
                             "echo started")
        self.assertIn("started", result.lines(), result)

    def test_the_clock_and_the_timer_advance(self):
        result = self.run_ok(
            "sh", "-c", "a=$(cut -d. -f1 /proc/uptime); sleep 3; "
            "b=$(cut -d. -f1 /proc/uptime); echo slept $((b - a))")
        self.assertRegex(str(result), r"slept [34]\b")

    def test_memory_is_as_large_as_asked(self):
        for size, low, high in (("128M", 80, 128), ("1G", 900, 1024)):
            result = self.run_ok("grep", "MemTotal", "/proc/meminfo",
                                 options=["-m", size])
            mib = int(next(l for l in result.lines() if "MemTotal" in l)
                      .split()[1]) // 1024
            self.assertTrue(low <= mib <= high, result)

    def test_a_crash_of_the_guest_is_told(self):
        result = boot.run(self.guest, "sh", "-c",
                          "echo c >/proc/sysrq-trigger; sleep 10")
        self.assertEqual(result.status, 123, result)
        self.assertEqual(result.report["reason"], "panic", result)

    def test_poweroff_and_reboot_end_the_machine(self):
        for word, reason in (("poweroff", "poweroff"), ("reboot", "reset")):
            result = boot.run(self.guest, "sh", "-c", f"{word}; sleep 100000",
                              options=["--no-reboot"])
            self.assertEqual(result.status, 0, result)
            self.assertEqual(result.report["reason"], reason, result)

    def test_a_reboot_ends_when_that_is_asked(self):
        result = boot.run(self.guest, "reboot", "-f",
                          options=["--no-reboot"])
        self.assertEqual(result.status, 0, result)
        self.assertEqual(result.report["reason"], "reset", result)


class Smp(unittest.TestCase):
    """Every CPU works, and all of them together."""

    SCRIPT = """
    echo cpus $(grep -c ^processor /proc/cpuinfo)
    for i in 1 2 3 4 5 6 7 8; do
            (n=0; j=0
            while [ $j -lt 300 ]; do j=$((j + 1)); n=$((n + i * j)); done
            echo worker $i $n) &
    done
    wait
    for c in /sys/devices/system/cpu/cpu[0-9]*; do
            taskset -c ${c##*cpu} sh -c "echo on ${c##*cpu}"
    done
    """

    def check(self, cpus):
        result = boot.run(boot.image(), "sh", "-c", self.SCRIPT,
                          options=["--cpus", str(cpus)])
        self.assertEqual(result.status, 0, result)
        lines = result.lines()
        self.assertIn(f"cpus {cpus}", lines, result)
        for i in range(1, 9):
            self.assertIn(f"worker {i} {i * 300 * 301 // 2}", lines, result)
        for c in range(cpus):
            self.assertIn(f"on {c}", lines, result)

    def test_one_cpu(self):
        self.check(1)

    def test_two_cpus(self):
        self.check(2)

    def test_four_cpus(self):
        self.check(4)


class Interactive(unittest.TestCase):
    """A person at a terminal, in real time."""

    def test_a_session_at_the_prompt(self):
        t = boot.Terminal(boot.image(), options=["--clock", "wall"])
        t.expect(rb"~ # ")
        t.type(b"stty size\r")
        t.expect(rb"\s40 123\s")
        t.type(b"echo $((1000 + 234))\r")
        t.expect(rb"\s1234\s")
        # A child of the shell says when it has the terminal; before that
        # Ctrl-C would be the shell's.  (The quotes: our own echo differs.)
        t.type(b"sh -c \"echo sle''eping; exec sleep 1000\"\r")
        t.expect(rb"sleeping\s")
        t.type(b"\x03")                 # job control: it ends, we go on
        t.expect(rb"~ # ")
        t.type(b"sh -c \"echo rea''ding; exec cat /dev/tty\"\r")
        t.expect(rb"reading\s")
        t.type(b"typed\r")
        t.expect(rb"typed\s+typed\s")
        t.type(b"\x04")
        t.expect(rb"~ # ")
        t.type(b"exit\r")
        self.assertEqual(t.end(), 0)


if __name__ == "__main__":
    unittest.main(verbosity=2)
