# SPDX-License-Identifier: MIT
"""`microvm check` on a host with KVM: what it finds, and what it advises."""
import json

import parts
from topic import Topic


class Check(Topic):
    @classmethod
    def prepare(cls, host):
        parts.microvm(host)
        host.step("check", "microvm", "check", "--json")
        host.step("check-table", "microvm", "check")
        host.step("check-denied", "su", "nobody", "-c",
                  "microvm check --json --backend kvm")

    def kvm(self, step):
        found = json.loads(step.out)
        return next(b for b in found["backends"] if b["name"] == "kvm")

    def test_kvm_works_and_is_what_runs_guests(self):
        kvm = self.kvm(self.done("check"))
        self.assertTrue(kvm["usable"], kvm)
        self.assertTrue(kvm["default"], kvm)
        self.assertEqual(kvm["guests"], [parts.machine(self.host.kind)])
        self.assertRegex(self.done("check-table").out, r"(?m)^kvm +default ")

    def test_it_says_that_this_host_is_virtual_itself(self):
        detail = self.kvm(self.done("check"))["detail"]
        if self.host.kind.arch == "amd64":
            self.assertIn("nested", detail)
        else:       # where a CPU does not tell that it is emulated
            self.assertIn("KVM", detail)

    def test_who_may_not_use_kvm_is_told_how_to(self):
        kvm = self.kvm(self.done("check-denied", 125))
        self.assertFalse(kvm["usable"])
        self.assertIn("/dev/kvm", kvm["error"]["message"])
        self.assertIn("usermod -aG kvm", kvm["error"]["fix"])
