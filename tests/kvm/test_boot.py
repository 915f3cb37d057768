# SPDX-License-Identifier: MIT
"""A stock Debian kernel under KVM to its init, with one CPU and with more;
vsock both ways, and curl through the proxy."""
import hashlib
import pathlib
import random
import re

import parts
from topic import Topic

HERE = pathlib.Path(__file__).resolve().parent
GUEST = ("microvm", "run", "-q", "-k", "/guest/kernel", "-i", "/guest/initrd",
         "--timeout", "100")
# What a guest says of itself; lines of its log that should not be there, too;
# and a lot of words just before its end, which are not to be lost.
LOOK = """
clocks=/sys/devices/system/clocksource/clocksource0
echo "up: $(cut -d ' ' -f 1 /proc/uptime)"
echo "cpus: $(nproc)"
echo "release: $(uname -r)"
echo "clock: $(cat $clocks/current_clocksource)"
bad='BUG|WARNING: CPU|Oops|unstable|nobody cared|lockup|timed out|Firmware Bug'
bad="$bad|ACPI.*(Error|Exception)"
dmesg | grep -E "$bad" | sed 's/^/bad: /'
seq 1 200
echo "last: word"
exit 42
"""
# What the emulated host is to blame for; its QEMU has the same in its guests.
HOSTS_OWN = re.compile(
    # XCR0 is written behind KVM's back, so CPUID's size of XSAVE stays behind.
    r"fpu__init_system_xstate"
    # No KVM before Linux 6.7 has this bit of HWCR.
    r"|TSC doesn't count with P0 frequency")


def facts(step):
    """The lines "name: value" of a step's output."""
    return dict(line.split(": ", 1) for line in step.lines()
                if ": " in line)


def complaints(step):
    """The guest's kernel's, of which nobody else is the cause."""
    return [line for line in step.lines()
            if line.startswith("bad: ") and not HOSTS_OWN.search(line)]


def look(*more):
    """Words for a step: a guest that says what it is."""
    return [*GUEST, *more, "--", "sh", "-c", LOOK]


class Boot(Topic):
    CPUS = (1, 2, 4)

    @classmethod
    def prepare(cls, host):
        parts.microvm(host)
        parts.guest(host)
        for cpus in cls.CPUS:
            host.step(f"boot-{cpus}", *look("-c", cpus), limit=120)

    def test_the_kernel_comes_up_with_all_its_cpus(self):
        for cpus in self.CPUS:
            with self.subTest(cpus=cpus):
                step = self.done(f"boot-{cpus}", 42)
                said = facts(step)
                print(f"guest with {cpus} CPUs: init after {said['up']} s, "
                      f"off after {step.seconds:.1f} s")
                self.assertEqual(said["cpus"], str(cpus), step)
                self.assertEqual(complaints(step), [], step)
                self.assertEqual(said["last"], "word", step)
                self.assertIn("cloud", said["release"], step)


class Link(Topic):
    DATA = random.Random(5).randbytes(1000001)

    @classmethod
    def prepare(cls, host):
        parts.microvm(host)
        parts.guest(host)
        host.add("guest/curl", parts.curl(host.kind.arch))
        host.add("www/data", cls.DATA)
        for name in ("link.sh", "host_link.sh"):
            host.add(name, HERE / name, executable=True)
        host.step("link", "/host_link.sh", *GUEST, "-i", "/guest/curl",
                  "--net", "none", "--allow", "loopback",
                  "--vsock", "cid=3,socket=/tmp/guest.sock",
                  "--vsock-port", "5000=tcp:127.0.0.1:5000",
                  "--vsock-hold", "100", "--file", "/link.sh:/link.sh",
                  "--", "/link.sh", "8080", "5000", limit=150)

    def test_vsock_and_the_proxy_carry_what_they_should(self):
        step = self.done("link", 42)
        said = facts(step)
        data = hashlib.sha256(self.DATA).hexdigest()
        for name, want in {"socks": data, "connect": data, "called": data,
                           "denied": "97", "bench": "good"}.items():
            self.assertEqual(said.get(name), want, f"{name}\n{step}")
        self.assertIn("20", said["ping"], step)
        self.assertTrue(re.search(r"^bye$", step.out, re.M), step)
