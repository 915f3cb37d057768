#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""In virtual time two runs are one: every byte and every instruction."""
import unittest

import boot

SCRIPT = """
head -c 16 /dev/urandom | sha256sum
date +%s.%N
cat /proc/uptime /proc/interrupts
for i in 1 2 3 4; do (echo $i $$ | sha256sum) & done; wait
sleep 2.5
dmesg
"""


class Virtual(unittest.TestCase):
    maxDiff = 2000

    def twice(self, *options):
        a, b = (boot.run(boot.image(), "sh", "-c", SCRIPT,
                         options=["--clock", "virtual", *options])
                for _ in range(2))
        self.assertEqual(a.status, 0, a)
        self.assertEqual(a.lines(), b.lines())
        self.assertEqual(a.console, b.console)
        self.assertGreater(a.report["instructions"], 100_000_000)
        for fact in ("instructions", "mark_instructions", "exits", "reason"):
            self.assertEqual(a.report[fact], b.report[fact], fact)

    def test_two_runs_on_one_cpu_are_equal(self):
        self.twice()

    def test_two_runs_on_two_cpus_are_equal(self):
        self.twice("--cpus", "2")


if __name__ == "__main__":
    unittest.main(verbosity=2)
