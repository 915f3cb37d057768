#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""The echo guest on a terminal and on pipes: modes, keys, every byte."""
import fcntl
import os
import signal
import subprocess
import unittest

from command import (KERNEL, MICROVM, Terminal, boot, main, on_terminal,
                     read_exactly, start)

CTRL_A, CTRL_D, CTRL_R = b"\x01", b"\x04", b"\x12"
HINT = b"console: Ctrl-A x quits, Ctrl-A h for help\r\n"
# All bytes but those that mean something to the guest or to the command.
BYTES = bytes(b for b in range(256) if b not in (1, 4, 18))
PASTE = BYTES * (100 * 1024 // len(BYTES) + 1)


class OnTerminal(unittest.TestCase):
    def restored(self, t, status):
        self.assertEqual(t.wait(), status, t.seen)
        self.assertEqual(t.modes(), t.before)

    def test_it_is_raw_while_the_guest_runs_and_restored_by_quit(self):
        with on_terminal() as t:
            self.assertTrue(t.is_raw())
            t.type(CTRL_A + b"x")
            self.restored(t, 0)

    def test_it_is_restored_when_the_guest_powers_off(self):
        with on_terminal() as t:
            t.type(CTRL_D)
            self.restored(t, 0)

    def test_it_is_restored_by_signals(self):
        for sig in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP,
                    signal.SIGQUIT):
            with self.subTest(sig=sig), on_terminal() as t:
                t.process.send_signal(sig)
                self.restored(t, 128 + sig)

    def test_it_is_restored_by_a_time_out(self):
        with on_terminal("--timeout", "1") as t:
            self.restored(t, 124)
            self.assertIn(b"guest killed after 1 s (--timeout)", t.seen)

    def test_it_stays_raw_through_a_reboot(self):
        with on_terminal() as t:
            t.type(CTRL_R)
            t.expect(b"up\r\n")
            self.assertTrue(t.is_raw())
            t.type(b"again")
            t.expect(b"again")
            t.type(CTRL_A + b"x")
            self.restored(t, 0)

    def test_without_reboot_a_reset_is_the_end(self):
        with on_terminal("--no-reboot") as t:
            t.type(CTRL_R)
            self.restored(t, 0)
            self.assertNotIn(b"up", t.seen)

    def test_keys_arrive_as_pressed(self):
        with on_terminal() as t:
            for key in (b"\r", b"\n", b"\x03", b"\x1a", b"\x1c", b"\x11",
                        b"\x13", b"\x7f", b"\x00", b"\xff\xff"):
                t.type(key + b"|")
                self.assertEqual(t.expect(b"|"), key + b"|")

    def test_the_hint_comes_once_and_not_when_quiet(self):
        with Terminal(MICROVM, "run", "-k", KERNEL) as t:
            self.assertIn(HINT, t.expect(b"up\r\n"))
            t.type(CTRL_R)
            self.assertNotIn(HINT, t.expect(b"up\r\n"))
        with Terminal(MICROVM, "run", "-k", KERNEL, "--quiet") as t:
            self.assertNotIn(b"console:", t.expect(b"up\r\n"))

    def test_escape_commands(self):
        with on_terminal() as t:
            t.type(CTRL_A + b"h")
            self.assertIn(b"Ctrl-A x   quit", t.expect(b"types Ctrl-A\r\n"))
            t.type(CTRL_A + b"b")
            t.expect(b"break is not available yet\r\n")
            t.type(CTRL_A + CTRL_A + b"|")
            self.assertEqual(t.expect(b"|"), CTRL_A + b"|")
            t.type(CTRL_A + b"e|")
            self.assertEqual(t.expect(b"|"), CTRL_A + b"e|")
            t.type(CTRL_A + b"s")
            self.restored(t, 0)

    def test_another_escape_key(self):
        with on_terminal("--escape", "^]") as t:
            t.type(CTRL_A + b"x|")
            self.assertEqual(t.expect(b"|"), CTRL_A + b"x|")
            t.type(b"\x1dx")
            self.restored(t, 0)

    def test_no_escape_key(self):
        with on_terminal("--escape", "none") as t:
            t.type(CTRL_A + b"x|")
            self.assertEqual(t.expect(b"|"), CTRL_A + b"x|")
            t.type(CTRL_D)
            self.restored(t, 0)

    def test_a_paste_arrives_whole(self):
        with on_terminal() as t:
            t.type(PASTE + CTRL_A + CTRL_A)
            self.assertEqual(t.expect(CTRL_A)[:-1], PASTE)
            t.type(CTRL_D)
            self.restored(t, 0)

    def test_what_was_typed_before_the_start_arrives(self):
        t = Terminal("sh", "-c", 'read go; exec "$0" run -k "$1"', MICROVM,
                     KERNEL)
        with t:
            t.type(b"go\nearly")
            t.type(b"|")
            self.assertIn(b"early|", t.expect(b"up\r\n") + t.expect(b"|"))

    def test_stop_and_continue_by_a_shell(self):
        # A shell with job control: only there SIGTSTP stops anything.
        script = '"$0" run -k "$1"; echo "stopped $?"; read x; fg; echo $?'
        t = Terminal("sh", "-m", "-c", script, MICROVM, KERNEL)
        with t:
            t.expect(b"up\r\n")
            t.type(b"pid")
            t.expect(b"pid")
            front = os.tcgetpgrp(t.master)
            self.assertNotEqual(front, t.process.pid)
            os.kill(front, signal.SIGTSTP)
            t.expect(b"stopped ")
            self.assertEqual(t.modes(), t.before)
            t.type(b"\n")
            t.type(b"back" + CTRL_A + CTRL_A)
            t.expect(b"back" + CTRL_A)
            self.assertTrue(t.is_raw())
            t.type(CTRL_D)
            self.assertEqual(t.wait(), 0)
            self.assertEqual(t.modes(), t.before)

    def test_the_terminal_is_input_only_when_output_is_a_file(self):
        t = Terminal(MICROVM, "run", "-k", KERNEL, stdout=subprocess.PIPE)
        with t:
            read_exactly(t.process.stdout, 4)
            self.assertTrue(t.is_raw())
            t.type(b"xyz" + CTRL_D)
            self.assertEqual(t.process.stdout.read(), b"xyz")
            self.restored(t, 0)


