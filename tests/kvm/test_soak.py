# SPDX-License-Identifier: MIT
"""VMs of a stock kernel come and go in one process: nothing is left of them.

The same program as the native test soak-kvm, with real boots to break off and
real streams into the guest.
"""
import parts
from topic import Topic

ECHO = 1234
# Ends when it had its line, which those do not get that are to stay.
GUEST = f"vsock-client echo {ECHO} & read line; cat /word"


class Soak(Topic):
    CYCLES, VMS, ROUNDS = 6, 3, 2

    @classmethod
    def prepare(cls, host):
        parts.make(host.kind.arch, "tests/kvm/soak")
        parts.bundle(host, f"{parts.build(host.kind.arch)}/tests/kvm/soak:"
                     "/bin/soak")
        parts.guest(host)
        # The C library is to keep no stacks and heaps of threads gone.
        host.step("soak", "env", "GLIBC_TUNABLES=glibc.pthread."
                  "stack_cache_size=0:glibc.malloc.arena_max=1",
                  "soak", "--initrd", "/guest/initrd",
                  "--cycles", cls.CYCLES, "--vms", cls.VMS,
                  "--rounds", cls.ROUNDS, "--cpus", "2", "--memory", "192",
                  "--echo", ECHO, "/guest/kernel", "sh", "-c", GUEST,
                  limit=200)
        # Debugfs has a folder for each VM there is.
        host.step("soak-left", "find", "/sys/kernel/debug/kvm",
                  "-mindepth", "1", "-type", "d")

    def test_what_is_held_is_what_was_held(self):
        step = self.done("soak")
        self.assertIn("crowds: ", step.out)
        print(step.out.rstrip())

    def test_no_vm_is_left_in_the_kernel(self):
        self.assertEqual(self.done("soak-left").out, "")
