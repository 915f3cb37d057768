#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""check.py [--seconds N] STAGE... - build and run the tests, tell the result.

A stage is a build directory and the tests to run in it; `all` is every one
but kvm, of which main runs a part.
Failures are listed with their output at the end; the last line counts them.
A test that skips says why on the last line it prints.
"""
import argparse
import concurrent.futures
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
OK, FAIL, SKIP = "passed", "failed", "skipped"
CASE = re.compile(r"^\[ +(OK|FAILED|SKIPPED) +\] (\w+)$", re.M)
# What a case prints before it skips.
REASON = re.compile(r"^(?!\[)(?:skipped: )?(.+)\n\[ +SKIPPED +\] (\w+)$", re.M)
UNITTEST = re.compile(r"^OK \(.*?skipped=(\d+)", re.M)
# Unit tests of what has threads or locks: ThreadSanitizer's business.
THREADED = re.compile(r"^(os|dev|vm|backend|api|cli|virtio|endpoint|lessons)/")
MARKS = {"OK": OK, "FAILED": FAIL, "SKIPPED": SKIP}


class Result:
    """What became of one test: `what` says why it failed or was skipped."""

    def __init__(self, stage, name, verdict, what=""):
        self.stage, self.name = stage, name
        self.verdict, self.what = verdict, what


def say(text):
    print(text, flush=True)


def run(cmd, **kw):
    """Run in the root with no stdin; returns (exit code, all output)."""
    p = subprocess.run([str(c) for c in cmd], cwd=ROOT, text=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                       stderr=subprocess.STDOUT, errors="replace",
                       check=False, **kw)
    return p.returncode, p.stdout


def compiler(wanted):
    """clang if it is here; gcc has every sanitizer but libFuzzer."""
    return wanted if shutil.which(wanted) else "cc"


# Where Debian notes what is installed.
PACKAGES = pathlib.Path("/var/lib/dpkg/status")


def configure(build, cc, options):
    """A directory made before `make check` installed what it needs would go
    without the tests that need it, so it looks again."""
    ninja = ROOT / build / "build.ninja"
    if ninja.is_file():
        if (PACKAGES.is_file() and
                PACKAGES.stat().st_mtime > ninja.stat().st_mtime):
            return run(["meson", "setup", "--reconfigure", build])
        return 0, ""
    env = dict(os.environ, CC=cc)
    return run(["meson", "setup", build] + options, env=env)


def introspect(build, what):
    code, out = run(["meson", "introspect", "--" + what, build])
    return json.loads(out) if code == 0 else []


def test_targets(build, tests):
    """What ninja must build for these tests: their programs and depends."""
    files = {t["id"]: t["filename"] for t in introspect(build, "targets")}
    made = {name for names in files.values() for name in names}
    paths = {t["cmd"][0] for t in tests} & made
    for t in tests:
        for target in t["depends"]:
            paths.update(files[target])
    return sorted({os.path.relpath(p, ROOT / build) for p in paths})


def last_line(text):
    lines = [line for line in text.splitlines() if line.strip()]
    return lines[-1].strip() if lines else "no reason given"


def judge(stage, t):
    """Results of one line of meson's log: cmocka's cases, else the test."""
    name, verdict = t["name"], t["result"]
    output = t.get("stdout", "") + t.get("stderr", "")
    if verdict == "SKIP":
        return [Result(stage, name, SKIP, last_line(output))]
    good = verdict == "OK"
    cases = {}
    for mark, case in CASE.findall(output):
        cases[case] = MARKS[mark]
    results = []
    reasons = {case: reason for reason, case in REASON.findall(output)}
    for case, mark in cases.items():
        what = output if mark == FAIL else reasons.get(case, "no reason given")
        results.append(Result(stage, name + "/" + case, mark, what))
    failed = any(r.verdict == FAIL for r in results)
    if not good and not failed:         # a crash, a time-out, no cmocka
        what = f"{verdict}, exit status {t.get('returncode')}\n{output}"
        return results + [Result(stage, name, FAIL, what)]
    for count in UNITTEST.findall(output) if good else ():
        results += [Result(stage, name, SKIP, "skipped by itself")] * int(count)
    if good and failed:
        results.append(Result(stage, name, FAIL, "failed, but exited 0"))
    if not cases:
        results.append(Result(stage, name, OK))
    return results


def meson_tests(stage, build, names, slow=1):
    """Run the named tests of a built directory."""
    log = ROOT / build / "meson-logs" / f"{stage}.json"
    log.unlink(missing_ok=True)
    code, out = run(["meson", "test", "-C", build, "--no-rebuild", "-t", slow,
                     "--logbase", stage] + names)
    results = []
    if log.is_file():
        with open(log, encoding="utf-8") as f:
            for line in f:
                results += judge(stage, json.loads(line))
    if not results:
        results = [Result(stage, "meson test", FAIL, "ran nothing\n" + out)]
    elif code and all(r.verdict != FAIL for r in results):
        results.append(Result(stage, "meson test", FAIL, out))
    return results


def build_stage(stage, build, cc, options, pick=None, slow=1, select=None):
    """Configure, build and test; `pick` chooses tests by what meson knows,
    `select` says it to `meson test` where names would not do."""
    code, out = configure(build, cc, options)
    if code:
        return [Result(stage, "meson setup", FAIL, out)]
    targets, names = [], []
    if pick:
        # A reused directory must know of tests that are new.
        run(["ninja", "-C", build, "build.ninja"])
        tests = list(filter(pick, introspect(build, "tests")))
        if not tests:
            return [Result(stage, "tests", FAIL, "there are none")]
        targets = test_targets(build, tests)
        names = [t["name"] for t in tests]
    code, out = run(["ninja", "-C", build] + targets)
    if code:
        return [Result(stage, "build", FAIL, out)]
    return meson_tests(stage, build, select or names, slow)


def suites(t):
    return {s.split(":")[-1] for s in t["suite"]}


def is_ours(t):
    """Runs our code and no other: what a sanitizer can look into."""
    return (suites(t) & {"unit", "fuzz", "guests", "lessons"}
            and not t["name"].endswith("-oracle"))


def starts_threads(t):
    return is_ours(t) and ("guests" in suites(t) or THREADED.match(t["name"]))


def stage_main(_):
    return cross_build("main") + build_stage(
        "main", "build", os.environ.get("CC", "cc"), [])


# Architectures of emulated hosts, as Debian names them.
CROSS = {"x86_64": "arm64", "aarch64": "amd64"}


def cross_build(stage):
    """The programs that tests/kvm runs in hosts of the other architecture.
    Where they cannot be made, those tests skip; broken ones are a failure."""
    arch = CROSS.get(os.uname().machine)
    tool = f"tools/cross-{arch}.sh"
    build = f"build-{arch}"
    if not (ROOT / tool).is_file():
        return []
    made = ROOT / build / "cross.ini"
    if not ((ROOT / build / "build.ninja").is_file() and made.is_file() and
            made.stat().st_mtime > (ROOT / tool).stat().st_mtime):
        code, out = run([tool])
        if code:
            return [Result(stage, build, SKIP, last_line(out))]
    code, out = run(["ninja", "-C", build, "product",
                     "tests/guests/run-guest"])
    return [Result(stage, build, FAIL, out)] if code else []


def stage_kvm(_):
    """All that runs in emulated hosts, the long tests too."""
    return cross_build("kvm") + build_stage(
        "kvm", "build", os.environ.get("CC", "cc"), [],
        select=["--suite", "kvm", "--suite", "kvm-long"])


def stage_asan(_):
    return build_stage("asan", "build-asan", compiler("clang"), [
        "-Db_sanitize=address,undefined", "-Db_lundef=false"],
        is_ours, slow=5)


def stage_tsan(_):
    return build_stage("tsan", "build-tsan", compiler("clang"), [
        "-Db_sanitize=thread", "-Db_lundef=false"],
        starts_threads, slow=10)


def fuzz_one(program, seconds):
    """Let libFuzzer look for new inputs; the ones it keeps stay in build-fuzz
    and serve the next run."""
    name = program.name
    kept = ROOT / "build-fuzz" / "found" / name
    crash = ROOT / "build-fuzz" / f"crash-{name}-"
    kept.mkdir(parents=True, exist_ok=True)
    cmd = [program, f"-max_total_time={seconds}", "-timeout=10",
           "-rss_limit_mb=2048", "-print_final_stats=1", "-verbosity=0",
           f"-artifact_prefix={crash}", kept]
    seeds = ROOT / "tests" / "fuzz" / "corpus" / name
    if seeds.is_dir():
        cmd.append(seeds)
    code, out = run(cmd)
    count = re.search(r"number_of_executed_units: *(\d+)", out)
    if code or not count or int(count[1]) == 0:
        return Result("fuzz", name, FAIL, out[-8000:])
    say(f"  {name}: {count[1]} inputs")
    return Result("fuzz", name, OK)


def stage_fuzz(seconds):
    if not shutil.which("clang"):
        return [Result("fuzz", "libFuzzer", SKIP, "clang is missing")]
    code, out = configure("build-fuzz", "clang", [
        "-Dfuzz=libfuzzer", "-Db_sanitize=address,undefined",
        "-Db_lundef=false"])
    if code:
        return [Result("fuzz", "meson setup", FAIL, out)]
    code, out = run(["ninja", "-C", "build-fuzz", "fuzzers"])
    if code:
        return [Result("fuzz", "build", FAIL, out)]
    folder = ROOT / "build-fuzz" / "tests" / "fuzz"
    programs = [p for p in sorted(folder.glob("fuzz_*"))
                if p.is_file() and os.access(p, os.X_OK)]
    if not programs:
        return [Result("fuzz", "fuzzers", FAIL, "there are none")]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(lambda p: fuzz_one(p, seconds), programs))


def stage_tidy(_):
    if not shutil.which("clang-tidy"):
        return [Result("tidy", "clang-tidy", SKIP, "clang-tidy is missing")]
    code, out = configure("build", "cc", [])
    if code == 0:
        # Made headers and sources must be there to be looked at.
        code, out = run(["ninja", "-C", "build"])
    if code:
        return [Result("tidy", "build", FAIL, out)]
    with open(ROOT / "build" / "compile_commands.json", encoding="utf-8") as f:
        known = {os.path.normpath(os.path.join(c["directory"], c["file"]))
                 for c in json.load(f)}
    ours = [os.path.relpath(p, ROOT) for p in sorted(known)]
    ours = [p for p in ours if p.startswith(("src/", "cli/", "examples/"))]

    def tidy(path):
        code, out = run(["clang-tidy", "-p", "build", "--quiet", path])
        return Result("tidy", path, FAIL if code else OK, out)

    if not ours:
        return [Result("tidy", "sources", FAIL, "there are none")]
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        return list(pool.map(tidy, ours))


STAGES = {"main": stage_main, "asan": stage_asan, "tsan": stage_tsan,
          "fuzz": stage_fuzz, "tidy": stage_tidy, "kvm": stage_kvm}
# `main` has a short form of what kvm does.
ALL = ("main", "asan", "tsan", "fuzz", "tidy")


def report(results):
    """List what needs eyes, then the count; returns the exit status."""
    for r in results:
        if r.verdict == SKIP:
            say(f"skipped: {r.stage}: {r.name}: {r.what}")
    for r in results:
        if r.verdict == FAIL:
            say(f"\n--- failed: {r.stage}: {r.name}\n{r.what.rstrip()}")
    n = {v: sum(r.verdict == v for r in results) for v in (OK, FAIL, SKIP)}
    say(f"\n{n[OK]} passed, {n[FAIL]} failed, {n[SKIP]} skipped")
    return 1 if n[FAIL] or not n[OK] else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=10,
                        help="how long each fuzz target runs")
    parser.add_argument("stage", nargs="+", choices=["all", *STAGES])
    args = parser.parse_args()
    names = list(ALL) if "all" in args.stage else args.stage
    results = []
    for name in names:
        say(f"{name} ...")
        start = time.monotonic()
        mine = STAGES[name](args.seconds)
        bad = sum(r.verdict == FAIL for r in mine)
        say(f"{name}: {len(mine)} results, {bad} failed, "
            f"{time.monotonic() - start:.0f} s")
        results += mine
    return report(results)


if __name__ == "__main__":
    sys.exit(main())
