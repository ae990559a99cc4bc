#!/usr/bin/env python3
"""A service provider for show and for tests: a shop with passkeys, on the API and nothing else.

Its users are in its own memory; what it knows of their passkeys it asks the server. Run it as ./run demo --site.
"""

import argparse
import base64
import http.server
import json
import pathlib
import urllib.error
import urllib.parse
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
TYPES = {".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
PASSKEYS = "/reuseid/core/credentials/passkeys"


class Api:
    """The server, as a service provider's backend calls it."""

    def __init__(self, base_url, client_id, client_secret):
        self.base_url, self.client_id, self.client_secret = base_url, client_id, client_secret
        self.token = None

    def _send(self, method, path, data, headers):
        request = urllib.request.Request(self.base_url + path, data=data, headers=headers, method=method)
        try:
            with urllib.request.urlopen(request, timeout=10) as reply:
                text = reply.read()
                return reply.status, json.loads(text) if text else None
        except urllib.error.HTTPError as refused:
            return refused.code, json.loads(refused.read() or b"null")

    def _fresh_token(self):
        basic = base64.b64encode(f"{self.client_id}:{self.client_secret}".encode()).decode()
        form = urllib.parse.urlencode({"grant_type": "client_credentials", "scope": "signicat-api"}).encode()
        status, body = self._send("POST", "/auth/open/connect/token", form, {
            "Authorization": f"Basic {basic}", "Content-Type": "application/x-www-form-urlencoded"})
        if status != 200:
            raise RuntimeError(f"no token: {body}")
        self.token = body["access_token"]

    def call(self, method, path, body=None):
        """Status and answer; a token that has run out is renewed once."""
        if not self.token:
            self._fresh_token()
        for attempt in (1, 2):
            headers = {"Authorization": f"Bearer {self.token}"}
            data = None
            if body is not None:
                headers["Content-Type"] = "application/json"
                data = json.dumps(body).encode()
            status, answer = self._send(method, path, data, headers)
            if status != 401 or attempt == 2:
                return status, answer
            self._fresh_token()


class Shop:
    """What the shop does with it."""

    def __init__(self, api, domain, site_url):
        self.api, self.domain, self.site_url = api, domain, site_url

    def user(self, name):
        """The user of that name, made when there is none."""
        status, found = self.api.call("POST", "/reuseid/core/users/resolve", {"externalRef": name})
        if status == 200:
            return found["userId"]
        status, made = self.api.call("POST", "/reuseid/core/users", {"externalRef": name, "attributes": {
            "passkeys-name": name, "passkeys-displayname": name.title(), "tier": "gold"}})
        return made["id"]

    def register(self, asked):
        return self.api.call("POST", f"{PASSKEYS}/registrations", {
            "userId": self.user(asked["name"]), "passkey": {"domain": self.domain, "name": asked.get("passkey", "")},
            "rpRedirectUri": f"{self.site_url}/done?kind=registrations" if asked.get("redirect", True) else "",
            "operationProperties": asked.get("properties", {})})

    def login(self, asked):
        return self.api.call("POST", f"{PASSKEYS}/authentications", {
            "rpRedirectUri": f"{self.site_url}/done?kind=authentications" if asked.get("redirect", True) else "",
            "operationProperties": {"domain": self.domain, "requestedUserAttributes": ["tier"], **asked.get("properties", {})}})

    def result(self, asked):
        """The browser comes back whatever happened: only the API tells what did."""
        kind = "registrations" if asked.get("kind") == "registrations" else "authentications"
        return self.api.call("GET", f"{PASSKEYS}/{kind}/{urllib.parse.quote(asked.get('transactionId', ''), safe='')}")


class Handler(http.server.BaseHTTPRequestHandler):
    """Pages out of this folder, and three calls for their script."""

    shop = None
    FILES = {"/common.js", "/site.js", "/embedded.js", "/site.css"}
    SCRIPTS = {"/": "/site.js", "/done": "/site.js", "/embedded": "/embedded.js"}

    def do_GET(self):
        asked = urllib.parse.urlsplit(self.path).path
        if asked not in self.FILES and asked not in self.SCRIPTS:
            self.answer(404, b"nothing here", "text/plain")
            return
        path = HERE / ("page.html" if asked in self.SCRIPTS else asked[1:])
        text = path.read_text(encoding="utf-8")
        for place, value in (("%SERVER%", self.server.pages_url), ("%SCRIPT%", self.SCRIPTS.get(asked, ""))):
            text = text.replace(place, value)
        self.answer(200, text.encode(), TYPES[path.suffix])

    def do_POST(self):
        action = {"/api/register": self.shop.register, "/api/login": self.shop.login, "/api/result": self.shop.result}.get(self.path)
        if not action:
            self.answer(404, b"{}", "application/json")
            return
        asked = json.loads(self.rfile.read(int(self.headers.get("Content-Length", 0))) or b"{}")
        status, answer = action(asked)
        self.answer(status, json.dumps(answer).encode(), "application/json")

    def answer(self, status, body, kind):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        try:
            self.end_headers()
            self.wfile.write(body)
        except BrokenPipeError:
            pass  # the browser went on without waiting

    def log_message(self, *_):
        """Silent."""


def make(server_url, bootstrap, domain, port=0, pages_url=None):
    """The site, not serving yet; its address is http://localhost:server_port."""
    httpd = http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler)
    httpd.pages_url = pages_url or server_url
    api = Api(server_url, bootstrap["clientId"], bootstrap["clientSecret"])
    Handler.shop = Shop(api, domain, f"http://localhost:{httpd.server_port}")
    return httpd


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--server", required=True, metavar="URL", help="the server's API")
    parser.add_argument("--pages", metavar="URL", help="where browsers reach the server's pages (default: the same)")
    parser.add_argument("--bootstrap", required=True, metavar="FILE", help="bootstrap.json with an API client")
    parser.add_argument("--domain", default="localhost")
    parser.add_argument("--port", type=int, default=0)
    arguments = parser.parse_args()
    bootstrap = json.loads(pathlib.Path(arguments.bootstrap).read_text(encoding="utf-8"))
    httpd = make(arguments.server, bootstrap, arguments.domain, arguments.port, arguments.pages)
    print(f"http://localhost:{httpd.server_port}", flush=True)
    httpd.serve_forever()


if __name__ == "__main__":
    main()
