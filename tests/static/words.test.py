#!/usr/bin/env python3
"""Functions that invite mistakes, names that carry the product, variables for everybody, words that do not belong here."""

import re

import source

# Function: what to use instead.
BANNED = {
    **dict.fromkeys(("strcpy", "strcat", "strncpy", "strncat", "stpcpy", "sprintf", "vsprintf"), "struct buf"),
    **dict.fromkeys(("gets", "scanf", "fscanf", "sscanf", "strtok", "strtok_r", "atoi", "atol", "atoll", "atof"),
                    "a slice and its readers"),
    **dict.fromkeys(("rand", "srand", "random", "srandom", "drand48", "rand_r"), "env's randomness"),
    **dict.fromkeys(("system", "popen", "wordexp"), "no shell at all"),
    **dict.fromkeys(("tmpnam", "tempnam", "mktemp"), "mkstemp or mkdtemp"),
    **dict.fromkeys(("gmtime", "localtime", "asctime", "ctime"), "a reentrant one"),
    **dict.fromkeys(("alloca", "strdupa"), "an arena"),
    **dict.fromkeys(("setjmp", "longjmp", "sigsetjmp", "siglongjmp"), "struct error"),
    **dict.fromkeys(("vfork",), "posix_spawn"),
}

# The permission product that is called so in the dashboard.
PRODUCT_NAME_ALLOWED = {"REUSEID"}

# "FILE: NAME" of variables that have to be for the whole process, each with its reason.
GLOBALS_ALLOWED = {
    "src/crypto/library.c: kept": "algorithms fetched once from OpenSSL, never changed afterwards",
    "src/crypto/library.c: once": "guards them",
    "src/crypto/p256.c: works": "spare work areas, nothing in them",
}

# Written in halves, so that this file does not hold what it looks for.
FOREIGN_WORDS = [a + b for a, b in (
    ("/wo", "rk/"), ("/fa", "rm"), ("fa", "rm-"), ("sub", "agent"), ("developer ses", "sion"),
    ("the issue a", "sks"), ("per the iss", "ue"), ("FIX", "ME"), ("TO", "DO"), ("XX", "X"), ("not imple", "mented"),
)]
FOREIGN_EXEMPT = re.compile(r"package-lock\.json|/vectors/|(^|/)LICENSE|hooks?/")


def shipped():
    return [path for path in source.c_files() if path.parts[0] not in ("test", "tests", "bench", "fuzz")]


def banned_calls():
    call = re.compile(r"(?<![\w.>])(" + "|".join(BANNED) + r")\s*\(")
    for path in shipped():
        for number, line in source.code_lines(path):
            for found in call.finditer(line):
                yield f"{path}:{number}: {found[1]}: use {BANNED[found[1]]}"


def product_names():
    for path in source.c_files():
        if path.parts[0] == "sdk" and path.suffix == ".h":
            continue
        for number, line in source.code_lines(path):
            for word in re.findall(r"\w*reuseid\w*", line, re.IGNORECASE):
                if word not in PRODUCT_NAME_ALLOWED and not line.lstrip().startswith("#include"):
                    yield f"{path}:{number}: {word}"


def variables():
    """Lines in column one that declare data which can change. Functions have a parenthesis, constants the word const."""
    data = re.compile(r"(?:static\s+|extern\s+)?(?:struct\s+|enum\s+|unsigned\s+|_Atomic\s+|volatile\s+|_Thread_local\s+)*"
                      r"\w[\w\s]*?[\s*]+(\w+)\s*(?:\[[^\]]*\]\s*)*(?:=.*|;)$")
    for path in shipped():
        for number, line in source.code_lines(path):
            found = data.match(line)
            if not found or re.match(r"(__extension__|typedef|return|goto|struct\s+\w+;|enum\s+\w+;|union\s+\w+;)", line):
                continue
            declared = line.split("=")[0]
            is_constant = re.search(r"\bconst\s+\w+\s*(\[.*)?$", declared.rstrip("; ")) or \
                ("const" in declared and "*" not in declared)
            if not is_constant and f"{path}: {found[1]}" not in GLOBALS_ALLOWED:
                yield f"{path}:{number}: {found[1]}"


def foreign_words():
    word = re.compile("|".join(rf"\b{one}\b" if one.isupper() else f"(?i:{re.escape(one)})" for one in FOREIGN_WORDS))
    for path in source.files():
        if FOREIGN_EXEMPT.search(str(path)):
            continue
        try:
            lines = source.read(path).splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, 1):
            found = word.search(line)
            if found:
                yield f"{path}:{number}: {found[0]}"


source.report({
    "no function that invites mistakes": list(banned_calls()),
    "no identifier carries the product's name": list(product_names()),
    "no variable for the whole process": list(variables()),
    "no word about anything but the project": list(foreign_words()),
})
