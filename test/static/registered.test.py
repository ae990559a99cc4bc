#!/usr/bin/env python3
"""No file is forgotten: sources are built, tests are run."""

import re

import source


def not_named(path):
    """True when no meson.build beside or above the file names it."""
    for folder in path.parents:
        recipe = source.ROOT / folder / "meson.build"
        if recipe.is_file():
            inner = str(path.relative_to(folder))
            if re.search(rf"'{re.escape(inner)}'", recipe.read_text(encoding="utf-8")):
                return False
    return True


def scripts():
    return [path for path in source.files() if re.search(r"\.test\.(py|sh)$", path.name)]


source.report({
    "every C file is built": [str(path) for path in source.files() if path.suffix == ".c" and not_named(path)],
    "every script that is a test can be executed": [str(path) for path in scripts()
                                                    if not (source.ROOT / path).stat().st_mode & 0o100],
    "every script that is a test stands where it is looked for": [
        str(path) for path in source.files()
        if re.search(r"\.test\.\w+$", path.name) and (len(path.parts) != 3 or path.parts[0] != source.TESTS.name)],
})
