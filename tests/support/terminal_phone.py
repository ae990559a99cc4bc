"""A server, the service provider's side of it, and the authenticator in the terminal as a person or a script uses it."""

import base64
import contextlib
import http.client
import http.server
import json
import os
import pathlib
import pty
import select
import shutil
import socket
import subprocess
import tempfile
import threading
import time
import urllib.error
import urllib.parse
import urllib.request

from cases import Said

LIMIT_S = 60
BINARY = os.environ["SERVER_BINARY"]
AUTHENTICATOR = str(pathlib.Path(BINARY).parent.parent.parent / "authenticator" / "reuseid-authenticator")
DEVICES = "/reuseid/core/credentials/devices"
PIN, WRONG_PIN = "135724", "999999"


class World:
    """One server with a user."""

    def __init__(self):
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="phone-test-"))
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}"
        with open(self.scratch / "log", "wb") as log:
            self.server = subprocess.Popen(
                [BINARY, "serve", "--data", str(self.scratch / "data"), "--port", str(self.port), "--public-url", self.url],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.token = ""
        self._wait()
        self.bootstrap = json.loads((self.scratch / "data" / "bootstrap.json").read_text())
        self.token = self._new_token()
        self.phones = 0

    def _wait(self):
        until = time.monotonic() + LIMIT_S
        while time.monotonic() < until and self.server.poll() is None:
            with contextlib.suppress(OSError):
                self.http("GET", "/readyz")
                return
            time.sleep(0.05)
        raise AssertionError((self.scratch / "log").read_text())

    def _new_token(self):
        pair = f"{self.bootstrap['clientId']}:{self.bootstrap['clientSecret']}".encode()
        form = urllib.parse.urlencode({"grant_type": "client_credentials", "scope": "signicat-api"}).encode()
        request = urllib.request.Request(self.url + "/auth/open/connect/token", form,
                                         {"Authorization": "Basic " + base64.b64encode(pair).decode()})
        with urllib.request.urlopen(request, timeout=LIMIT_S) as reply:
            return json.load(reply)["access_token"]

    def http(self, method, path, body=None):
        data = None if body is None else json.dumps(body).encode()
        headers = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        with urllib.request.urlopen(urllib.request.Request(self.url + path, data, headers, method=method), timeout=LIMIT_S) as reply:
            text = reply.read()
        return json.loads(text) if text[:1] == b"{" else text

    def configure(self, **properties):
        """Of the application."""
        account, application = self.bootstrap["accountId"], self.bootstrap["applicationId"]
        self.http("PATCH", f"/mobileid/admin/accounts/{account}/application-configurations/{application}", properties)

    def new_user(self):
        return self.http("POST", "/reuseid/core/users", {})["id"]

    def code(self, user, **properties):
        """An activation code."""
        started = self.http("POST", DEVICES + "/registrations", {"userId": user, "operationProperties": properties})
        return started["operationProperties"]["activationCode"]

    def ask(self, phone, kind="authentications", content="100 EUR to Acme", mime="text/plain", title="Pay", **properties):
        """An operation for the phone to approve; gives a function that tells how it stands."""
        context = {"title": title, "mimeType": mime, "content": content}
        where = f"{DEVICES}/{kind}"
        started = self.http("POST", where, {"userId": phone.user, "device": {"id": phone.status()["deviceId"]},
                                            "operationProperties": {"preOperationContext": context, **properties}})
        return lambda: self.http("GET", f"{where}/{started['transactionId']}")

    def phone(self, registered=True):
        self.phones += 1
        phone = Phone(self, self.scratch / f"store{self.phones}")
        phone.configure()
        if registered:
            phone.register()
        return phone

    def remove(self):
        self.server.terminate()
        self.server.wait(LIMIT_S)
        shutil.rmtree(self.scratch)


class Phone:
    """One store of the authenticator."""

    def __init__(self, world, store):
        self.world, self.store = world, store
        self.user = world.new_user()
        self.pin_file, self.wrong_pin_file = world.scratch / "pin", world.scratch / "wrong-pin"
        self.pin_file.write_text(PIN + "\n")
        self.wrong_pin_file.write_text(WRONG_PIN + "\n")

    def command(self, *words):
        return [AUTHENTICATOR, *words, "--store", str(self.store)]

    def run(self, *words, text=None, env=None):
        """Without a terminal."""
        done = subprocess.run(self.command(*words), input=text or "", capture_output=True, text=True, timeout=LIMIT_S,
                              start_new_session=True, check=False, env={**os.environ, **(env or {})})
        return Said(done.returncode, done.stdout, done.stderr)

    def with_pin(self, *words):
        return self.run(*words, "--pin-file", str(self.pin_file))

    def with_wrong_pin(self, *words):
        return self.run(*words, "--pin-file", str(self.wrong_pin_file))

    def status(self, name="default"):
        return self.run("status", "--json", "--as", name).must().json()

    def configure(self, server_url=None, *words):
        quick = {"v": 1, "name": "Bank", "applicationId": self.world.bootstrap["applicationId"],
                 "publicKey": self.world.bootstrap["publicKey"], "serverUrl": server_url or self.world.bootstrap["serverUrl"]}
        return self.run("configure", "-", *words, text=json.dumps(quick)).must(out="Configured")

    def register(self, *words):
        return self.with_pin("register", self.world.code(self.user), *words).must(out="Registered as")

    def type(self, words, *dialogue):
        """At a terminal: waits for a question, types the answer; dialogue is pairs of these. Gives all that was to be seen."""
        child, terminal = pty.fork()
        if child == 0:
            os.execv(AUTHENTICATOR, self.command(*words))
        seen, place, left = b"", 0, list(dialogue)
        while select.select([terminal], [], [], LIMIT_S)[0]:
            try:
                part = os.read(terminal, 4096)
            except OSError:
                break
            seen += part
            if left and left[0][0].encode() in seen[place:]:
                place = seen.index(left[0][0].encode(), place) + len(left[0][0].encode())
                os.write(terminal, left.pop(0)[1].encode())
        os.close(terminal)
        status = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
        assert not left, f"never asked {left[0][0]!r}: {seen.decode()}"
        return Said(status, seen.decode(), "")


class Unreliable:
    """Between a phone and the server: loses the n-th request, or the answer to it. Counts."""

    def __init__(self, world, lose_request=0, lose_answer=0):
        outer = self
        self.count = 0

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                outer.count += 1
                body = self.rfile.read(int(self.headers["Content-Length"]))
                if outer.count != lose_request:
                    status, answer = outer.forward(world, self, body)
                if outer.count in (lose_request, lose_answer):
                    self.connection.shutdown(socket.SHUT_RDWR)
                    return
                self.send_response(status)
                self.send_header("Content-Length", str(len(answer)))
                self.end_headers()
                self.wfile.write(answer)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/encore/encap"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    @staticmethod
    def forward(world, handler, body):
        onward = http.client.HTTPConnection("127.0.0.1", world.port, timeout=LIMIT_S)
        onward.request("POST", handler.path, body, {"Content-Type": handler.headers["Content-Type"]})
        reply = onward.getresponse()
        try:
            return reply.status, reply.read()
        finally:
            onward.close()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()
