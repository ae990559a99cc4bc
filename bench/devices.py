#!/usr/bin/env python3
"""Measures the device channel: what an operation costs the server beside its bare cryptography; bench/run devices calls this."""

import argparse
import contextlib
import json
import pathlib
import subprocess
import sys

import machine
import events
from bench import counted
from server import Server

# Calls of one operation, in their order, and the bare cryptography that it cannot avoid.
KINDS = {
    "pin": ("authentication with PIN", ["start", "ses.start", "ses.pin", "ses.finish", "get"],
            {"start": 1, "inside": 2, "answer": 3, "verify": 3, "evaluate": 1}),
    "device": ("authentication by the device alone", ["start", "ses.start", "ses.finish", "get"],
               {"start": 1, "inside": 1, "answer": 2, "verify": 2}),
    "signature": ("consent signature with PIN", ["start", "ses.start", "ses.pin", "ses.finish", "get"],
                  {"start": 1, "inside": 2, "answer": 3, "verify": 3, "evaluate": 1, "sign": 1}),
    "registration": ("registration with PIN", ["start", "act.start", "act.pin", "act.finish"],
                     {"start": 1, "inside": 2, "answer": 3, "verify": 3, "evaluate": 1}),
}
# An authentication whose first try fails: by what must not show in the time of that try, `failed`.
FAILURES = {"fail-key": "the device key", "fail-pin": "the PIN", "fail-both": "both", "fail-hardware": "no signature of the hardware"}
for failure, what in FAILURES.items():
    KINDS[failure] = (f"authentication with PIN and hardware-protected key after a try that failed by {what}",
                      ["start", "ses.start", "ses.pin", "failed", "ses.finish", "get"],
                      {"start": 1, "inside": 4, "answer": 5, "verify": 7, "evaluate": 2})
TARGET_OVER_FLOOR = {"pin": 2.5}


def floor(binary, ms):
    command = machine.pinned([binary, "floor", ms], machine.SERVER_CPU)
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


@contextlib.contextmanager
def phones(binary, server, kind, count, seconds, rate):
    """Phones that are registered and wait for the word to begin."""
    start = server.bootstrap
    command = machine.pinned([binary, kind, "127.0.0.1", server.port, start["applicationId"], start["publicKey"], server.bearer(),
                              count, seconds, rate], machine.LOAD_CPU)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        if process.stdout.readline().strip() != "ready":
            raise RuntimeError(f"the phones cannot be registered ({kind})")
        yield process


def run(args, server, kind, count, rate=0):
    result = {"phones": count}
    with phones(args.phones, server, kind, count, args.seconds, rate) as process:
        commits, jobs = server.counter("store_commits_total"), server.counter("store_jobs_total")
        with counted(server.pid, result):
            process.stdin.write("\n")
            process.stdin.flush()
            said = process.stdout.readline()
    result.update(json.loads(said))
    result["per_second"] = result["operations"] / result["seconds"]
    result["cpu_us"] = result.pop("cpu_seconds") / result["operations"] * 1e6
    commits = server.counter("store_commits_total") - commits
    result["per_commit"] = (server.counter("store_jobs_total") - jobs) / commits if commits else 0
    return result


def measure(args, server, kind, count):
    """One run between two measurements of the bare cryptography, since the machine has other guests; their mean is the floor."""
    before = floor(args.phones, args.floor_ms)
    result = run(args, server, kind, count)
    after = floor(args.phones, args.floor_ms)
    result["bare_us"] = {name: (before[name] + after[name]) / 2 for name in before}
    result["floor_us"] = sum(times * result["bare_us"][name] for name, times in KINDS[kind][2].items())
    result["over_floor"] = result["cpu_us"] / result["floor_us"]
    result["core_per_second"] = 1e6 / result["cpu_us"]
    return result


def show(kind, result):
    target = TARGET_OVER_FLOOR.get(kind)
    print(f"\n{KINDS[kind][0]}, {result['phones']} phones")
    print(f"  server CPU {result['cpu_us']:.0f} µs, floor {result['floor_us']:.0f} µs: {result['over_floor']:.2f} times"
          + (f" (wanted: at most {target})" if target else "") + f"; a core's worth: {result['core_per_second']:.0f} a second")
    show_calls(kind, result)


def show_calls(kind, result):
    print(f"  {result['per_second']:.0f} a second reached (the phones share the other core), {result['per_commit']:.1f} writes a commit")
    for name in KINDS[kind][1]:
        call = result["calls"][name]
        print(f"  {name:12} p50 {call['p50_us'] / 1000:7.2f} ms   p99 {call['p99_us'] / 1000:7.2f} ms")


def show_failures(operations):
    """Each kind of failure beside the others, one phone at a time: there nothing waits for anything else."""
    measured = [(what, operations[kind][0]) for kind, what in FAILURES.items() if kind in operations]
    if measured:
        print("\nthe try that failed, by what was wrong with it")
    for what, result in measured:
        call = result["calls"]["failed"]
        print(f"  {what:30} p50 {call['p50_us'] / 1000:7.3f} ms   p99 {call['p99_us'] / 1000:7.3f} ms   ({call['count']} tries)")


def main():
    parser = argparse.ArgumentParser(prog="bench/run devices", description=__doc__)
    parser.add_argument("--server", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--phones", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--count", type=int, nargs="+", default=[1, 4, 32], help="numbers of phones (default: 1 4 32)")
    parser.add_argument("--seconds", type=float, default=5, help="length of one run")
    parser.add_argument("--only", nargs="+", choices=list(KINDS), help="only these operations")
    parser.add_argument("--floor-ms", type=int, default=200, help=argparse.SUPPRESS)
    parser.add_argument("--webhook", action="store_true", help="with a receiver that is told of each result")
    parser.add_argument("--json", metavar="FILE", help="write all figures there as JSON")
    parser.add_argument("--directory", help="where the scratch data lies (default: the temporary directory)")
    args = parser.parse_args()
    results = {"machine": machine.describe(), "operations": {}}
    with contextlib.ExitStack() as stack:
        stack.enter_context(machine.awake(machine.SERVER_CPU))
        server = stack.enter_context(Server(args.server, args.directory))
        server.args = events.OUTBOUND
        server.start()
        if args.webhook:
            port, _ = stack.enter_context(events.receiver())
            events.subscribe(server, port, {"hmac": True})
        for kind in args.only or KINDS:
            rows = results["operations"][kind] = []
            for count in args.count:
                rows.append(measure(args, server, kind, count))
                show(kind, rows[-1])
            rows.append(run(args, server, kind, args.count[-1], rate=rows[-1]["per_second"] / 2))
            print(f"  at half of that load, {rows[-1]['cpu_us']:.0f} µs of CPU:")
            show_calls(kind, rows[-1])
    show_failures(results["operations"])
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
