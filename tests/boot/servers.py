# SPDX-License-Identifier: MIT
"""servers.py - what the guests of the network tests talk to, on loopback.

Each server is a thread of the test, on a port the kernel chose.
"""
import functools
import hashlib
import http.server
import pathlib
import socketserver
import subprocess
import threading


class Handler(http.server.SimpleHTTPRequestHandler):
    """Files of a folder; PUT answers with the hash of what came."""
    protocol_version = "HTTP/1.1"

    def do_PUT(self):
        if self.headers.get("Expect", "").lower() == "100-continue":
            self.send_response_only(100)
            self.end_headers()
        left = int(self.headers["Content-Length"])
        digest = hashlib.sha256()
        while left:
            piece = self.rfile.read(min(left, 65536))
            digest.update(piece)
            left -= len(piece)
        answer = digest.hexdigest().encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(answer)))
        self.end_headers()
        self.wfile.write(answer)

    def log_message(self, *args):
        pass


class Greeter(socketserver.BaseRequestHandler):
    """Speaks first; then sends back all it was sent, after its end."""

    def handle(self):
        self.request.sendall(b"hello from the server\n")
        data = b""
        while True:
            piece = self.request.recv(65536)
            if not piece:
                break
            data += piece
        self.request.sendall(data)


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while True:
            piece = self.request.recv(65536)
            if not piece:
                break
            self.request.sendall(piece)


class Mirror(socketserver.BaseRequestHandler):
    """Datagrams come back with their bytes in reverse."""

    def handle(self):
        data, sock = self.request
        sock.sendto(data[::-1], self.client_address)


class Server:
    """Until close(); `port` is where it listens."""

    def __init__(self, kind, handler, path=None):
        class Kind(kind):
            daemon_threads = True
            allow_reuse_address = True
            request_queue_size = 512

        self.server = Kind(str(path) if path else ("127.0.0.1", 0), handler)
        self.port = None if path else self.server.server_address[1]
        self.thread = threading.Thread(target=self.server.serve_forever)
        self.thread.start()

    def close(self):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


UnixServer = socketserver.ThreadingUnixStreamServer


def tcp(handler):
    return Server(socketserver.ThreadingTCPServer, handler)


def udp(handler):
    return Server(socketserver.ThreadingUDPServer, handler)


def web(folder):
    return Server(http.server.ThreadingHTTPServer,
                  functools.partial(Handler, directory=str(folder)))


def repository(folder):
    """A git repository with two commits, for clients of plain HTTP."""
    folder = pathlib.Path(folder)
    work = folder / "work"
    env = {"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "HOME": str(folder),
           "GIT_CONFIG_NOSYSTEM": "1",
           "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com",
           "GIT_COMMITTER_NAME": "a", "GIT_COMMITTER_EMAIL": "a@example.com"}

    def git(*words):
        subprocess.run(["git", *words], check=True, env=env,
                       stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    git("init", "-q", "-b", "main", str(work))
    for name in ("one", "two"):
        (work / "file").write_text(name * 10000)
        git("-C", str(work), "add", "file")
        git("-C", str(work), "commit", "-q", "-m", name)
    git("clone", "-q", "--bare", str(work), str(folder / "repo.git"))
    git("-C", str(folder / "repo.git"), "update-server-info")


def archive(folder):
    """A repository of apt's that has three packages, in name."""
    folder = pathlib.Path(folder)
    folder.mkdir()
    text = "".join(f"Package: toy{i}\nVersion: 1\nArchitecture: all\n"
                   f"Maintainer: a <a@example.com>\nFilename: toy{i}.deb\n"
                   f"Size: 1\nSHA256: {'0' * 64}\nDescription: toy\n\n"
                   for i in range(3))
    (folder / "Packages").write_text(text)
