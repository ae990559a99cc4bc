#!/usr/bin/env python3
"""The managing commands as an operator uses them, with the real binary: on a server that runs, and on a directory where none does."""

import base64
import contextlib
import fcntl
import json
import os
import pathlib
import pty
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

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

from cases import Said, case, run_cases  # pylint: disable=wrong-import-position

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BINARY = os.environ["SERVER_BINARY"]
LIMIT_S = 60
USERS = "/reuseid/core/users"
NO_USER = USERS + "/0190a0a0-0000-7000-8000-000000000000"


class Place:
    """A data directory, with or without a server on it."""

    def __init__(self):
        self.scratch = pathlib.Path(tempfile.mkdtemp(prefix="cli-test-"))
        self.data = self.scratch / "data"
        self.server = None
        self.port = 0

    def run(self, *words, data=True, env=None, stdin=subprocess.DEVNULL):
        where = ["--data", str(self.data)] if data else []
        done = subprocess.run([BINARY, *words, *where], stdin=stdin, capture_output=True, text=True, timeout=LIMIT_S,
                              env={**os.environ, **(env or {})}, cwd=self.scratch, check=False)
        return Said(done.returncode, done.stdout, done.stderr)

    def answer(self, *words, **options):
        return self.run(*words, "--json", **options).must().json()

    def start(self):
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        with open(self.scratch / "log", "ab") as log:
            self.server = subprocess.Popen([BINARY, "serve", "--data", str(self.data), "--port", str(self.port)],
                                           stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        until = time.monotonic() + LIMIT_S
        while time.monotonic() < until and self.server.poll() is None:
            with contextlib.suppress(OSError):
                if self.http("GET", "/readyz")[0] == 200:
                    return
            time.sleep(0.05)
        raise AssertionError((self.scratch / "log").read_text())

    def stop(self, how=signal.SIGTERM):
        if self.server:
            self.server.send_signal(how)
            status = self.server.wait(LIMIT_S)
            self.server = None
            assert how == signal.SIGKILL or status == 0, (self.scratch / "log").read_text()

    def remove(self):
        self.stop()
        shutil.rmtree(self.scratch, ignore_errors=True)

    def http(self, method, path, headers=None, data=None):
        request = urllib.request.Request(f"http://127.0.0.1:{self.port}{path}", data=data, headers=headers or {}, method=method)
        try:
            with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=LIMIT_S) as reply:
                return reply.status, json.loads(reply.read() or b"null")
        except urllib.error.HTTPError as reply:
            return reply.code, json.loads(reply.read() or b"null")

    def token(self, client, secret):
        """An access token, None when the client is refused."""
        basic = base64.b64encode(f"{client}:{secret}".encode()).decode()
        status, body = self.http("POST", "/auth/open/connect/token", {
            "Authorization": "Basic " + basic, "Content-Type": "application/x-www-form-urlencoded",
        }, urllib.parse.urlencode({"grant_type": "client_credentials", "scope": "signicat-api"}).encode())
        return body["access_token"] if status == 200 else None

    def with_token(self, token, path=NO_USER):
        return self.http("GET", path, {"Authorization": "Bearer " + token})[0]

    def client(self, *options):
        account = self.answer("account", "list")["accounts"][0]["id"]
        made = self.answer("client", "create", "Test", "--account", account, "--products", "all", *options)
        return made["id"], made["secrets"][0]["secret"], made["secrets"][0]["id"]

    def on_terminal(self, typed, *words):
        """Runs a command on a terminal where somebody types."""
        leader, follower = pty.openpty()
        with subprocess.Popen([BINARY, *words, "--data", str(self.data)], stdin=follower, stdout=subprocess.PIPE, stderr=follower,
                              text=True) as process:
            os.close(follower)
            os.write(leader, typed.encode())
            out = process.stdout.read()
            shown = b""
            with contextlib.suppress(OSError):
                while part := os.read(leader, 4096):
                    shown += part
        os.close(leader)
        return Said(process.wait(), out, shown.decode())


