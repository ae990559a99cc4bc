"""The server under test: on a directory and a port of its own, on one core."""

import base64
import http.client
import json
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import tempfile
import time

import machine

START_LIMIT_S = 20
STOP_LIMIT_S = 30
TOKEN_PATH = "/auth/open/connect/token"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    def __init__(self, binary, parent=None):
        self.binary = binary
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="bench-", dir=parent))
        self.process = None
        self.args = [] # further flags of serve

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def start(self):
        """Milliseconds from the start of the process to the first 200 of /readyz."""
        self.port = free_port()
        command = machine.pinned([self.binary, "serve", "--data", self.scratch / "data", "--port", self.port, *self.args],
                                 machine.SERVER_CPU)
        with open(self.scratch / "log", "ab") as log:
            started = time.monotonic()
            self.process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self._wait(self._ready)
        ready_ms = (time.monotonic() - started) * 1000
        bootstrap = self.scratch / "data" / "bootstrap.json"
        self._wait(bootstrap.exists)
        self.bootstrap = json.loads(bootstrap.read_text(encoding="utf-8"))
        return ready_ms

    def _wait(self, condition):
        until = time.monotonic() + START_LIMIT_S
        while not condition():
            if time.monotonic() > until or self.process.poll() is not None:
                raise RuntimeError("the server did not become ready; it said:\n" + (self.scratch / "log").read_text())
            time.sleep(0.001)

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.port}"

    @property
    def pid(self):
        return self.process.pid

    def basic(self):
        pair = f"{self.bootstrap['clientId']}:{self.bootstrap['clientSecret']}"
        return "Basic " + base64.b64encode(pair.encode()).decode()

    def bearer(self):
        """A fresh one, since a run may take longer than a token lasts."""
        answer = self._ask("POST", TOKEN_PATH, "grant_type=client_credentials&scope=signicat-api",
                           {"Authorization": self.basic(), "Content-Type": "application/x-www-form-urlencoded"})
        return "Bearer " + json.loads(answer)["access_token"]

    def counter(self, name):
        found = re.search(rf"^{name} (\d+)$", self._ask("GET", "/metrics", None, {}), re.MULTILINE)
        return int(found[1]) if found else 0

    def _ask(self, method, path, body, headers):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path, body, headers)
            reply = connection.getresponse()
            text = reply.read().decode()
        finally:
            connection.close()
        if reply.status != 200:
            raise RuntimeError(f"{method} {path}: {reply.status} {text}")
        return text

    def _ready(self):
        try:
            return bool(self._ask("GET", "/readyz", None, {}))
        except (OSError, RuntimeError, http.client.HTTPException):
            return False
