"""What scripts/demo plays on: a server of its own, a client that shows what it sends and gets, and the checks."""

import base64
import dataclasses
import json
import os
import pathlib
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

START_LIMIT_S = 20
STOP_LIMIT_S = 20
SHOWN_VALUE_MAX = 72
SECRET_FIELDS = {"client_secret", "access_token", "clientSecret"}


class Screen:
    """Prints, with colours only where somebody looks."""

    COLOURS = {"title": "1", "dim": "2", "good": "32", "bad": "31", "send": "36"}

    def __init__(self):
        self.coloured = sys.stdout.isatty() and "NO_COLOR" not in os.environ

    def line(self, text="", colour=None):
        if colour and self.coloured:
            text = f"\033[{self.COLOURS[colour]}m{text}\033[0m"
        print(text, flush=True)

    def body(self, value, colour=None):
        for line in json.dumps(shortened(value), indent=2, ensure_ascii=False).splitlines():
            self.line("    " + line, colour)


def shortened(value, name=""):
    """The value as it is shown: secrets hidden, long texts cut."""
    if isinstance(value, dict):
        return {key: shortened(inner, key) for key, inner in value.items()}
    if isinstance(value, list):
        return [shortened(inner) for inner in value]
    if isinstance(value, str):
        kept = 12 if name in SECRET_FIELDS else SHOWN_VALUE_MAX
        return value if len(value) <= kept else value[:kept] + "…"
    return value


class Checks:
    """Counts what is as it should be."""

    def __init__(self, screen):
        self.screen, self.good, self.bad = screen, 0, 0

    def check(self, what, holds):
        if holds:
            self.good += 1
            self.screen.line(f"  ✓ {what}", "good")
        else:
            self.bad += 1
            self.screen.line(f"  ✗ {what}", "bad")


@dataclasses.dataclass
class Answer:
    status: int
    headers: dict
    body: object
    text: str = ""

    def get(self, name):
        """A member of the body; None when there is none."""
        return self.body.get(name) if isinstance(self.body, dict) else None


class Client:
    """Sends requests to one base URL and shows both directions."""

    def __init__(self, screen, base_url):
        self.screen, self.base_url, self.token = screen, base_url, None
        self.opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))

    def form(self, path, fields, basic=None):
        """POST of a form; basic: (user, password)."""
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        if basic:
            pair = ":".join(urllib.parse.quote_plus(part) for part in basic)
            headers["Authorization"] = "Basic " + base64.b64encode(pair.encode()).decode()
        return self._send("POST", path, headers, urllib.parse.urlencode(fields).encode(), fields)

    def json(self, method, path, body=None):
        headers = {}
        if self.token:
            headers["Authorization"] = "Bearer " + self.token
        if body is None:
            return self._send(method, path, headers, None, None)
        headers["Content-Type"] = "application/json"
        return self._send(method, path, headers, json.dumps(body).encode(), body)

    def _send(self, method, path, headers, data, shown):
        self.screen.line(f"  {method} {path}", "send")
        if shown is not None:
            self.screen.body(shown, "dim")
        request = urllib.request.Request(self.base_url + path, data=data, headers=headers, method=method)
        started = time.monotonic()
        try:
            with self.opener.open(request, timeout=30) as reply:
                answer = self._answer(reply)
        except urllib.error.HTTPError as reply:
            answer = self._answer(reply)
        self.screen.line(f"  → {answer.status} ({(time.monotonic() - started) * 1000:.1f} ms)", "send")
        if answer.body is not None:
            self.screen.body(answer.body)
        return answer

    @staticmethod
    def _answer(reply):
        text = reply.read().decode()
        headers = {name.lower(): value for name, value in reply.headers.items()}
        try:
            body = json.loads(text) if text else None
        except ValueError:
            body = text
        return Answer(reply.status, headers, body, text)


class Server:
    """A server on a scratch directory and a free port, gone with everything when the block ends."""

    def __init__(self, binary):
        self.binary = binary

    def __enter__(self):
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="demo-"))
        self.data = self.scratch / "data"
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        self.base_url = f"http://127.0.0.1:{port}"
        with open(self.scratch / "log", "wb") as log:
            self.process = subprocess.Popen(
                [self.binary, "serve", "--data", str(self.data), "--port", str(port), "--public-url", self.base_url,
                 "--outbound-networks", "127.0.0.1", "--outbound-http"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT)
        try:
            self._wait_until_ready()
            self.bootstrap = json.loads((self.data / "bootstrap.json").read_text(encoding="utf-8"))
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            try:
                self.process.wait(STOP_LIMIT_S)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def check(self, screen, *words, **files):
        """A command that needs no server, only files, each with its text."""
        for name, text in files.items():
            (self.scratch / name).write_text(text, encoding="utf-8")
        screen.line("  $ reuseid " + " ".join(words), "send")
        done = subprocess.run([pathlib.Path(self.binary).resolve(), *words], cwd=self.scratch, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                              stderr=subprocess.STDOUT, text=True, timeout=60, check=False)
        for line in done.stdout.splitlines():
            screen.line("    " + line)
        return Done(done.returncode == 0, done.stdout)

    def log(self):
        return (self.scratch / "log").read_text(encoding="utf-8", errors="replace")

    def _wait_until_ready(self):
        until = time.monotonic() + START_LIMIT_S
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        while time.monotonic() < until and self.process.poll() is None:
            try:
                with opener.open(self.base_url + "/readyz", timeout=2) as reply:
                    if reply.status == 200:
                        return
            except OSError:
                pass
            time.sleep(0.05)
        raise RuntimeError("the server did not become ready; it said:\n" + self.log())


@dataclasses.dataclass
class Done:
    """What a command of the authenticator said, and whether it worked."""
    ok: bool
    said: str

    def says(self, text):
        return text in self.said


class Phone:
    """The terminal authenticator on a store of its own, as a person would use it."""

    def __init__(self, screen, binary, scratch, name="phone"):
        self.screen, self.binary, self.scratch = screen, binary, scratch
        self.store = scratch / name

    def successor(self):
        """Another phone of the same person."""
        return Phone(self.screen, self.binary, self.scratch, self.store.name + "-new")

    def run(self, *words, pin=None, new_pin=None, code=None):
        """pin, new_pin, code: what the person types."""
        command = [self.binary, "--store", str(self.store), *words]
        typed = [(option, text) for option, text in (("pin", pin), ("new-pin", new_pin), ("code", code)) if text]
        for option, text in typed:
            file = self.scratch / option
            file.write_text(text + "\n", encoding="utf-8")
            command += [f"--{option}-file", str(file)]
        said = ", ".join(f"{option.replace('-', ' ').replace('pin', 'PIN')} {text}" for option, text in typed)
        self.screen.line("  $ reuseid-authenticator " + " ".join(words) + (f"   ({said})" if said else ""), "send")
        done = subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True,
                              timeout=60, check=False)
        for line in done.stdout.splitlines():
            self.screen.line("    " + line)
        return Done(done.returncode == 0, done.stdout)
