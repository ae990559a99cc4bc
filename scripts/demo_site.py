"""The shop of demo/ in front of a server of its own, until Ctrl-C: passkeys to be tried in a browser."""

import pathlib
import subprocess
import sys
import urllib.parse

from stage import Server

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "demo"))
import shop  # noqa: E402  (beside this folder)


def command(server, *words):
    subprocess.run([server.binary, *words, "--data", str(server.data)], check=True, stdout=subprocess.DEVNULL)


def serve(screen, binary):
    with Server(binary) as server:
        port = urllib.parse.urlsplit(server.base_url).port
        httpd = shop.make(server.base_url, server.bootstrap, "localhost", pages_url=f"http://localhost:{port}")
        site = f"http://localhost:{httpd.server_port}"
        command(server, "domain", "add", "localhost", "--account", server.bootstrap["accountId"])
        command(server, "passkey", "domain", "set", "localhost", "--origins", site, "--title", "The Corner Shop")
        screen.line(f"The shop is open at {site}", "title")
        screen.line("Ctrl-C closes it. Nothing is kept.", "dim")
        try:
            httpd.serve_forever()
        except KeyboardInterrupt:
            return 0
