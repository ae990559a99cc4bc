#!/usr/bin/env python3
"""A header is a contract: it says first what it is for, and it can be included twice."""

import re

import source


def guard_of(path):
    """src/base/err.h: BASE_ERR_H. Of a test's header only the end is asked for: …JOBS_H."""
    parts = path.parts[1:] if path.parts[0] == "src" else path.parts
    name = re.sub(r"\W", "_", "_".join(parts)).upper()
    return r"\w+_" + re.sub(r"\W", "_", path.name).upper() if path.parts[0] == source.TESTS.name else name


def headers(*suffixes):
    return [path for path in source.c_files() if path.suffix in suffixes]


def without_guard():
    for path in headers(".h"):
        code = [line.strip() for _, line in source.code_lines(path) if line.strip()]
        guarded = re.fullmatch(rf"#ifndef ({guard_of(path)})\n#define \1", "\n".join(code[:2]))
        if not guarded or code[-1] != "#endif":
            yield f"{path}: {guard_of(path)}"


source.report({
    "a header begins with what it is for": [str(path) for path in headers(".h", ".def")
                                            if not source.read(path).startswith("/*")],
    "a header has its include guard": list(without_guard()),
})
