#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""run.py HOST TOPIC... - tests in one boot of an emulated host.

HOST is a name of host.py's table, TOPIC the NAME of a test_NAME.py.
"""
import argparse
import importlib
import sys
import unittest

import host
import parts
from topic import Topic

SKIP = 77


def topics_of(names):
    """The classes of test_NAME.py, for each name."""
    found = []
    for name in names:
        module = importlib.import_module("test_" + name)
        found += [value for value in vars(module).values()
                  if isinstance(value, type) and issubclass(value, Topic)
                  and value.__module__ == module.__name__]
    return found


def judge(topics):
    suite = unittest.TestSuite()
    for topic in topics:
        suite.addTests(unittest.defaultTestLoader.loadTestsFromTestCase(topic))
    return unittest.TextTestRunner(verbosity=2).run(suite)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("host", choices=host.KINDS)
    parser.add_argument("topic", nargs="+")
    parser.add_argument("--limit", type=int, default=240,
                        help="seconds the host may take")
    parser.add_argument("--cpus", type=int, default=1)
    args = parser.parse_args()
    kind = host.KINDS[args.host]
    reason = host.missing(kind) or parts.missing(kind.arch)
    if reason:
        print(reason)
        return SKIP
    topics = topics_of(args.topic)
    machine = host.Host(kind, cpus=args.cpus,
                        mib=max(topic.MIB for topic in topics))
    for topic in topics:
        topic.host = machine
        topic.prepare(machine)
    outcome = machine.run(args.limit)
    print(f"{kind} host: init after {outcome.uptime('up')} s, /dev/kvm after "
          f"{outcome.uptime('kvm')} s, off after {outcome.seconds:.1f} s",
          flush=True)
    for topic in topics:
        topic.outcome = outcome
    result = judge(topics)
    if outcome.status:
        print(outcome)
    return 0 if result.wasSuccessful() and not outcome.status else 1


if __name__ == "__main__":
    sys.exit(main())
