#!/usr/bin/env python3
"""Writes the files of web/ as C, so that they are part of the program: embed.py WORDS OUTPUT FILE…

Templates (.html) are checked here: a place stands only where its escaped text cannot become markup or script, and every word
and file that is named is there.
"""

import hashlib
import pathlib
import re
import sys

TYPES = {
    ".html": "text/html; charset=utf-8", ".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml", ".png": "image/png", ".json": "application/json", ".webmanifest": "application/manifest+json",
}
PLACE = re.compile(r"\{\{([^{}]*)\}\}")
NAMES = {"word": r"t\.(\w+)", "file": r"asset\.([\w.-]+)", "value": r"[?!/*]?(\w+)"}
# Attributes whose whole value a caller may give: the browser acts on what it says, so the caller has to vouch for it.
VOUCHED = {"href", "src"}
ACTIVE = re.compile(r"<(script|style)\b[^>]*>(.*?)</\1>", re.S | re.I)


def fail(path, line, why):
    sys.exit(f"{path}:{line}: {why}")


def tags(text):
    """(start, end) of each tag, quotes respected."""
    for found in re.finditer(r"<[a-zA-Z/!](?:[^<>\"']|\"[^\"]*\"|'[^']*')*>", text):
        yield found.span()


def check_attribute(path, line, before, after, place):
    """A place within a tag: inside double quotes, and of no attribute that is script."""
    name = re.search(r"([\w-]+)=\"[^\"]*$", before)
    if not name or "\"" not in after:
        fail(path, line, f"{place}: within a tag only inside a double-quoted value")
    if name[1].lower().startswith("on") or name[1].lower() in ("style", "srcdoc"):
        fail(path, line, f"{place}: not in the attribute {name[1]}")
    whole = before.endswith(f"{name[1]}=\"") and after.startswith("\"")
    if name[1].lower() in VOUCHED and not whole:
        fail(path, line, f"{place}: {name[1]} takes a whole value")


def check_template(path, text, words, files):
    for script in ACTIVE.finditer(text):
        if script[2].strip():
            fail(path, text.count("\n", 0, script.start()) + 1, "script and style stand in files of their own")
    spans = list(tags(text))
    for place in PLACE.finditer(text):
        line = text.count("\n", 0, place.start()) + 1
        inside = next(((a, b) for a, b in spans if a < place.start() < b), None)
        if inside:
            check_attribute(path, line, text[inside[0]:place.start()], text[place.end():inside[1]], place[0])
        kind = next((kind for kind, form in NAMES.items() if re.fullmatch(form, place[1])), None)
        if not kind:
            fail(path, line, f"{place[0]}: no such kind of place")
        name = re.fullmatch(NAMES[kind], place[1])[1]
        if kind == "word" and name not in words or kind == "file" and name not in files:
            fail(path, line, f"{place[0]}: there is no such {kind}")
    if "{{" in PLACE.sub("", text):
        fail(path, 1, "a place that is not closed")


def literal(data):
    rows = (data[i:i + 24] for i in range(0, len(data), 24))
    return "".join("\t" + "".join(f"{b}," for b in row) + "\n" for row in rows)


def main():
    words = set(re.findall(r"^WORD\((\w+),", pathlib.Path(sys.argv[1]).read_text(encoding="utf-8"), re.M))
    paths = sorted((pathlib.Path(name) for name in sys.argv[3:]), key=lambda path: path.name)
    files = {path.name for path in paths if path.suffix != ".html"}
    out = ['/* Made of web/ by scripts/embed.py. */\n#include "page/file.h"\n']
    rows = []
    for number, path in enumerate(paths):
        data = path.read_bytes()
        if path.suffix == ".html":
            check_template(path, data.decode("utf-8"), words, files)
        out.append(f"\nstatic const uint8_t bytes_{number}[] = {{\n{literal(data)}}};\n")
        tag = hashlib.sha256(data).hexdigest()[:16]
        rows.append(f'\t{{ "{path.name}", "{TYPES[path.suffix]}", "{tag}", bytes_{number}, sizeof(bytes_{number}) }},\n')
    out.append("\nconst struct web_file web_files[] = {\n" + "".join(rows) + "};\n")
    out.append("const size_t web_file_count = sizeof(web_files) / sizeof(web_files[0]);\n")
    pathlib.Path(sys.argv[2]).write_text("".join(out), encoding="utf-8")


main()
