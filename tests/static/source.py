"""What the static checks share: the project's files, C without comments and strings, and the report as TAP."""

import pathlib
import re
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
TESTS = ROOT / pathlib.Path(__file__).resolve().parent.parent.name
NOT_OURS = {".git", "build", "data", "node_modules", "__pycache__"}
C_SUFFIXES = {".c", ".h", ".def"}


def files():
    """All files of the project, relative to ROOT: those git knows or would add, or all there are where git does not work."""
    command = ["git", "-C", str(ROOT), "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    try:
        listed = subprocess.run(command, check=True, capture_output=True, text=True).stdout.split("\0")
    except (OSError, subprocess.CalledProcessError):
        listed = [str(path.relative_to(ROOT)) for path in ROOT.rglob("*")]
    found = (pathlib.Path(name) for name in listed if name)
    return sorted({path for path in found if not NOT_OURS & set(path.parts) and (ROOT / path).is_file()})


def c_files():
    return [path for path in files() if path.suffix in C_SUFFIXES]


def read(path):
    return (ROOT / path).read_text(encoding="utf-8")


def code_only(text):
    """C with comments and the insides of literals replaced by spaces; every line keeps its number and length."""
    token = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\'', re.DOTALL)

    def blank(match):
        found = match[0]
        if found[0] in "\"'":
            return found[0] + " " * (len(found) - 2) + found[0]
        return re.sub(r"[^\n]", " ", found)

    return token.sub(blank, text)


def code_lines(path):
    """(line number, line) of a C file without comments and the insides of literals."""
    return list(enumerate(code_only(read(path)).split("\n"), 1))


def functions(path):
    """(name, line, number of lines between and with the outer braces). Our style: the braces stand alone in column one."""
    opened, heading = None, ""
    for number, line in code_lines(path):
        if line.rstrip() == "{":
            opened = number
        elif opened and line.startswith("}"):
            name = re.search(r"(\w+)\s*\(", heading)
            yield (name[1] if name else "?"), opened, number - opened + 1
            opened, heading = None, ""
        elif not opened and line[:1].strip():
            heading = line


def report(cases):
    """cases: {what must hold: [where it does not]}. Prints TAP, ends the process."""
    print(f"1..{len(cases)}")
    for number, (name, problems) in enumerate(cases.items(), 1):
        print(f"{'not ok' if problems else 'ok'} {number} - {name}")
        for problem in problems:
            print(f"#   {problem}")
    sys.exit(1 if any(cases.values()) else 0)
