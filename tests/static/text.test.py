#!/usr/bin/env python3
"""White space: one way throughout."""

import re

import source

TEXT = {".c", ".h", ".def", ".py", ".js", ".ts", ".tsx", ".css", ".html", ".sh", ".build", ".md", ".txt", ".json", ".sql"}
NAMED = {"run", "test", "demo", "LAYERS", ".gitignore", "meson_options.txt"}
TABS = {".c", ".h", ".def", ".sh", ".js", ".ts", ".tsx", ".css"}
SPACES = {".py", ".build", ".json"}


def texts():
    for path in source.files():
        if "vectors" not in path.parts and path.name != "package-lock.json":
            if path.suffix in TEXT or path.name in NAMED:
                yield path, source.read(path)


def lines_with(pattern, suffixes=None):
    found = re.compile(pattern)
    return [f"{path}:{number}" for path, text in texts() if suffixes is None or path.suffix in suffixes
            for number, line in enumerate(text.split("\n"), 1) if found.search(line)]


def indented_with_spaces():
    """Lines of code; the inside of a comment is aligned as it likes."""
    for path, text in texts():
        if path.suffix in TABS:
            code = source.code_only(text).split("\n")
            yield from (f"{path}:{number}" for number, line in enumerate(code, 1) if re.match(r" +[^ ]", line))


source.report({
    "no white space at the end of a line": lines_with(r"[ \t\r]$"),
    "no tab behind a space": lines_with(r"^\s* \t"),
    "C, shell and JavaScript are indented with tabs": list(indented_with_spaces()),
    "other languages are indented with spaces": lines_with(r"^ *\t", SPACES),
    "a file ends with one line end": [str(path) for path, text in texts() if text and not re.search(r"[^\n]\n\Z", text)],
})
