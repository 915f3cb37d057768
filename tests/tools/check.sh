#!/bin/sh
# SPDX-License-Identifier: MIT
# The runner counts cases, tells why, and never takes nothing for success.
set -eu
. "$(dirname "$0")/lib.sh"

# judge JSON - what check.py makes of one line of meson's log.
judge()
{
	python3 - "$tools" "$1" <<'T'
import importlib.util, json, sys
spec = importlib.util.spec_from_file_location("c", sys.argv[1] + "/check.py")
c = importlib.util.module_from_spec(spec)
spec.loader.exec_module(c)
base = {"name": "n", "returncode": 0, "stdout": "", "result": "OK"}
results = c.judge("s", dict(base, **json.loads(sys.argv[2])))
sys.exit(c.report(results))
T
}

two='[       OK ] test_a\n[       OK ] test_b\n'
good "a test that passes" judge '{}'
bad "a failure" '^0 passed, 1 failed, 0 skipped$' \
	judge '{"result": "FAIL", "stdout": "what it said"}'
bad "a failure's words" 'what it said' \
	judge '{"result": "FAIL", "stdout": "what it said"}'
bad "a time-out behind two passes" '^2 passed, 1 failed, 0 skipped$' \
	judge "{\"result\": \"TIMEOUT\", \"stdout\": \"$two\"}"
bad "one case of three" '^2 passed, 1 failed, 0 skipped$' \
	judge "{\"result\": \"FAIL\", \"stdout\": \"$two\",
		\"stderr\": \"[  FAILED  ] test_c\\n\"}"
bad "a failed case of a program that exits 0" '^2 passed, 2 failed' \
	judge "{\"stdout\": \"$two[  FAILED  ] test_c\\n\"}"
bad "nothing but skips" 'skipped: s: n: no such tool' \
	judge '{"result": "SKIP", "stdout": "x\nno such tool\n"}'
bad "nothing but skips, counted" '^0 passed, 0 failed, 1 skipped$' \
	judge '{"result": "SKIP", "stdout": "no such tool\n"}'

judge "{\"stdout\": \"${two}no such CPU\\n[  SKIPPED ] test_c\\n\"}" >"$tree/out"
good "a skipped case" grep -q '^2 passed, 0 failed, 1 skipped$' "$tree/out"
good "its reason" grep -q '^skipped: s: n/test_c: no such CPU$' "$tree/out"
judge '{"stderr": "Ran 9 tests in 1s\n\nOK (skipped=2)\n"}' >"$tree/out"
good "skips inside a Python test" \
	grep -q '^1 passed, 0 failed, 2 skipped$' "$tree/out"
tail -n 1 "$tree/out" >"$tree/last"
good "the count being last" grep -q '^1 passed' "$tree/last"
echo "$cases cases"
