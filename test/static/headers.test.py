#!/usr/bin/env python3
"""A header is a contract: it says first what it is for, and it can be included twice."""

import re

import source


def guard_of(path):
    """src/base/err.h: BASE_ERR_H; folders outside src/ keep their name."""
    parts = path.parts[1:] if path.parts[0] == "src" else path.parts
    return re.sub(r"\W", "_", "_".join(parts)).upper()


def headers(*suffixes):
    return [path for path in source.c_files() if path.suffix in suffixes]


def without_guard():
    for path in headers(".h"):
        guard = guard_of(path)
        code = [line.strip() for _, line in source.code_lines(path) if line.strip()]
        if code[:2] != [f"#ifndef {guard}", f"#define {guard}"] or code[-1] != "#endif":
            yield f"{path}: {guard}"


source.report({
    "a header begins with what it is for": [str(path) for path in headers(".h", ".def")
                                            if not source.read(path).startswith("/*")],
    "a header has its include guard": list(without_guard()),
})
