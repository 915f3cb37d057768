#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Options of vsock and network, names, statuses of commands, polite ends."""
import json
import os
import signal
import subprocess
import tempfile
import time
import unittest

from command import MICROVM, Terminal, main, read_exactly, run, start

CTRL_A = b"\x01"
NO_DRIVER = b"the guest never loaded a vsock driver"


def guest(name, *args, **kw):
    return run("run", "-k", name, *args, **kw)


class Options(unittest.TestCase):
    def asked(self, *args, **kw):
        p = guest("config", *args, **kw)
        self.assertEqual(p.returncode, 0, p.stderr)
        lines = p.stdout.decode().split("\r\n")[:-1]
        return [w for w in lines
                if w.split()[0] not in ("cpus", "memory", "clock", "kernel")]

    def test_the_default_is_the_public_net_and_the_library_s_device(self):
        self.assertEqual(self.asked(), ["net 1"])

    def test_the_device(self):
        self.assertEqual(self.asked("--vsock", "cid=7"), ["cid 7", "net 1"])
        self.assertEqual(self.asked("--vsock", "cid=7,socket=/a,b"),
                         ["cid 7", "net 1", "socket /a,b"])
        self.assertEqual(self.asked("--vsock", "socket=x"),
                         ["cid 3", "net 1", "socket x"])
        self.assertEqual(self.asked("--no-vsock"), ["cid 0", "net 1"])
        self.assertEqual(self.asked("--clock=virtual", "--vsock", "cid=3",
                                    "-p", "1:2"),
                         ["cid 3", "net 1", "forward 1:2"])

    def test_ports(self):
        self.assertEqual(
            self.asked("-p", "8080:80", "--publish=0.0.0.0:1:2",
                       "--vsock-port", "1024=unix:/a",
                       "--vsock-port=4294967294=tcp:127.0.0.1:80,listen",
                       "--vsock-hold", "1.5"),
            ["net 1", "hold 1500", "map 1024 from guest unix:/a",
             "map 4294967294 to guest tcp:127.0.0.1:80", "forward 8080:80",
             "forward 0.0.0.0:1:2"])

    def test_rules_keep_their_order(self):
        self.assertEqual(
            self.asked("--net", "none", "--allow", "a.example:443",
                       "--deny=*.example", "--allow", "any", "--upstream",
                       "socks5h://127.0.0.1:1", "--proxy-login", "me:a:b",
                       "--log-net"),
            ["net 0", "rule allow a.example:443", "rule deny *.example",
             "rule allow any", "upstream socks5h://127.0.0.1:1",
             "login me a:b", "flows"])

    def test_files(self):
        with tempfile.TemporaryDirectory() as d:
            path = os.path.join(d, "it")
            with open(path, "w", encoding="ascii") as f:
                f.write("text\n")
            os.chmod(path, 0o751)
            self.assertEqual(
                self.asked("--file", f"{path}:/etc/a", "--file",
                           f"{path}:/b:0640"),
                ["file /etc/a 751 text$", "file /b 640 text$", "net 1"])
            rd, wr = os.pipe()
            os.write(wr, b"from a pipe")
            os.close(wr)
            self.assertEqual(
                self.asked("--file", f"/dev/fd/{rd}:/p", pass_fds=[rd]),
                ["file /p 644 from a pipe", "net 1"])
            os.close(rd)
            with open(path, "w", encoding="ascii") as f:
                f.truncate(17 << 20)
            p = guest("config", "-m", "16", "--file", f"{path}:/a")
            self.assertEqual(p.returncode, 125)
            self.assertIn(b"larger than 16 MiB", p.stderr)

    def test_descriptors_are_not_few(self):
        p = subprocess.run(["sh", "-c", 'ulimit -S -n 64; exec "$0" run -k '
                            "files", MICROVM], stdin=subprocess.DEVNULL,
                           stdout=subprocess.PIPE, check=True)
        self.assertEqual(p.stdout, b"1\r\n")


