#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""Real programs through the proxy: curl, nc, git; those that are there."""
import hashlib
import http.server
import os
import shutil
import subprocess
import tempfile
import threading
import unittest

from proxies import DEADLINE, Ours, Server, free_port, read_all

CONTENT = bytes(i * i >> 3 & 0xff for i in range(2 * 1024 * 1024))


def needs(program, package):
    return unittest.skipUnless(shutil.which(program),
                               f"no {program} (Debian: {package})")


def run(*args, **kw):
    env = {k: v for k, v in os.environ.items()
           if not k.lower().endswith("_proxy")}
    return subprocess.run(args, stdout=subprocess.PIPE,
                          stderr=subprocess.PIPE, timeout=DEADLINE,
                          check=False, env=env, **kw)


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *args):  # pylint: disable=arguments-differ
        pass


class Web:
    """A directory on HTTP, on loopback."""

    def __init__(self, folder):
        def handler(*args):
            return Quiet(*args, directory=folder)
        self.httpd = http.server.ThreadingHTTPServer(("127.0.0.1", 0),
                                                     handler)
        self.port = self.httpd.server_address[1]
        threading.Thread(target=self.httpd.serve_forever,
                         daemon=True).start()

    def close(self):
        self.httpd.shutdown()
        self.httpd.server_close()


class Clients(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = folder.name
        with open(os.path.join(self.folder, "file"), "wb") as f:
            f.write(CONTENT)
        self.web = Web(self.folder)
        self.addCleanup(self.web.close)

    def curl(self, proxy, how, host="127.0.0.1", path="file"):
        return run("curl", "-sS", "--max-time", "15", "-q", how, proxy,
                   f"http://{host}:{self.web.port}/{path}")

    def check_file(self, p):
        self.assertEqual(p.returncode, 0, p.stderr)
        self.assertEqual(hashlib.sha256(p.stdout).digest(),
                         hashlib.sha256(CONTENT).digest())

    @needs("curl", "curl")
    def test_curl_with_an_address(self):
        with Ours("--net", "all") as p:
            self.check_file(self.curl(f"127.0.0.1:{p.port}", "--socks5"))

    @needs("curl", "curl")
    def test_curl_with_a_name(self):
        with Ours("--net", "all") as p:
            self.check_file(self.curl(f"127.0.0.1:{p.port}",
                                      "--socks5-hostname", "localhost"))

    @needs("curl", "curl")
    def test_curl_logs_in(self):
        with Ours("--net", "all", "--login", "me:secret") as p:
            self.check_file(self.curl(
                f"socks5h://me:secret@127.0.0.1:{p.port}", "--proxy"))
            self.assertEqual(self.curl(
                f"socks5h://me:wrong@127.0.0.1:{p.port}",
                "--proxy").returncode, 97)

    @needs("curl", "curl")
    def test_curl_is_told_why_not(self):
        with Ours("--net", "public", "--flows") as p:
            for how in "--socks5", "--socks5-hostname":
                denied = self.curl(f"127.0.0.1:{p.port}", how, "localhost")
                self.assertEqual(denied.returncode, 97)
                self.assertIn(b"(2)", denied.stderr)
        with Ours("--net", "all") as p:
            self.web.port = free_port()
            refused = self.curl(f"127.0.0.1:{p.port}", "--socks5")
            self.assertIn(b"(5)", refused.stderr)

    @needs("curl", "curl")
    def test_curl_through_two_of_ours(self):
        with Ours("--net", "all", "--login", "a:b") as second, \
                Ours("--net", "all", "--upstream",
                     f"socks5h://a:b@127.0.0.1:{second.port}") as first:
            self.check_file(self.curl(f"127.0.0.1:{first.port}",
                                      "--socks5-hostname", "localhost"))

    @needs("git", "git")
    @needs("curl", "curl")
    def test_git_clones(self):
        work = os.path.join(self.folder, "work")
        git = ("git", "-c", "user.name=a", "-c", "user.email=a@b",
               "-c", "commit.gpgsign=false")
        bare = os.path.join(self.folder, "it.git")
        for args in (("init", "-q", work),
                     ("-C", work, "commit", "-q", "--allow-empty", "-m", "x"),
                     ("clone", "-q", "--bare", work, bare),
                     ("-C", bare, "update-server-info")):
            p = run(*git, *args)
            self.assertEqual(p.returncode, 0, p.stderr)
        with Ours("--net", "all") as proxy:
            p = run(*git, "-c", f"http.proxy=socks5h://127.0.0.1:{proxy.port}",
                    "clone", "-q",
                    f"http://localhost:{self.web.port}/it.git",
                    os.path.join(self.folder, "copy"))
            self.assertEqual(p.returncode, 0, p.stderr)

    @needs("nc", "netcat-openbsd")
    def test_nc_sends_ends_and_hears(self):
        if b"proxy_address" not in run("nc", "-h").stderr:
            self.skipTest("this nc knows no proxies (Debian: netcat-openbsd)")

        def handle(s):
            s.sendall(read_all(s)[::-1])

        with Server(handle) as server, Ours("--net", "all") as p:
            out = run("nc", "-N", "-X", "5", "-x", f"127.0.0.1:{p.port}",
                      "localhost", str(server.port), input=CONTENT)
            self.assertEqual(out.stdout, CONTENT[::-1], out.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=2)
