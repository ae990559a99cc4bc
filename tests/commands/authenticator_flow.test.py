#!/usr/bin/env python3
"""The authenticator follows an onboarding and a step-up: it shows the link of the proofing, and what the person does there counts."""

import json
import pathlib
import re
import sys
import urllib.parse
import urllib.request

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))
from cases import case, run_cases  # pylint: disable=wrong-import-position
from terminal_phone import LIMIT_S, World  # pylint: disable=wrong-import-position

ONBOARDINGS, STEPUPS = "/reuseid/id-onboardings", "/reuseid/id-stepups"
JANE = {"firstName": "JANE", "lastName": "SMITH", "dateOfBirth": "1990-01-01", "gender": "F", "nationality": "NOR"}


def go_through(url, **person):
    """The capture page, by its plain forms."""
    for step in ({"step": "prepare", **person}, {"step": "document", "docType": "138"}, {"step": "front"}, {"step": "back"}, {"step": "selfie"}):
        with urllib.request.urlopen(url, urllib.parse.urlencode(step).encode(), timeout=LIMIT_S) as page:
            text = page.read().decode()
    return text


def link_in(said, world):
    found = re.findall(rf"^ *({re.escape(world.url)}/proofing/[\w-]{{43}})$", said.out, re.M)
    assert len(found) == 1, said.out
    return found[0]


def data(world, kind, flow):
    return world.http("GET", f"{kind}/{flow['transactionId']}")["data"]


def onboarded(world, *words):
    flow = world.http("POST", ONBOARDINGS, {"externalRef": None, "input": {}})["data"]
    phone = world.phone(registered=False)
    said = phone.with_pin("register", flow["activationCode"], *words).must()
    return flow, phone, said


@case
def an_onboarding(world):
    flow, _, said = onboarded(world)
    said.must(out="Now your identity is to be checked")
    assert data(world, ONBOARDINGS, flow)["status"] == "Pending"
    assert "Done" in go_through(link_in(said, world))
    done = data(world, ONBOARDINGS, flow)
    assert (done["status"], done["userData"]) == ("Completed", JANE), done
    assert world.http("GET", f"/reuseid/core/users/{flow['userId']}")["attributes"] == JANE


@case
def an_onboarding_in_a_script(world):
    flow, _, said = onboarded(world, "--json")
    go_through(said.json()["captureUrl"])
    assert data(world, ONBOARDINGS, flow)["status"] == "Completed"


@case
def a_step_up(world):
    phone = world.phone()
    flow = world.http("POST", STEPUPS, {"input": {"userId": phone.user, "deviceId": phone.status()["deviceId"]}})["data"]
    said = phone.with_pin("approve").must(out="Approved")
    # What it is about is said before it is approved, the link comes behind it.
    assert said.out.index("This is a step-up") < said.out.index("Approved") < said.out.index(link_in(said, world))
    go_through(link_in(said, world), firstName="ANNA")
    done = data(world, STEPUPS, flow)
    assert (done["status"], done["userData"]) == ("Completed", {**JANE, "firstName": "ANNA"}), done


@case
def a_step_up_that_is_declined(world):
    phone = world.phone()
    flow = world.http("POST", STEPUPS, {"userId": phone.user, "deviceId": phone.status()["deviceId"]})["data"]
    said = phone.run("decline").must()
    assert "/proofing/" not in said.out
    done = data(world, STEPUPS, flow)
    assert done["status"] == "Failed" and "userData" not in done
    assert "attributes" not in world.http("GET", f"/reuseid/core/users/{phone.user}")


@case
def what_only_looks_like_a_step_up_is_shown_as_it_is(world):
    phone = world.phone()
    content = {"operation": "REUSEID_STEPUP", "transactionId": "1", "provider": "nobody", "captureUrl": "https://evil.example",
               "pay": "9000 EUR to Mallory"}
    world.ask(phone, "signatures", json.dumps(content), "application/json", "A step-up")
    said = phone.with_pin("sign").must(out="9000 EUR to Mallory").must(out="A step-up")
    assert "Open this link" not in said.out and said.out.index("9000 EUR") < said.out.index("Approved"), said.out


run_cases(World)