class Names(unittest.TestCase):
    def setUp(self):
        tmp = tempfile.TemporaryDirectory()
        self.addCleanup(tmp.cleanup)
        self.dir = tmp.name
        self.env = dict(os.environ, XDG_RUNTIME_DIR=self.dir)

    def named(self, name, **kw):
        p = start("-k", "deaf", "--name", name, env=self.env, **kw)
        self.assertEqual(read_exactly(p.stdout, 4), b"up\r\n")
        return p

    def end(self, p, sig=signal.SIGTERM):
        p.send_signal(sig)
        p.communicate()

    def socket_of(self, **kw):
        p = guest("config", "--name", "it", **kw)
        self.assertEqual(p.returncode, 0, p.stderr)
        lines = p.stdout.decode().split("\r\n")
        return [w for w in lines if w.startswith("socket ")][0][7:]

    def test_a_name_is_a_socket_in_a_folder_of_one_s_own(self):
        self.assertEqual(self.socket_of(env=self.env),
                         f"{self.dir}/microvm/it.sock")
        self.assertEqual(os.stat(f"{self.dir}/microvm").st_mode & 0o777,
                         0o700)
        self.assertEqual(os.listdir(f"{self.dir}/microvm"), [])

    def test_without_a_runtime_folder(self):
        env = dict(self.env, TMPDIR=self.dir)
        env["XDG_RUNTIME_DIR"] = "relative"
        self.assertEqual(self.socket_of(env=env),
                         f"{self.dir}/microvm-{os.getuid()}/it.sock")
        del env["TMPDIR"]
        env["HOME"] = self.dir
        self.assertEqual(self.socket_of(env=env),
                         f"{self.dir}/.cache/microvm/it.sock")
        del env["HOME"]
        p = guest("config", "--name", "it", env=env)
        self.assertEqual(p.returncode, 125)
        self.assertIn(b"no folder for sockets", p.stderr)

    def test_a_folder_of_others_is_not_used(self):
        os.mkdir(f"{self.dir}/microvm")
        os.chmod(f"{self.dir}/microvm", 0o777)
        p = guest("config", "--name", "it", env=self.env)
        self.assertEqual(p.returncode, 125)
        self.assertIn(b"not a folder that only you can write to", p.stderr)
        os.rmdir(f"{self.dir}/microvm")
        os.mkdir(f"{self.dir}/real")
        os.symlink("real", f"{self.dir}/microvm")
        p = guest("config", "--name", "it", env=self.env)
        self.assertEqual(p.returncode, 125)

    def test_a_name_in_use_is_refused_and_free_afterwards(self):
        with self.named("it") as p:
            q = guest("config", "--name", "it", env=self.env)
            self.assertEqual((q.returncode, q.stdout), (125, b""))
            self.assertIn(b"--name: a guest named 'it' runs already\n"
                          b"  fix: take another name", q.stderr)
            with self.named("other") as other:
                self.end(other)
            self.end(p)
        self.socket_of(env=self.env)

    def test_what_a_killed_one_left_behind_is_in_nobody_s_way(self):
        with self.named("it") as p:
            with open(f"{self.dir}/microvm/it.sock", "wb"):
                pass
            self.end(p, signal.SIGKILL)
        self.assertIn("it.lock", os.listdir(f"{self.dir}/microvm"))
        self.socket_of(env=self.env)
        self.assertEqual(os.listdir(f"{self.dir}/microvm"), [])


