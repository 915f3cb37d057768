# SPDX-License-Identifier: MIT
"""However a VM ends, nothing of it is left in its host."""
import pathlib
import random

import parts
from test_boot import GUEST
from topic import Topic

HERE = pathlib.Path(__file__).resolve().parent
DIED = {"TERM": 128 + 15, "KILL": 128 + 9}


class Ends(Topic):
    ROUNDS = 10

    @classmethod
    def prepare(cls, host):
        parts.microvm(host)
        parts.guest(host)
        host.add("host_ends.sh", HERE / "host_ends.sh", executable=True)
        points = random.Random(7)
        for signal in DIED:
            delays = [f"{points.uniform(0, 4) ** 2 / 4:.3f}"
                      for _ in range(cls.ROUNDS)]
            host.step(f"ends-{signal}", "/host_ends.sh", signal, *delays,
                      limit=150)
        # What was left would be in the way of this one.
        host.step("ends-after", *GUEST, "--vsock",
                  "cid=3,socket=/tmp/ends.sock", "--", "true", limit=100)

    def test_nothing_is_left_after_a_signal_at_any_time(self):
        for signal, status in DIED.items():
            with self.subTest(signal=signal):
                step = self.done(f"ends-{signal}")
                self.assertEqual(step.lines(),
                                 [f"end: {status}"] * self.ROUNDS + [""], step)

    def test_the_next_guest_runs(self):
        self.done("ends-after")
