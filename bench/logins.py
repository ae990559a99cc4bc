#!/usr/bin/env python3
"""Measures passkeys: whole logins (start, options, result, get), each durable; bench/run passkeys calls this."""

import argparse
import contextlib
import json
import pathlib
import subprocess
import sys

import machine
from bench import counted
from server import Server

TARGET_A_CORE = 5000


def floor(binary, ms):
    command = machine.pinned([binary, "floor", ms], machine.SERVER_CPU)
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)["verify"]


def run(args, server, browsers):
    result = {"browsers": browsers}
    command = machine.pinned([args.logins, server.port, server.bearer(), "localhost", browsers, args.seconds], machine.LOAD_CPU)
    before = floor(args.logins, args.floor_ms)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout.readline().strip() != "ready":
            raise RuntimeError("the passkeys cannot be made")
        commits, jobs = server.counter("store_commits_total"), server.counter("store_jobs_total")
        with counted(server.pid, result):
            process.stdin.write("\n")
            process.stdin.flush()
            said = process.stdout.readline()
    result.update(json.loads(said))
    result["floor_us"] = (before + floor(args.logins, args.floor_ms)) / 2
    result["cpu_us"] = result.pop("cpu_seconds") / result["logins"] * 1e6
    commits = server.counter("store_commits_total") - commits
    result["per_commit"] = (server.counter("store_jobs_total") - jobs) / commits if commits else 0
    return result


def show(result):
    print(f"{result['browsers']:4} browsers: server CPU {result['cpu_us']:.0f} µs a login, one verification {result['floor_us']:.0f} µs: "
          f"{result['cpu_us'] / result['floor_us']:.2f} times; a core's worth: {1e6 / result['cpu_us']:.0f} a second "
          f"(wanted: {TARGET_A_CORE}); {result['logins'] / result['seconds']:.0f} a second reached, {result['per_commit']:.1f} writes a commit")


def main():
    parser = argparse.ArgumentParser(prog="bench/run passkeys", description=__doc__)
    parser.add_argument("--server", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--logins", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--count", type=int, nargs="+", default=[1, 16, 64], help="numbers of browsers (default: 1 16 64)")
    parser.add_argument("--seconds", type=float, default=5, help="length of one run")
    parser.add_argument("--floor-ms", type=int, default=200, help=argparse.SUPPRESS)
    parser.add_argument("--json", metavar="FILE", help="write all figures there as JSON")
    parser.add_argument("--directory", help="where the scratch data lies (default: the temporary directory)")
    args = parser.parse_args()
    results = {"machine": machine.describe(), "logins": []}
    with contextlib.ExitStack() as stack:
        stack.enter_context(machine.awake(machine.SERVER_CPU))
        server = stack.enter_context(Server(args.server, args.directory))
        server.start()
        subprocess.run([args.server, "domain", "add", "localhost", "--account", server.bootstrap["accountId"], "--data",
                        server.scratch / "data"], check=True, stdout=subprocess.DEVNULL)
        for count in args.count:
            results["logins"].append(run(args, server, count))
            show(results["logins"][-1])
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
