#!/usr/bin/env python3
"""Nothing is left over: what a list names is used, and what a file offers to others is called by them."""

import pathlib
import re

import source

# Offered to others than our own code: apps, tests.
FOR_APPS = {"sdk"}
FOR_TESTS = {"play_integrity_verify", "devices_add_salt_key", "geo_country_known", "http_port", "json_at_in", "sql_each_declared",
             "sql_prepares", "webhooks_turn"}


def code():
    folders = ("src", "protocol", "sdk", "authenticator")
    return {path: source.code_only(source.read(path)) for path in source.c_files() if path.parts[0] in folders}


def rows(path, pattern):
    return re.findall(pattern, source.read(pathlib.Path(path)), re.M)


def unused_rows(texts, path, pattern, use):
    """Rows of a list that nothing outside of it names; `use` says how a name is written there."""
    rest = "\n".join(text for at, text in texts.items() if at != pathlib.Path(path))
    return [name for name in rows(path, pattern) if not re.search(use.replace("NAME", name), rest)]


def words(texts):
    pages = "\n".join(source.read(path) for path in source.files() if path.parts[0] == "web")
    return [name for name in unused_rows(texts, "src/page/words.def", r"^WORD\((\w+),", r"\bWORD_NAME\b")
            if f"t.{name}" not in pages]


def offered(texts):
    """Functions that are not static, by the file that has them."""
    for path, text in texts.items():
        if path.suffix == ".c" and path.parts[0] not in FOR_APPS:
            for name in re.findall(r"^(?!static\b)(?:\w+[ *]+)+(\w+)\([^;{]*\)\n\{", text, re.M):
                yield path, name


def is_declaration(line, name):
    return re.match(rf"^(?:extern )?(?:\w+[ *]+)+{name}\(", line)


def made_by_macros(lines):
    """Patterns of the names that macros make out of parts, as page_##kind##_prepare: what is no parameter is a part of a name."""
    for found in {found for line in lines for found in re.findall(r"\w+(?:##\w+)+", line)}:
        pieces = [piece if piece[0] == "_" or piece[-1] == "_" else r"\w+" for piece in found.split("##")]
        if any(len(piece) > 3 for piece in pieces):
            yield re.compile("".join(pieces) + "$")


def not_called(texts):
    lines = [line for text in texts.values() for line in text.split("\n")]
    parts = list(made_by_macros(lines))
    mentions = {}
    for line in lines:
        for name in set(re.findall(r"\w+", line)):
            mentions.setdefault(name, []).append(line)
    return [f"{path}: {name}" for path, name in offered(texts)
            if name not in FOR_TESTS and name != "main" and not any(part.match(name) for part in parts)
            and all(is_declaration(line, name) for line in mentions[name])]


TEXTS = code()
source.report({
    "every setting is read": unused_rows(TEXTS, "src/base/settings.def", r"^SETTING\(\w+, (\w+),", r"\bNAME\b"),
    "every metric is counted": unused_rows(TEXTS, "src/base/metrics.def", r"^METRIC\(\w+, (\w+),", r"\bMETRIC_NAME\b"),
    "every word stands on a page": words(TEXTS),
    "every function is called": not_called(TEXTS),
    "what is only for tests is there": sorted(FOR_TESTS - {name for _, name in offered(TEXTS)}),
})
