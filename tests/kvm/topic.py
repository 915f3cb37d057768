# SPDX-License-Identifier: MIT
"""topic.py - what the tests in an emulated host have in common."""
import unittest


class Topic(unittest.TestCase):
    """Puts files and steps into a host, then judges what became of them.

    Several topics may share one host: run.py calls prepare() of each, runs
    the host, and has the tests look at its outcome.
    """
    MIB = 1536          # of the host's memory
    maxDiff = None
    outcome = None

    @classmethod
    def prepare(cls, host):
        raise NotImplementedError

    def step(self, name):
        """A step that has ended, however it did."""
        step = self.outcome.steps.get(name)
        if not step:
            self.fail(f"{name}: was not reached, or did not end\n"
                      f"{self.outcome}")
        return step

    def done(self, name, status=0):
        """A step that ended as it should."""
        step = self.step(name)
        self.assertEqual(step.status, status, f"{step}\n{self.outcome}")
        return step
