#!/usr/bin/env python3
"""Measures how fast events are delivered to a receiver that answers at once; bench/run events calls this."""

import argparse
import asyncio
import contextlib
import http.client
import json
import multiprocessing
import os
import pathlib
import sqlite3
import sys
import time

import machine
from bench import counted
from server import Server

REGISTRATIONS = "/reuseid/core/credentials/devices/registrations"
ANSWER = b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n"
OUTBOUND = ["--outbound-networks", "127.0.0.0/8", "--outbound-http"]
REAL = 50


def receive(port_out, seen):
    """As little of a receiver as there can be: counts requests by their last byte, answers each at once."""
    os.sched_setaffinity(0, {machine.LOAD_CPU})

    class Hook(asyncio.Protocol):
        def connection_made(self, transport):
            self.transport, self.rest, self.wanted = transport, b"", None

        def data_received(self, data):
            self.rest += data
            while True:
                end = self.rest.find(b"\r\n\r\n")
                if end < 0:
                    return
                head = self.rest[:end].lower()
                length = int(head.split(b"content-length:")[1].split(b"\r\n")[0])
                if len(self.rest) < end + 4 + length:
                    return
                self.rest = self.rest[end + 4 + length:]
                with seen.get_lock():
                    seen.value += 1
                self.transport.write(ANSWER)

    async def serve():
        server = await asyncio.get_running_loop().create_server(Hook, "127.0.0.1", 0)
        port_out.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


@contextlib.contextmanager
def receiver():
    ours, theirs = multiprocessing.Pipe()
    seen = multiprocessing.Value("l", 0)
    process = multiprocessing.Process(target=receive, args=(theirs, seen), daemon=True)
    process.start()
    try:
        yield ours.recv(), seen
    finally:
        process.kill()
        process.join()


def call(server, method, path, body=None):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=10)
    connection.request(method, path, json.dumps(body) if body is not None else None,
                       {"Authorization": server.bearer(), "Content-Type": "application/json"})
    reply = connection.getresponse()
    text = reply.read()
    connection.close()
    if reply.status >= 300:
        raise RuntimeError(f"{method} {path}: {reply.status} {text.decode()}")
    return json.loads(text) if text else None


def prepare(server, count):
    """Some real events, and then as many more that tell the same, put into the outbox while the server is down."""
    user = call(server, "POST", "/reuseid/core/users", {"externalRef": "bench"})
    for _ in range(REAL):
        started = call(server, "POST", REGISTRATIONS, {"userId": user["id"], "tags": ["bench"]})
        call(server, "DELETE", f"{REGISTRATIONS}/{started['transactionId']}")
    server.stop()
    database = sqlite3.connect(server.scratch / "data" / "reuseid.db")
    columns = "account, at, expires, sender, name, transaction_id, device_id, data"
    with database:
        database.execute(
            f"WITH RECURSIVE k(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM k WHERE i < {count // REAL})"
            f" INSERT INTO outbox (id, {columns}) SELECT randomblob(16), {columns} FROM outbox, k WHERE transaction_id IS NOT NULL")
    database.close()


def subscribe(server, port, signing):
    call(server, "POST", "/events-management/subscriptions",
         {"name": "bench", "url": f"http://127.0.0.1:{port}/", "events": ["*"], "signing": signing})


def measure(args, signing):
    with receiver() as (port, seen), Server(args.server, args.directory) as server:
        server.args = OUTBOUND
        server.start()
        subscribe(server, port, signing)
        prepare(server, args.count)
        while seen.value < REAL:
            time.sleep(0.01)
        result, first = {"signing": signing}, seen.value
        server.start()
        began = time.monotonic()
        with counted(server.pid, result):
            while seen.value < first + args.count:
                time.sleep(0.005)
            result["seconds"] = time.monotonic() - began
        result["events"] = args.count
        result["per_second"] = args.count / result["seconds"]
        result["cpu_us"] = result.pop("cpu_seconds") / args.count * 1e6
        return result


def main():
    parser = argparse.ArgumentParser(prog="bench/run events", description=__doc__)
    parser.add_argument("--server", required=True, help=argparse.SUPPRESS)
    parser.add_argument("--count", type=int, default=20000, help="events to deliver (default: 20000)")
    parser.add_argument("--json", metavar="FILE", help="write all figures there as JSON")
    parser.add_argument("--directory", help="where the scratch data lies (default: the temporary directory)")
    args = parser.parse_args()
    results = {"machine": machine.describe(), "events": []}
    for signing in ({"hmac": True}, {"hmac": False, "jws": True}):
        result = measure(args, signing)
        results["events"].append(result)
        print(f"{'JWS' if signing.get('jws') else 'HMAC'}: {result['per_second']:.0f} events a second delivered,"
              f" {result['cpu_us']:.0f} µs of the server's CPU for each")
    if args.json:
        pathlib.Path(args.json).write_text(json.dumps(results, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    sys.exit(main())
