#!/usr/bin/env python3
"""Files and functions stay small enough to be read in one go."""

import source

FILE_LINES_MAX = 450
FUNCTION_LINES_MAX = 70
C_LINE_COLUMNS_MAX = 140
TAB_COLUMNS = 8
WRITTEN_BY_HAND = {".c", ".h", ".def", ".py", ".js", ".ts", ".tsx", ".css", ".sh", ".build"}


def long_files():
    for path in source.files():
        if path.suffix in WRITTEN_BY_HAND:
            lines = source.read(path).count("\n")
            if lines > FILE_LINES_MAX:
                yield f"{path}: {lines} lines"


def long_functions():
    for path in source.c_files():
        for name, line, lines in source.functions(path):
            if lines > FUNCTION_LINES_MAX:
                yield f"{path}:{line}: {name}: {lines} lines"


def long_lines():
    """A text is not cut in pieces for this: a line with one may be longer."""
    for path in source.c_files():
        for number, line in enumerate(source.read(path).split("\n"), 1):
            columns = len(line.expandtabs(TAB_COLUMNS))
            if columns > C_LINE_COLUMNS_MAX and '"' not in line:
                yield f"{path}:{number}: {columns} columns"


source.report({
    f"no file over {FILE_LINES_MAX} lines": list(long_files()),
    f"no function over {FUNCTION_LINES_MAX} lines": list(long_functions()),
    f"no line of C over {C_LINE_COLUMNS_MAX} columns": list(long_lines()),
})
