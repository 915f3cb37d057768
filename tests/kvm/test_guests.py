# SPDX-License-Identifier: MIT
"""The conformance suite, tests/guests, with KVM as what runs the CPU."""
import parts
from topic import Topic


class Guests(Topic):
    @classmethod
    def prepare(cls, host):
        parts.microvm(host)
        arch = parts.machine(host.kind)
        made = parts.build(host.kind.arch) / "tests/guests" / arch
        source = parts.ROOT / "tests/guests" / arch
        cls.names, cls.left_out = [], []
        lines = (made / "list.txt").read_text().splitlines()
        images = [f"tests/guests/{arch}/{line.split(chr(9))[2]}"
                  for line in lines]
        parts.make(host.kind.arch, *images)
        for line in lines:
            name, cpus, image, transcript, typed, *needs = line.split("\t")
            if "gicv3" in needs and "gic-version=2" in host.kind.machine:
                cls.left_out.append(name)
                continue
            host.add(f"guests/{image}", made / image)
            host.add(f"guests/{transcript}", source / transcript)
            host.step(f"guest-{name}", "run-guest", "--backend", "kvm",
                      "--cpus", cpus, "--type", typed, f"/guests/{image}",
                      f"/guests/{transcript}", limit=90)
            cls.names.append(name)

    def test_every_guest_says_what_it_has_to(self):
        self.assertTrue(self.names)
        for name in self.names:
            with self.subTest(guest=name):
                self.done(f"guest-{name}")

    def test_none_needs_what_the_host_has_not(self):
        if self.left_out:
            self.skipTest("this host has no GICv3, which these need: "
                          + " ".join(self.left_out))