class Statuses(unittest.TestCase):
    def ends(self, status, *args, told="", **kw):
        env = dict(os.environ)
        if told:
            env["FAKE_STATUS"] = told
        p = guest(*args, env=env, **kw)
        self.assertEqual(p.returncode, status, p.stderr)
        return p

    def test_the_status_is_the_command_s(self):
        for told in ("0", "1", "126", "127", "143", "255"):
            p = self.ends(int(told), "command", "--", "true", told=told)
            self.assertEqual(p.stderr, b"")

    def test_without_a_command_it_is_not(self):
        self.ends(0, "command", told="3")

    def test_a_status_that_is_not_told_is_an_error(self):
        p = self.ends(125, "command", "--", "true")
        self.assertEqual(p.stdout, b"")
        self.assertIn(b"ended without telling the status of its command",
                      p.stderr)
        self.assertIn(b"fix: only an init", p.stderr)
        self.assertNotIn(NO_DRIVER, p.stderr)

    def test_without_a_driver_the_fix_is_to_load_one(self):
        p = self.ends(125, "echo", "--", "true")
        self.assertIn(b"of its command: " + NO_DRIVER + b"\n  fix: its "
                      b"kernel needs the modules virtio_mmio", p.stderr)
        self.assertEqual(p.stderr.count(NO_DRIVER), 1)

    def test_without_the_device_there_is_nobody_to_tell(self):
        for args in (["--no-vsock"], ["--clock", "virtual"]):
            p = self.ends(0, "echo", *args, "--", "true")
            self.assertEqual(p.stderr, b"")

    def test_a_port_without_a_driver_is_worth_a_hint(self):
        for args in (["-p", "1:1"], ["--vsock-port", "1=unix:/a"]):
            p = self.ends(0, "echo", *args)
            self.assertTrue(p.stderr.startswith(b"microvm: " + NO_DRIVER))
            self.assertEqual(self.ends(0, "echo", "-q", *args).stderr, b"")
            self.assertEqual(self.ends(0, "command", *args).stderr, b"")
        self.assertEqual(self.ends(0, "echo").stderr, b"")
        self.assertNotIn(NO_DRIVER,
                         self.ends(123, "panic", "-p", "1:1").stderr)

    def test_the_report_has_it_in_any_case(self):
        for args in ([], ["--", "x"]):
            p = self.ends(9 if args else 0, "command", "--json", *args,
                          told="9")
            r = json.loads(p.stderr)
            self.assertEqual((r["reason"], r["exit_status"]), ("poweroff", 9))
        r = json.loads(self.ends(0, "echo", "--json").stderr)
        self.assertNotIn("exit_status", r)
        r = json.loads(self.ends(0, "echo", "--json", "--no-vsock").stderr)
        self.assertNotIn("vsock", r)
        r = json.loads(self.ends(125, "command", "--json", "--", "x").stderr)
        self.assertEqual((r["reason"], r["status"]), ("poweroff", 125))
        self.assertIn("without telling", r["error"]["message"])


class Ends(unittest.TestCase):
    def test_signals_ask_first(self):
        for sig in (signal.SIGTERM, signal.SIGINT):
            with start("-k", "polite", "--json") as p:
                self.assertEqual(read_exactly(p.stdout, 4), b"up\r\n")
                p.send_signal(sig)
                out, err = p.communicate()
                self.assertEqual((p.returncode, out), (128 + sig, b"bye\r\n"))
                r = json.loads(err)
                self.assertEqual((r["reason"], r["exit_status"]),
                                 ("signal", 143))

    def test_a_hangup_does_not_ask(self):
        with start("-k", "polite") as p:
            self.assertEqual(read_exactly(p.stdout, 4), b"up\r\n")
            p.send_signal(signal.SIGHUP)
            self.assertEqual(p.communicate(), (b"", b""))
            self.assertEqual(p.returncode, 128 + signal.SIGHUP)

    def test_who_does_not_end_in_time_is_killed(self):
        with start("-k", "stubborn") as p:
            self.assertEqual(read_exactly(p.stdout, 4), b"up\r\n")
            begun = time.monotonic()
            p.send_signal(signal.SIGTERM)
            self.assertEqual(read_exactly(p.stdout, 4), b"no\r\n")
            out, err = p.communicate()
            self.assertGreater(time.monotonic() - begun, 4.9)
            self.assertEqual((p.returncode, out), (143, b""))
            self.assertEqual(err, b"microvm: guest killed: it was asked to "
                             b"end and did not\n")

    def test_a_second_signal_does_not_wait(self):
        with start("-k", "stubborn") as p:
            self.assertEqual(read_exactly(p.stdout, 4), b"up\r\n")
            begun = time.monotonic()
            p.send_signal(signal.SIGTERM)
            self.assertEqual(read_exactly(p.stdout, 4), b"no\r\n")
            p.send_signal(signal.SIGTERM)
            p.communicate()
            self.assertLess(time.monotonic() - begun, 4.5)
            self.assertEqual(p.returncode, -signal.SIGTERM)

    def test_a_guest_that_cannot_be_asked_is_killed_at_once(self):
        for name in ("deaf", "unplugged"):
            with start("-k", name) as p:
                self.assertEqual(read_exactly(p.stdout, 4), b"up\r\n")
                begun = time.monotonic()
                p.send_signal(signal.SIGTERM)
                p.communicate()
                self.assertLess(time.monotonic() - begun, 4.5)
                self.assertEqual(p.returncode, 143)

    def typed(self, name, *args):
        t = Terminal(MICROVM, "run", "-k", name, *args)
        t.expect(b"up\r\n")
        t.type(CTRL_A + b"s")
        return t

    def test_the_stop_key_asks(self):
        with self.typed("polite", "--json=/dev/stdout") as t:
            t.expect(b"console: stopping the guest; once more to quit\r\n")
            t.expect(b"bye\r\n")
            self.assertEqual(t.wait(), 0)
            self.assertIn(b'"reason": "stop"', t.seen)
            self.assertEqual(t.modes(), t.before)

    def test_the_stop_key_twice_quits(self):
        for again in (b"s", b"x"):
            with self.typed("stubborn") as t:
                begun = time.monotonic()
                t.expect(b"no\r\n")
                t.type(b"typed meanwhile" + CTRL_A + again)
                self.assertEqual(t.wait(), 0)
                self.assertLess(time.monotonic() - begun, 9)
                self.assertEqual(t.modes(), t.before)

    def test_the_stop_key_waits_ten_seconds(self):
        with self.typed("stubborn") as t:
            begun = time.monotonic()
            self.assertEqual(t.wait(), 0)
            self.assertGreater(time.monotonic() - begun, 9.5)
            self.assertIn(b"guest killed: it was asked to end", t.seen)

    def test_the_stop_key_without_anybody_to_ask_quits(self):
        with self.typed("deaf") as t:
            t.expect(b"console: nobody in the guest could stop it: quit\r\n")
            self.assertEqual(t.wait(), 0)

    def test_a_time_out_counts_while_a_guest_is_stopping(self):
        with start("-k", "stubborn", "--timeout", "1") as p:
            self.assertEqual(read_exactly(p.stdout, 4), b"up\r\n")
            begun = time.monotonic()
            p.send_signal(signal.SIGTERM)
            p.communicate()
            self.assertEqual(p.returncode, 143)
            self.assertLess(time.monotonic() - begun, 4.5)


