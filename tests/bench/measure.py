# SPDX-License-Identifier: MIT
"""Run a command quietly and say what it cost, as the kernel counted it."""
import os
import subprocess
import sys
import time


class Cost:
    """Of one finished process: seconds of CPU and of wall time, peak MiB."""

    def __init__(self, cpu, wall, rss):
        self.cpu = cpu
        self.wall = wall
        self.rss = rss


def run(cmd, what, timeout=300):
    """The cost of `cmd`; ends the bench with its output when it fails."""
    start = time.monotonic()
    with subprocess.Popen([str(c) for c in cmd], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT
                          ) as p:
        try:
            output = b""
            for line in p.stdout:
                output += line
                if time.monotonic() - start > timeout:
                    p.kill()
                    sys.exit(f"bench: {what}: not done after {timeout} s")
        finally:
            _, status, usage = os.wait4(p.pid, 0)
            p.returncode = os.waitstatus_to_exitcode(status)
    if p.returncode:
        sys.exit(f"bench: {what}: exit status {p.returncode}\n"
                 f"{output.decode(errors='replace')}")
    return Cost(usage.ru_utime + usage.ru_stime, time.monotonic() - start,
                usage.ru_maxrss / 1024)
