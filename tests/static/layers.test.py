#!/usr/bin/env python3
"""Each folder includes only what LAYERS allows, and only the folder that wraps a library includes its headers."""

import re

import source

# Folders outside src/ that are layers too.
TOP_LAYERS = {"protocol", "sdk", "authenticator"}

# Header of a library: the folders that may know it.
LIBRARIES = {
    "microhttpd.h": {"http"},
    "gnutls/": {"http"},
    "sqlite3.h": {"store"},
    "libpq-fe.h": {"store"},
    "jansson.h": {"codec", "jose"},
    "openssl/": {"crypto", "sdk"},
    "jose/": {"jose"},
    "curl/": {"http", "outbound", "authenticator"},
}

# Headers that installed ones include.
INSTALLED = {"reuseid_device_types.h"}


def allowed_edges():
    """{folder: {folder it may include: True when only its contract}}, in the order of the file."""
    edges = {}
    for line in source.read("LAYERS").splitlines():
        if line.strip() and not line.startswith("#"):
            folder, _, below = line.partition(":")
            edges[folder.strip()] = {name.rstrip("!"): name.endswith("!") for name in below.split()}
    return edges


def folder_of(path):
    """The layer a file belongs to, or None: an example is built as those build who have only what is installed."""
    if "example" in path.parts:
        return None
    if path.parts[0] == "src" and len(path.parts) > 2:
        return path.parts[1]
    return path.parts[0] if path.parts[0] in TOP_LAYERS else None


def includes(path):
    for number, line in enumerate(source.read(path).splitlines(), 1):
        found = re.match(r'\s*#\s*include\s*([<"])([^>"]+)[>"]', line)
        if found:
            yield number, found[1] == '"', found[2]


def wrong_own(path, folder, number, header, edges):
    """What is wrong with including a header of ours, or None."""
    target = header.split("/")[0]
    where = f"{path}:{number}: {header}"
    if header in INSTALLED:  # it lies beside the header that includes it, there as here
        return None
    if "/" not in header:
        return f"{where}: write it with its folder"
    if target == folder:
        return None
    if target not in edges[folder]:
        return f"{where}: {folder} may not include {target}"
    if edges[folder][target] and header != f"{target}/{target}.h":
        return f"{where}: {folder} may include only {target}/{target}.h"
    return None


def wrong_library(path, folder, number, header):
    for start, folders in LIBRARIES.items():
        if header.startswith(start) and folder not in folders:
            return f"{path}:{number}: {header} belongs to {', '.join(sorted(folders))}"
    return None


def main():
    edges = allowed_edges()
    own, libraries, unknown = [], [], set()
    for path in source.c_files():
        folder = folder_of(path)
        if folder is None:
            continue
        if folder not in edges:
            unknown.add(folder)
            continue
        for number, is_own, header in includes(path):
            problem = wrong_own(path, folder, number, header, edges) if is_own else None
            own += [problem] if problem else []
            problem = None if is_own else wrong_library(path, folder, number, header)
            libraries += [problem] if problem else []

    order = list(edges)
    upward = [f"{folder}: {name}" for folder in order for name in edges[folder]
              if name not in order or order.index(name) >= order.index(folder)]
    source.report({
        "LAYERS names every folder": sorted(unknown),
        "LAYERS lists a folder below those it may include": upward,
        "a folder includes only what LAYERS allows": own,
        "only the folder that wraps a library includes it": libraries,
    })


main()
