#!/usr/bin/env python3
"""No file is forgotten: sources are built, tests are run."""

import re

import source


def recipes():
    return {path.parent: source.read(path) for path in source.files() if path.name == "meson.build"}


def is_named(path, texts):
    """A recipe above or beside the file names it by its path; one beside it may make the name in a loop, and a shared file
    is named from a neighbouring folder."""
    for folder, text in texts.items():
        if folder in path.parents and f"'{path.relative_to(folder)}'" in text:
            return True
        if folder == path.parent and f"'{path.stem.removesuffix('_test')}'" in text:
            return True
        if folder.parent in path.parents and f"'../{path.relative_to(folder.parent)}'" in text:
            return True
    return False


def forgotten():
    """What is for another world than meson's, like a JVM, is built by a test that names it."""
    texts = recipes()
    tests = "\n".join(source.read(path) for path in scripts() if "commands" in path.parts)
    return [str(path) for path in source.files()
            if path.suffix == ".c" and not is_named(path, texts) and f'"{path.name}"' not in tests]


def facts_never_recorded():
    """A row of facts.def that no code records would be an audit record, or an event, that never comes."""
    names = re.findall(r"^FACT\((\w+),", source.read(source.pathlib.Path("src/event/facts.def")), re.M)
    code = "\n".join(source.read(path) for path in source.files() if path.parts[0] == "src" and path.suffix in (".c", ".h"))
    used = set(re.findall(r"\bFACT_(\w+)", code))
    # What every kind of operation has in common is recorded by one table.
    for of in re.findall(r"^\tR\(\w+, \w+, (\w+)\)", source.read(source.pathlib.Path("src/operation/operation.c")), re.M):
        used |= {f"{of}_{outcome}" for outcome in ("STARTED", "COMPLETED", "FAILED", "CANCELLED")}
    return [name for name in names if name not in used]


def scripts():
    return [path for path in source.files() if re.search(r"\.test\.(py|sh)$", path.name)]


source.report({
    "every C file is built": forgotten(),
    "every fact is recorded somewhere": facts_never_recorded(),
    "every script that is a test can be executed": [str(path) for path in scripts()
                                                    if not (source.ROOT / path).stat().st_mode & 0o100],
    "every script that is a test stands where it is looked for": [
        str(path) for path in source.files()
        if re.search(r"\.test\.\w+$", path.name) and (len(path.parts) not in (3, 4) or path.parts[0] != source.TESTS.name)],
})