class OnPipes(unittest.TestCase):
    def test_all_bytes_pass_and_the_end_of_input_is_ctrl_d(self):
        p = boot(input=PASTE + b"\n")
        self.assertEqual((p.returncode, p.stderr), (0, b""))
        self.assertEqual(p.stdout, b"up\r\n" + PASTE + b"\n")

    def test_more_input_than_is_ever_kept(self):
        much = (PASTE + b"\n") * 8
        p = boot(input=much)
        self.assertEqual((p.returncode, p.stderr), (0, b""))
        self.assertEqual(p.stdout, b"up\r\n" + much)

    def test_no_escapes_on_a_pipe(self):
        p = boot(input=CTRL_A + b"x" + CTRL_A + b"h")
        self.assertEqual((p.returncode, p.stderr), (0, b""))
        self.assertEqual(p.stdout, b"up\r\n\x01x\x01h")

    def test_an_empty_or_closed_input_ends_the_guest(self):
        for redirect in ("</dev/null", "<&-"):
            p = subprocess.run(
                ["sh", "-c", f'"$0" run -k "$1" {redirect}', MICROVM,
                 KERNEL], stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                check=False)
            self.assertEqual((p.returncode, p.stdout, p.stderr),
                             (0, b"up\r\n", b""))

    def test_input_from_a_file(self):
        with open(__file__, "rb") as f:
            text = f.read()
            f.seek(0)
            p = boot(stdin=f)
        self.assertEqual((p.returncode, p.stdout), (0, b"up\r\n" + text))

    def test_a_rebooted_guest_gets_the_end_of_input_too(self):
        p = boot(input=b"a" + CTRL_R)
        self.assertEqual((p.returncode, p.stdout),
                         (0, b"up\r\naup\r\n"))

    def test_descriptors_of_others_stay_as_they_are(self):
        # Somebody else's non-blocking pipes work, and ours do not become
        # non-blocking.
        for flag in (os.O_NONBLOCK, 0):
            rd, wr = os.pipe()
            out_rd, out_wr = os.pipe()
            for fd in (rd, out_wr):
                fcntl.fcntl(fd, fcntl.F_SETFL, flag)
            p = start("-k", KERNEL, stdin=rd, stdout=out_wr)
            with p, os.fdopen(out_rd, "rb") as out, \
                    os.fdopen(wr, "wb", 0) as to:
                self.assertEqual(read_exactly(out, 4), b"up\r\n")
                os.close(out_wr) if not flag else None
                to.write(b"late\n")
                self.assertEqual(read_exactly(out, 5), b"late\n")
                now = fcntl.fcntl(rd, fcntl.F_GETFL)
                self.assertEqual(now & os.O_NONBLOCK, flag)
                to.close()
                self.assertEqual(p.wait(), 0)
            os.close(rd)
            if flag:
                os.close(out_wr)

    def test_signals_end_it_with_their_status(self):
        for sig in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            with self.subTest(sig=sig), start("-k", KERNEL) as p:
                self.assertEqual(read_exactly(p.stdout, 4), b"up\r\n")
                p.send_signal(sig)
                self.assertEqual(p.wait(), 128 + sig)
                self.assertEqual(p.stderr.read(), b"")

    def test_a_signal_that_was_ignored_stays_so(self):
        def nohup():
            signal.signal(signal.SIGHUP, signal.SIG_IGN)

        with start("-k", KERNEL, preexec_fn=nohup) as p:
            self.assertEqual(read_exactly(p.stdout, 4), b"up\r\n")
            p.send_signal(signal.SIGHUP)
            p.stdin.write(b"still here")
            self.assertEqual(read_exactly(p.stdout, 10), b"still here")
            p.stdin.close()
            self.assertEqual(p.wait(), 0)

    def test_a_reader_who_left_ends_it_silently(self):
        with start("-k", KERNEL) as p:
            self.assertEqual(read_exactly(p.stdout, 4), b"up\r\n")
            p.stdout.close()
            p.stdin.write(b"x")
            self.assertEqual(p.wait(), 128 + signal.SIGPIPE)
            self.assertEqual(p.stderr.read(), b"")

    def test_closed_output_ends_it_with_words(self):
        p = subprocess.run(["sh", "-c", '"$0" run -k "$1" >&-', MICROVM,
                            KERNEL], stdin=subprocess.DEVNULL,
                           stderr=subprocess.PIPE, check=False)
        self.assertEqual(p.returncode, 125)
        self.assertIn(b"standard output: Bad file descriptor", p.stderr)


if __name__ == "__main__":
    main()
