#!/usr/bin/env python3
"""Runs every test file and counts its cases; ./test builds and calls this.

Three kinds of test file:
  C tests        what meson knows in build/asan and build/tsan
  *.test.js      in tests/FOLDER or one below it, run by node's own test runner
  *.test.py/.sh  there too, executable
All print TAP. Each runs in a session of its own with a time limit, so that neither a hang nor a server left behind
outlives its test. Prints a line per file, what the failed ones said, and last "N passed, N failed".
"""

import argparse
import concurrent.futures
import dataclasses
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
LIMIT_S = {".js": 300, ".py": 120, ".sh": 300}
LONG_FACTOR = 12
SHOWN_LINES_MAX = 200
TEST_ENVIRONMENT = {
    "PYTHONDONTWRITEBYTECODE": "1",
    "ASAN_OPTIONS": "detect_leaks=1:detect_stack_use_after_return=1:strict_string_checks=1",
    "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1",
    "TSAN_OPTIONS": "halt_on_error=1:second_deadlock_stack=1",
}


@dataclasses.dataclass
class Test:
    name: str
    command: list
    limit_s: int
    directory: str = str(ROOT)
    environment: dict = dataclasses.field(default_factory=dict)


@dataclasses.dataclass
class Result:
    test: Test
    passed: int
    failed: int
    skipped: int
    seconds: float
    output: str
    trouble: str


def c_tests(build, label, prefix):
    listed = subprocess.run(["meson", "introspect", "--tests", str(build)], check=True, capture_output=True, text=True)
    for entry in json.loads(listed.stdout):
        suite = entry["suite"][0].split(":")[-1] if entry["suite"] else "c"
        yield Test(f"{suite}/{entry['name']}{label}", prefix + entry["cmd"], entry["timeout"],
                   entry["workdir"] or str(ROOT), entry["env"])


def script_tests(node):
    tests = ROOT / "tests"
    found = {path for pattern in ("*/*.test.*", "*/*/*.test.*") for path in tests.glob(pattern)}
    for path in sorted(path for path in found if "node_modules" not in path.parts):
        name = str(path.relative_to(tests))
        if path.suffix == ".js":
            yield Test(name, [node, "--test-reporter=tap", str(path)], LIMIT_S[".js"])
        elif path.suffix in LIMIT_S:
            yield Test(name, [str(path)], LIMIT_S[path.suffix])


def plain_addresses():
    """The thread sanitizer of gcc 12 cannot start where the kernel randomises addresses widely: switch that off if we may."""
    prefix = ["setarch", os.uname().machine, "-R"]
    may = subprocess.run(prefix + ["true"], capture_output=True, check=False).returncode == 0
    return prefix if may else []


def count_tap(output, exit_status):
    """Passed, failed, skipped, and what is wrong with the output as a whole. Subtests count, their parent does not."""
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    ended = set()  # indentations of subtests whose parent's line is still to come
    planned, top_level = None, 0

    for line in output.splitlines():
        found = re.match(r"(?P<indent> *)(?:1\.\.(?P<plan>\d+)|(?P<failed>not )?ok\b(?P<rest>.*))", line)
        if not found:
            continue
        depth = len(found["indent"])
        if found["plan"]:
            ended.add(depth)
            planned = int(found["plan"]) if depth == 0 else planned
            continue
        top_level += depth == 0
        is_parent = any(indent > depth for indent in ended)
        ended = {indent for indent in ended if indent <= depth}
        if re.search(r"# *SKIP\b", found["rest"]):
            counts["skipped"] += 1
        elif not is_parent:
            counts["failed" if found["failed"] else "passed"] += 1

    trouble = ""
    if planned is None:
        trouble = "it did not say how many cases it has"
    elif top_level != planned:
        trouble = f"it ran {top_level} of {planned} cases and ended with status {exit_status}"
    elif exit_status != 0 and counts["failed"] == 0:
        trouble = f"it ended with status {exit_status}"
    return counts, trouble


def end_session(process):
    try:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass


def run(test, factor, running):
    """running: the processes under way, for whoever has to end them early."""
    started = time.monotonic()
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(test.command, cwd=test.directory, stdin=subprocess.DEVNULL, stdout=said,
                                   stderr=subprocess.STDOUT, start_new_session=True,
                                   env={**os.environ, **test.environment})
        running.add(process)
        trouble = ""
        try:
            process.wait(test.limit_s * factor)
        except subprocess.TimeoutExpired:
            trouble = f"it did not end within {test.limit_s * factor} s"
        end_session(process)
        process.wait()
        running.discard(process)
        said.seek(0)
        output = said.read().decode(errors="replace")
    counts, wrong = count_tap(output, process.returncode)
    trouble = trouble or wrong
    counts["failed"] += 1 if trouble else 0
    return Result(test, **counts, seconds=time.monotonic() - started, output=output, trouble=trouble)


def report(result):
    counts = f"{result.passed} passed"
    if result.failed:
        counts += f", {result.failed} failed"
    if result.skipped:
        counts += f", {result.skipped} skipped"
    word = "FAIL" if result.failed else "ok"
    print(f"{word:<4} {result.test.name:<44} {counts} ({result.seconds:.1f} s)", flush=True)
    if result.failed:
        lines = result.output.splitlines()
        if len(lines) > SHOWN_LINES_MAX:
            lines = [f"… {len(lines) - SHOWN_LINES_MAX} lines left out …"] + lines[-SHOWN_LINES_MAX:]
        for line in lines:
            print("     |", line)
        if result.trouble:
            print("     |", result.trouble)
        sys.stdout.flush()


def collect(arguments):
    tests = list(script_tests(arguments.node))
    if arguments.asan:
        tests += c_tests(arguments.asan, "", [])
    if arguments.tsan:
        tests += c_tests(arguments.tsan, " (threads)", plain_addresses())
    if arguments.names:
        tests = [test for test in tests if any(name in test.name for name in arguments.names)]
    # The slow ones first, so that the run does not end with one of them alone.
    return sorted(tests, key=lambda test: -test.limit_s)


def run_all(tests, factor):
    """The results in the order in which they come; ends what is under way when interrupted."""
    running = set()
    with concurrent.futures.ThreadPoolExecutor(max_workers=max(2, os.cpu_count() or 1)) as pool:
        futures = [pool.submit(run, test, factor, running) for test in tests]
        try:
            for future in concurrent.futures.as_completed(futures):
                yield future.result()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in list(running):
                end_session(process)
            raise


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--asan", help="build directory with the address and undefined-behaviour sanitizers")
    parser.add_argument("--tsan", help="build directory with the thread sanitizer")
    parser.add_argument("--node", default="node", help="the node that runs *.test.js")
    parser.add_argument("names", nargs="*", help="only tests with one of these words in their name")
    arguments = parser.parse_args()

    os.environ.update(TEST_ENVIRONMENT)
    passed = failed = 0
    tests = collect(arguments)
    for result in run_all(tests, LONG_FACTOR if os.environ.get("LONG") else 1):
        report(result)
        passed += result.passed
        failed += result.failed
    if not tests:
        print("No such test.")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not tests else 0


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        sys.exit(main())
    except KeyboardInterrupt:
        sys.exit(130)
