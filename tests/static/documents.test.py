#!/usr/bin/env python3
"""Documents: what they link to and the files they name exist."""

import re

import source

# Names that stand for any one of a kind.
STANDS_FOR = re.compile(r"…|\*|FEATURE|FOLDER|NAME|PAGE")
FOLDERS = ("src", "protocol", "sdk", "authenticator", "web", "tests", "fuzz", "bench", "scripts", "packaging", "docs")


def documents():
    for path in source.files():
        if path.suffix == ".md" and "vectors" not in path.parts:
            yield path, re.sub(r"^```.*?^```$", lambda found: "\n" * found[0].count("\n"), source.read(path), flags=re.M | re.S)


def numbered(pattern):
    for path, text in documents():
        for number, line in enumerate(text.split("\n"), 1):
            for found in re.finditer(pattern, line):
                yield path, number, found[1]


def anchors(path):
    headings = re.findall(r"^#+ (.*)$", source.read(path), re.M)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


def dead_links():
    for path, number, link in numbered(r"\]\(([^)\s]+)\)"):
        target, _, anchor = link.partition("#")
        if re.match(r"[a-z]+:", link):
            continue
        there = source.ROOT / path.parent / target if target else source.ROOT / path
        if not there.exists() or (anchor and anchor not in anchors(there.resolve().relative_to(source.ROOT))):
            yield f"{path}:{number}: {link}"


def missing_files():
    for path, number, name in numbered(r"`((?:%s)/[^`\s]*)`" % "|".join(FOLDERS)):
        if not STANDS_FOR.search(name) and not (source.ROOT / name).exists():
            yield f"{path}:{number}: {name}"


source.report({
    "every link of a document leads somewhere": list(dead_links()),
    "every file that a document names is there": list(missing_files()),
})