# ---- on a server that runs ----

@case
def first_account_is_listed(place):
    place.run("account", "list").must(out="Sandbox").must(out="Account ")


@case
def created_account_is_shown(place):
    made = place.answer("account", "create", "My bank", "--type", "production")
    assert made["id"].startswith("a-ppge-") and made["name"] == "My bank"
    place.run("account", "show", made["id"]).must(out="Type:             production\n")


@case
def account_is_changed(place):
    made = place.answer("account", "create", "Old", "--type", "sandbox")
    place.run("account", "update", made["id"], "--name", "New", "--extended-events", "on").must(out="New")
    assert place.answer("account", "show", made["id"])["extendedEvents"] is True


@case
def account_without_users_is_deleted(place):
    made = place.answer("account", "create", "Short", "--type", "sandbox")
    place.run("account", "delete", made["id"], "--yes").must(out="Deleted.\n")
    place.run("account", "show", made["id"]).must(1, err="There is no account with this ID")


@case
def created_client_gets_a_token(place):
    client, secret, _ = place.client()
    assert place.with_token(place.token(client, secret)) == 404


@case
def secret_is_printed_once_with_a_remark(place):
    said = place.run("client", "create", "Shop", "--organisation", "--products", "all").must(out="shown this once")
    secret = next(line.split()[1] for line in said.out.splitlines() if line.startswith("Secret:"))
    client = next(line.split()[1] for line in said.out.splitlines() if line.startswith("Client:"))
    assert len(secret) == 48 and client.startswith("org-")
    assert secret not in place.run("client", "show", client).must(out="First secret").out
    assert secret not in place.run("client", "show", client, "--json").out


@case
def other_secret_works_when_one_is_removed(place):
    client, first, first_id = place.client()
    second = place.answer("client", "secret", "add", client, "Second")["secret"]
    place.run("client", "secret", "remove", client, first_id, "--yes").must(out="Removed.")
    assert place.token(client, first) is None
    assert place.token(client, second)


@case
def removed_product_counts_without_a_new_token(place):
    client, secret, _ = place.client()
    token = place.token(client, secret)
    assert place.with_token(token) == 404
    place.run("client", "update", client, "--products", "Audit API").must()
    assert place.with_token(token) == 403


@case
def disabled_client_is_refused_at_once(place):
    client, secret, _ = place.client()
    token = place.token(client, secret)
    place.run("client", "update", client, "--disable").must(out="Enabled:             no")
    assert place.with_token(token) == 401 and place.token(client, secret) is None
    place.run("client", "update", client, "--enable").must()
    assert place.with_token(token) == 404


@case
def deleted_client_is_refused_at_once(place):
    client, secret, _ = place.client()
    token = place.token(client, secret)
    place.run("client", "delete", client, "--yes").must()
    assert place.with_token(token) == 401 and place.token(client, secret) is None


@case
def domains_are_added_listed_and_removed(place):
    account = place.answer("account", "list")["accounts"][0]["id"]
    place.run("domain", "add", "Login.Example.com", "--account", account).must(out="login.example.com")
    place.run("domain", "add", "login.example.com", "--account", account).must(1, err="belongs to an account already")
    place.run("domain", "list", "--account", account).must(out="login.example.com")
    place.run("domain", "remove", "login.example.com", "--yes").must()
    place.run("domain", "list").must(out="There are none.\n")


@case
def rotated_keys_sign_and_old_ones_verify(place):
    client, secret, _ = place.client()
    old_token = place.token(client, secret)
    place.run("key", "rotate", "--immediately").must(out="ACTIVE")
    keys = place.answer("key", "list")["keys"]
    assert [key["state"] for key in keys].count("ACTIVE") == 1 and len(keys) > 1
    assert place.with_token(old_token) == 404 and place.with_token(place.token(client, secret)) == 404
    active = next(key["keyId"] for key in keys if key["state"] == "ACTIVE")
    place.run("key", "delete", active, "--yes").must(1, err="active signing key")


