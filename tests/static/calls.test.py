#!/usr/bin/env python3
"""The page for app builders maps the calls that apps know to ours: each of ours is in the header, and none of the header is left unsaid."""

import re

import source

PAGE, HEADER = "docs/APP-BUILDERS.md", "sdk/reuseid_device.h"
# Calls that apps of such servers know; the page has a row for each.
KNOWN = ["isActivated", "isActivatedLocally", "activatedAuthMethods", "activatedRecoveryMethods", "isRecoveryActivated", "registrationId",
         "uniqueIdentifier", "loadConfig", "startActivation", "finishActivation", "startAuthentication", "finishAuthentication", "startSigning",
         "finishSigning", "startAuthenticationOrSigning", "startAddOrUpdate", "finishAddOrUpdate", "startAuthenticationAndActivation",
         "deactivateAuthMethod", "deactivate(onlyLocally)", "cancelSession", "setRiskParameter", "pushSessionId"]


def table():
    section = source.read(PAGE).split("## The calls by their names\n")[1].split("\n## ")[0]
    return [line.split("|")[2:4] for line in section.splitlines() if line.startswith("|") and not line.startswith("|---")][1:]


def declared():
    return set(re.findall(r"\b(rid_\w+)\(", re.sub(r"/\*.*?\*/", "", source.read(HEADER), flags=re.DOTALL)))


ROWS = table()
MAPPED = set(re.findall(r"`(rid_\w+)`", " ".join(ours for _, ours in ROWS))) - {"rid_config"}
CALLS = {name for name in declared() if re.match(r"rid_(start|finish|deactivate|delete|cancel|set|is_activated|is_recovery|activated)", name)}

source.report({
    "every call that apps know has a row": [name for name in KNOWN if not any(f"`{name}`" in known for known, _ in ROWS)],
    "every function of the table is declared": sorted(MAPPED - declared()),
    "every call of the header is in the table": sorted(CALLS - MAPPED),
})
