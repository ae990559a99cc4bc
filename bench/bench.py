#!/usr/bin/env python3
"""Measures the release server beside the operations that no server can avoid; bench/run builds and calls this."""

import argparse
import contextlib
import dataclasses
import json
import pathlib
import statistics
import subprocess
import sys
import time

import machine
import report
from server import Server

LOAD = pathlib.Path(__file__).resolve().parent / "load.lua"
REPLY_BYTES = 400  # of a user


@dataclasses.dataclass
class Kind:
    """A kind of request: its target, and how often each bare operation cannot be avoided in it."""
    name: str
    per_second: int | None
    bare: dict
    writes: bool = False


KINDS = [
    # The secret is hashed, the token hashed and signed.
    Kind("token", 15000, {"es256_sign": 1, "sha256_short": 1, "sha256_token": 1}),
    # The token is looked up by its hash; the user's key is wrapped and the profile sealed under it; the reference is indexed.
    Kind("create", None, {"sha256_token": 1, "aes_gcm": 2, "sha256_short": 2}, writes=True),
    Kind("read", 30000, {"sha256_token": 1, "aes_gcm": 2}),
    Kind("update", 20000, {"sha256_token": 1, "aes_gcm": 3, "sha256_short": 2}, writes=True),
    Kind("resolve", None, {"sha256_token": 1, "sha256_short": 2}),
]


@dataclasses.dataclass
class Plan:
    clients: list
    seconds: float
    users: int
    starts: int
    bare_ms: int


FULL = Plan([1, 16, 64, 256], 5, 40000, 5, 1000)
QUICK = Plan([1, 256], 2, 10000, 3, 200)


def load(url, clients, seconds, *words):
    """One run of wrk on the core of the load."""
    command = machine.pinned(["wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "10s", "-s", LOAD, url, "--", *words],
                             machine.LOAD_CPU)
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return json.loads(said.strip().splitlines()[-1])


@contextlib.contextmanager
def counted(pid, result):
    """What the block cost the process, and what others used of its core meanwhile, into `result`."""
    cpu, core, wall = machine.cpu_seconds(pid), machine.core_busy_seconds(machine.SERVER_CPU), time.monotonic()
    yield
    result["cpu_seconds"] = machine.cpu_seconds(pid) - cpu
    busy, seconds = machine.core_busy_seconds(machine.SERVER_CPU) - core, time.monotonic() - wall
    result["others"] = max(0.0, busy - result["cpu_seconds"]) / seconds


def finish(result, clients, measured):
    result.update(measured)
    result["clients"] = clients
    result["per_second"] = result["requests"] / result["seconds"]
    result["cpu_us"] = result.pop("cpu_seconds") / result["requests"] * 1e6
    return result


def bare_operations(binary, directory, ms):
    command = machine.pinned([binary, "operations", directory, ms], machine.SERVER_CPU)
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


def bare_exchanges(binary, plan):
    """CPU of one request and one reply, by the number of clients."""
    command = machine.pinned([binary, "http", REPLY_BYTES], machine.SERVER_CPU)
    results = {}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        url = f"http://127.0.0.1:{process.stdout.readline().strip()}"
        for clients in plan.clients:
            result = {}
            with counted(process.pid, result):
                measured = load(url, clients, max(1, round(plan.seconds / 2)), "health", "Bearer " + "x" * 640)
            results[clients] = finish(result, clients, measured)
        process.kill()
    return results


def fill(server, users, wanted):
    """Makes users until there are so many; wrk knows no end but time."""
    users.touch()
    while users.read_bytes().count(b"\n") < wanted:
        result = load(server.url, 64, 1, "fill", server.bearer(), users)
        if result["refused"] or result["broken"]:
            raise RuntimeError(f"users cannot be made: {result}")


def measure(server, kind, clients, seconds, users):
    credentials = server.basic() if kind.name == "token" else server.bearer()
    jobs, commits = server.counter("store_jobs_total"), server.counter("store_commits_total")
    retried, result = server.counter("operations_retried_total"), {}
    with counted(server.pid, result):
        measured = load(server.url, clients, seconds, kind.name, credentials, users)
    finish(result, clients, measured)
    result["retried"] = server.counter("operations_retried_total") - retried
    commits = server.counter("store_commits_total") - commits
    if commits:
        result["per_commit"] = (server.counter("store_jobs_total") - jobs) / commits
    return result


def compare(kind, result, bare, exchanges):
    """Beside what cannot be avoided: the bare operations, with a commit's write shared by those who were in it; the exchange."""
    floor = sum(times * bare[name]["cpu_us"] for name, times in kind.bare.items())
    if kind.writes:
        floor += bare["append_sync"]["cpu_us"] / max(1, result.get("per_commit", 1))
    result["floor_us"] = floor
    result["exchange_us"] = exchanges[result["clients"]]["cpu_us"]
    result["over_floor"] = result["cpu_us"] / floor
    result["over_all"] = result["cpu_us"] / (floor + result["exchange_us"])


def start_and_size(args, plan, server):
    ready = [server.start()]
    time.sleep(1)
    idle = machine.resident_bytes(server.pid)
    for _ in range(plan.starts):
        server.stop()
        ready.append(server.start())
    stripped = server.scratch / "stripped"
    subprocess.run(["strip", "-o", stripped, args.server], check=True)
    return {"first_ready_ms": ready[0], "ready_ms": statistics.median(ready[1:]), "idle_bytes": idle,
            "binary_bytes": stripped.stat().st_size}


def run(args, plan):
    out = report.Report()
    with Server(args.server, args.directory) as server:
        result = {"machine": machine.describe(), "at": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()), "operations": {}}
        out.machine(result["machine"])
        result["process"] = start_and_size(args, plan, server)
        out.process(result["process"])
        bare = result["bare"] = bare_operations(args.bare, server.scratch, plan.bare_ms)
        exchanges = result["exchange"] = bare_exchanges(args.bare, plan)
        out.bare(bare, exchanges)
        users = server.scratch / "users"
        fill(server, users, plan.users)
        out.head()
        for kind in KINDS:
            if args.only and kind.name not in args.only:
                continue
            rows = result["operations"][kind.name] = []
            for clients in plan.clients:
                rows.append(measure(server, kind, clients, plan.seconds, users))
                compare(kind, rows[-1], bare, exchanges)
                out.row(kind, rows[-1])
        result["process"]["loaded_bytes"] = machine.resident_bytes(server.pid)
        out.end(result["process"])
    return result


def main():
    parser = argparse.ArgumentParser(prog="bench/run", description=__doc__)
    parser.add_argument("--server", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--bare", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--quick", action="store_true", help="a short form: fewer client counts, fewer users, shorter runs")
    parser.add_argument("--json", metavar="FILE", help="write all figures there as JSON")
    parser.add_argument("--only", metavar="KIND", nargs="+", choices=[kind.name for kind in KINDS],
                        help="only these kinds of request: " + ", ".join(kind.name for kind in KINDS))
    parser.add_argument("--directory", help="where the scratch data lies, on the disk to be measured (default: the temporary one)")
    args = parser.parse_args()
    result = run(args, QUICK if args.quick else FULL)
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