@case
def users_are_found_and_shown(place):
    client, secret, _ = place.client()
    headers = {"Authorization": "Bearer " + place.token(client, secret), "Content-Type": "application/json"}
    user = place.http("POST", USERS, headers, json.dumps(
        {"externalRef": "customer 1&2", "segment": "NO", "attributes": {"city": "Oslo"}}).encode())[1]["id"]
    account = place.answer("account", "list")["accounts"][0]["id"]
    place.run("user", "list", "--account", account, "--external-ref", "customer 1&2").must(out=user)
    assert place.answer("user", "list", "--segment", "SE")["users"] == []
    place.run("user", "show", user).must(out="city=Oslo")
    place.run("account", "delete", account, "--yes").must(1, err="still has users")


@case
def backup_is_written_by_the_server(place):
    place.run("backup", "copy.db").must(out="master key is not in the backup").must(out=f"{place.data}/master.key")
    assert (place.scratch / "copy.db").stat().st_mode & 0o777 == 0o600
    place.run("backup", "copy.db").must(1, err="FILE must be a file that does not exist yet")


# ---- what is asked before something is deleted ----

@case
def nothing_is_deleted_unasked(place):
    client, secret, _ = place.client()
    place.run("client", "delete", client).must(2, err="--yes")
    assert place.token(client, secret)


@case
def no_on_a_terminal_keeps_it(place):
    client, secret, _ = place.client()
    place.on_terminal("n\n", "client", "delete", client).must(1, err=f"Delete the API client {client}").must(1, err="Nothing was done")
    place.on_terminal("\n", "client", "delete", client).must(1)
    assert place.token(client, secret)


@case
def yes_on_a_terminal_deletes_it(place):
    client, secret, _ = place.client()
    place.on_terminal("y\n", "client", "delete", client).must(0, out="Deleted.")
    assert place.token(client, secret) is None


# ---- what is said, and where ----

@case
def failures_are_told_in_words_with_status_1(place):
    said = place.run("account", "create", "x", "--type", "test").must(1, err="reuseid: --type must be one of sandbox, production\n")
    assert said.out == ""
    assert place.run("client", "show", "org-x", "--json").must(1, err="There is no API client with this ID").out == ""


@case
def mistakes_are_told_with_status_2(place):
    place.run("clinet", "list").must(2, err="did you mean client?")
    place.run("client", "list", "--acount", "x").must(2, err="did you mean --account?")
    place.run("client", "show").must(2, err="CLIENT is missing")
    place.run("client", "update", "x", "--token-lifetime", "soon").must(2, err="must be a number")
    place.run("client").must(2, err="Usage: reuseid client COMMAND")
    place.run(data=False).must(2, err="Usage: reuseid COMMAND")


@case
def help_is_everywhere(place):
    for words in ([], ["client"], ["client", "secret"], ["client", "create"], ["serve"]):
        for option in ("--help", "-h"):
            said = place.run(*words, option).must(out="Usage: reuseid " + " ".join(words)) if words else place.run(option).must()
            assert said.err == ""
    place.run("help", "client", "create").must(out="Usage: reuseid client create")
    place.run("help", "clint").must(2)


@case
def answer_as_json_is_the_answer_itself(place):
    said = place.run("account", "list", "--json").must()
    assert said.out.count("\n") == 1 and list(said.json()) == ["accounts"]
    account = place.answer("account", "create", "x", "--type", "sandbox")["id"]
    assert place.run("account", "delete", account, "--yes", "--json").must().out == ""


@case
def no_colours_where_nobody_looks(place):
    for words in (["account", "list"], ["help"], ["clinet"], ["client", "show", "x"]):
        said = place.run(*words)
        assert "\033" not in said.out + said.err


@case
def environment_names_the_data(place):
    place.run("account", "list", data=False, env={"REUSEID_DATA": str(place.data)}).must(out="Sandbox")


