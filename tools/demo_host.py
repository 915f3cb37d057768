#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""demo_host.py - what the guest of `make demo` talks to on the host.

Prints two ports on 127.0.0.1, of an echo and of a web server with one page,
and serves them until its standard input ends.
"""
import http.server
import socketserver
import sys
import threading


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(65536):
            self.request.sendall(data)


class Page(http.server.BaseHTTPRequestHandler):
    TEXT = b"hello from a server on the host\n"

    def do_GET(self):
        self.send_response(200)
        self.send_header("Content-Length", str(len(self.TEXT)))
        self.end_headers()
        self.wfile.write(self.TEXT)

    def log_message(self, *args):
        pass


def main():
    servers = [socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo),
               http.server.ThreadingHTTPServer(("127.0.0.1", 0), Page)]
    for server in servers:
        server.daemon_threads = True
        threading.Thread(target=server.serve_forever, daemon=True).start()
    print(*(server.server_address[1] for server in servers), flush=True)
    sys.stdin.buffer.read()


if __name__ == "__main__":
    main()
