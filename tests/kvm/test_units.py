# SPDX-License-Identifier: MIT
"""The unit tests of the backend on a KVM that hides nothing from them."""
import pathlib
import re

import parts
from topic import Topic


class Units(Topic):
    @classmethod
    def prepare(cls, host):
        arch = host.kind.arch
        folder = parts.build(arch)
        cls.programs = {}
        for test in parts.tests(arch):
            if test["name"].startswith("backend/kvm"):
                path = pathlib.Path(test["cmd"][0])
                cls.programs[path.name] = (path, test["cmd"][1:])
        parts.make(arch, *(str(path.relative_to(folder))
                           for path, _ in cls.programs.values()))
        parts.bundle(host, *(f"{path}:/units/{name}"
                             for name, (path, _) in cls.programs.items()))
        for name, (_, words) in cls.programs.items():
            host.step(name, f"/units/{name}", *words, limit=60)

    def test_every_program_passes_and_skips_nothing(self):
        self.assertTrue(self.programs)
        for name in self.programs:
            with self.subTest(program=name):
                step = self.done(name)
                cases = re.findall(r"\[ +OK +\] (\w+)", step.out + step.err)
                skips = re.findall(r"\[ +SKIPPED +\] (\w+)",
                                   step.out + step.err)
                self.assertTrue(cases, step)
                self.assertEqual(skips, [], step)
                print(f"{name}: {len(cases)} cases, {step.seconds:.1f} s")