@case
def proxy_of_the_environment_is_not_asked(place):
    proxy = "http://127.0.0.1:9"
    place.run("account", "list", env={"http_proxy": proxy, "HTTP_PROXY": proxy, "ALL_PROXY": proxy}).must(out="Sandbox")


@case
def operators_routes_are_not_on_the_network(place):
    assert place.http("GET", "/admin/accounts")[0] == 404
    assert (place.data / "admin.sock").stat().st_mode & 0o777 == 0o600


@case
def passkeys_go_out_and_in(place):
    account = place.answer("account", "list")["accounts"][0]["id"]
    assert place.run("passkey", "export", account).must().out == ""
    place.run("passkey", "export", "a-spge-x").must(1, err="There is no account with this ID")
    place.run("passkey", "import", account, "missing.jsonl").must(1, err="missing.jsonl cannot be read")
    lines = place.scratch / "passkeys.jsonl"
    lines.write_text("\n\n")
    place.run("passkey", "import", account, str(lines)).must(out="0 passkeys were taken over")
    for text, fault in (("{}\n", "line 1"), ("\n[]\n", "line 2: is no object"), ("{\n", "line 1: is not valid JSON"), ("x" * 70000, "too long")):
        lines.write_text(text)
        place.run("passkey", "import", account, str(lines)).must(1, err=fault)


# ---- where no server runs ----

@case
def commands_work_without_a_server(place):
    place.stop()
    made = place.answer("account", "create", "Offline", "--type", "sandbox")
    client = place.answer("client", "create", "Offline", "--account", made["id"], "--products", "all")
    place.run("account", "list").must(out="Offline")
    place.run("account", "show", "a-spge-x").must(1, err="There is no account with this ID")
    place.start()
    assert place.token(client["id"], client["secrets"][0]["secret"])


@case
def socket_left_behind_does_no_harm(place):
    place.stop(signal.SIGKILL)
    assert (place.data / "admin.sock").exists()
    place.run("account", "list").must(out="Sandbox")
    place.start()


@case
def locked_directory_without_an_answer_is_told(place):
    place.stop()
    with open(place.data / "lock", "a", encoding="utf-8") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        place.run("account", "list").must(1, err="another process has the database").must(1, err="nobody answers at")
    place.start()


@case
def directory_without_a_database_is_told_and_left_alone(place):
    empty = place.scratch / "empty"
    empty.mkdir()
    said = place.run("account", "list", "--data", str(empty), data=False).must(1)
    assert said.err and not list(empty.iterdir())
    place.run("account", "list", "--data", str(place.scratch / "nowhere"), data=False).must(1)
    assert not (place.scratch / "nowhere").exists()


@case
def backup_comes_back(place):
    account = place.answer("account", "create", "Kept", "--type", "sandbox")["id"]
    place.run("backup", "kept.db").must()
    place.run("account", "delete", account, "--yes").must()
    place.run("restore", "kept.db", "--replace", "--yes").must(1, err="stop")
    place.stop()
    place.run("restore", "kept.db", "--yes").must(1, err="--replace")
    place.run("restore", "kept.db", "--replace").must(2, err="--yes")
    place.run("restore", "kept.db", "--replace", "--yes").must(out="Restored")
    place.run("account", "show", account).must(out="Kept")
    place.start()


# ---- documents ----

@case
def manual_page_is_up_to_date(place):
    written = place.run("help", "--man", data=False).must().out
    assert written == (ROOT / "docs" / "reuseid.1").read_text(encoding="utf-8"), "write it anew: reuseid help --man >docs/reuseid.1"


@case
def version_is_told(place):
    place.run("version", data=False).must(out="reuseid ")
    assert place.run("--version", data=False).must().out == place.run("version", data=False).out


def started_place():
    place = Place()
    try:
        place.start()
    except BaseException:
        place.remove()
        raise
    return place


def start_again(place):
    if place.server is None or place.server.poll() is not None:
        place.start()


run_cases(started_place, start_again)