class Log(unittest.TestCase):
    LINES = (b"net: #1 tcp example.com:443 (192.0.2.1) opened\n"
             b"net: #1 tcp example.com:443 (192.0.2.1) ended, "
             b"12 bytes out, 345 in\n"
             b"net: #2 udp 10.0.0.1:53 denied: not a public address\n")

    def test_lines_on_stderr(self):
        self.assertEqual(guest("flows", "--log-net").stderr, self.LINES)
        self.assertEqual(guest("flows").stderr, b"")

    def test_a_raw_terminal_gets_returns(self):
        with Terminal(MICROVM, "run", "-k", "flows", "-q", "--log-net") as t:
            self.assertEqual(t.wait(), 0)
            self.assertNotIn(b"net:", t.seen)
        with Terminal(MICROVM, "run", "-k", "flows", "--log-net") as t:
            self.assertEqual(t.wait(), 0)
            self.assertIn(self.LINES.replace(b"\n", b"\r\n"), t.seen)

    def test_silence_where_it_was_asked_for(self):
        self.assertEqual(guest("flows", "--log-net", "-q").stderr, b"")
        json.loads(guest("flows", "--log-net", "--json").stderr)

    def test_a_file_has_them_all_in_any_case(self):
        with tempfile.TemporaryDirectory() as d:
            path = os.path.join(d, "log")
            for _ in range(2):
                guest("flows", f"--log-net={path}", "-q", "--json")
            with open(path, "rb") as f:
                self.assertEqual(f.read(), self.LINES * 2)

    def test_who_does_not_read_the_log_does_not_hold_up_the_guest(self):
        with start("-k", "many_flows", "--log-net",
                   stdin=subprocess.DEVNULL) as p:
            self.assertEqual(p.stdout.read(), b"")  # its end: it is over
            self.assertEqual(p.wait(), 0)
            lines = p.stderr.read().splitlines()
        self.assertLess(len(lines), 10000)
        self.assertEqual(lines[0], b"net: #0 tcp example.com:0 denied")


if __name__ == "__main__":
    main()
