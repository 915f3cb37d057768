# SPDX-License-Identifier: MIT
"""What vsock and the proxy cost, beside plain system calls and other proxies.

The figures come from bench-link (link.c): a guest that is a thread, so that no
CPU is emulated, and the CPU time of the VM's loop thread.  Each is run in turn
with what it is compared to, several times; medians are told.
"""
import contextlib
import pathlib
import shutil
import socket
import socketserver
import statistics
import subprocess
import sys
import threading
import time

# What, beside which floors.
PATHS = (
    ("vsock-rx-unix", "floor-rx-unix", "floor-relay-unix",
     "vsock, Unix socket to guest"),
    ("vsock-tx-unix", "floor-tx-unix", "floor-relay-unix",
     "vsock, guest to Unix socket"),
    ("vsock-rx-tcp", "floor-rx-tcp", "floor-relay-tcp",
     "vsock, TCP to guest"),
    ("vsock-tx-tcp", "floor-tx-tcp", "floor-relay-tcp",
     "vsock, guest to TCP"),
    ("proxy-rx-tcp", "floor-rx-tcp", "floor-relay-tcp",
     "proxy, TCP to guest"),
    ("proxy-tx-tcp", "floor-tx-tcp", "floor-relay-tcp",
     "proxy, guest to TCP"),
)
DANTE = """
logoutput: {folder}/log
internal: 127.0.0.1 port = {port}
external: 127.0.0.1
clientmethod: none
socksmethod: none
user.privileged: root
user.unprivileged: nobody
client pass {{ from: 0.0.0.0/0 to: 0.0.0.0/0 }}
socks pass {{ from: 0.0.0.0/0 to: 0.0.0.0/0 }}
"""


def figure(program, *words):
    """One line of bench-link as a dictionary of numbers."""
    done = subprocess.run([str(program), *map(str, words)], text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                          timeout=600, check=False)
    if done.returncode:
        sys.exit(f"bench: {words}: {done.stderr}")
    parts = done.stdout.split()
    return {k: float(v) for k, v in zip(parts[1::2], parts[2::2])}


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def answers(port):
    with contextlib.suppress(OSError), socket.create_connection(
            ("127.0.0.1", port), 1):
        return True
    return False


@contextlib.contextmanager
def server(cmd, port):
    """A proxy of somebody else, while it is needed."""
    with subprocess.Popen(cmd, stdout=subprocess.DEVNULL,
                          stderr=subprocess.DEVNULL) as p:
        try:
            end = time.monotonic() + 20
            while not answers(port):
                if p.poll() is not None or time.monotonic() > end:
                    raise RuntimeError(f"{cmd[0]} does not come up")
                time.sleep(0.05)    # it tells nobody when it listens
            yield port
        finally:
            p.terminate()


def peers(folder):
    """(name, how to start it) of the proxies that are installed."""
    port = free_port()
    if shutil.which("microsocks"):
        yield "microsocks", server(["microsocks", "-i", "127.0.0.1", "-p",
                                    str(port)], port)
    port = free_port()
    danted = shutil.which("danted") or shutil.which(
        "danted", path="/usr/sbin")
    if danted:
        config = pathlib.Path(folder) / "danted.conf"
        config.write_text(DANTE.format(folder=folder, port=port))
        yield "dante", server([danted, "-f", str(config)], port)


def median(figures, key):
    return statistics.median(f[key] for f in figures)


def report_paths(program, runs, gb):
    print("\n| data path, CPU s/GB | cost | one copy | ratio | "
          "socket to socket | ratio |\n|---|---|---|---|---|---|")
    for name, floor, relay, text in PATHS:
        got = {n: [] for n in (name, floor, relay)}
        for _ in range(runs):
            for n, figures in got.items():
                figures.append(figure(program, n, gb))
        cost, one, two = (median(got[n], "cpu-per-gb")
                          for n in (name, floor, relay))
        print(f"| {text} | {cost:.3f} | {one:.3f} | {cost / one:.2f} | "
              f"{two:.3f} | **{cost / two:.2f}** |")


def proxy_row(name, conns, receive, send):
    print(f"| {name} | {median(conns, 'per-second'):.0f} | "
          f"{median(receive, 'gb-per-second'):.2f} | "
          f"{median(send, 'gb-per-second'):.2f} |")


def report_proxies(program, runs, gb, folder):
    print("\n| proxy | connections/s | GB/s to the client | from it |"
          "\n|---|---|---|---|")
    proxy_row("ours, over vsock", *(
        [figure(program, n, gb) for _ in range(runs)]
        for n in ("proxy-conns", "proxy-rx-tcp", "proxy-tx-tcp")))
    for name, start in peers(folder):
        with start as port:
            proxy_row(name, *(
                [figure(program, n, port, gb) for _ in range(runs)]
                for n in ("socks-conns", "socks-rx-tcp", "socks-tx-tcp")))


class Echo(socketserver.BaseRequestHandler):
    def handle(self):
        while data := self.request.recv(262144):
            self.request.sendall(data)


def report_guest(microvm, image):
    """The same end to end: a guest on the software CPU, and an echo here."""
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Echo) as echo:
        threading.Thread(target=echo.serve_forever, daemon=True).start()
        done = subprocess.run(
            [str(microvm), "run", "-q", "--backend", "soft",
             "-k", image / "kernel", "-i", image / "initrd", "--vsock-port",
             f"5000=tcp:127.0.0.1:{echo.server_address[1]}", "--", "sh", "-c",
             "vsock-client ping 2 5000 -c 200; vsock-client bench 2 5000"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True, timeout=300, check=False)
        echo.shutdown()
    if done.returncode:
        sys.exit(f"bench: the guest's vsock-client: {done.stdout}")
    print("\n| vsock, end to end on the software CPU | |\n|---|---|")
    for line in done.stdout.splitlines():
        word, _, rest = line.partition(" ")
        if word in ("ping", "bench"):
            print(f"| {word} | {rest.strip()} |")


def report(program, runs, folder, gb=1):
    report_paths(program, runs, gb)
    report_proxies(program, runs, gb, folder)
