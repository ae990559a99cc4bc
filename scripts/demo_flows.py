"""The demo's act of identity proofing: a new user is onboarded with a phone, and what the simulator finds becomes his attributes."""

import re
import time
import urllib.parse
import urllib.request

import demo_devices

ONBOARDINGS = "/reuseid/id-onboardings"
PATIENCE_S = 20


def onboarding(demo):
    """An onboarding is started; the person enters the code in the app, which then shows where the identity is checked"""
    answer = demo.client.json("POST", ONBOARDINGS, {"externalRef": "000-000-000", "input": {
        "eidProviderOptions": {"docTypes": [138, 169, 147, 245, 277], "defaultId": 138}}})
    demo.flow = answer.get("data") or {}
    demo.checks.check("Pending, with an activation code", demo.flow.get("status") == "Pending" and bool(demo.flow.get("activationCode")))
    done = demo.phone.run("register", demo.flow.get("activationCode", ""), pin=demo_devices.PIN)
    link = re.search(r"http\S+/proofing/[\w-]{43}", done.said)
    demo.checks.check("the app is registered, and shows the link", done.ok and link is not None)
    demo.link = link[0] if link else ""


def capture(demo):
    """The person goes through the page of the simulator"""
    steps = ({"step": "prepare", "outcome": "accepted"}, {"step": "document", "docType": "138"}, {"step": "front"}, {"step": "back"},
             {"step": "selfie"})
    page = ""
    for step in steps:
        with urllib.request.urlopen(demo.link, urllib.parse.urlencode(step).encode()) as reply:
            page = reply.read().decode()
    demo.checks.check("the page says that it is done", "confirmed" in page)


def onboarded(demo):
    """The user has attributes and an identity verification"""
    end = time.monotonic() + PATIENCE_S
    while True:
        data = demo.client.json("GET", f"{ONBOARDINGS}/{demo.flow.get('transactionId')}").get("data") or {}
        if data.get("status") != "Pending" or time.monotonic() > end:
            break
        time.sleep(0.2)
    demo.checks.check("Completed, with the data of the person", data.get("status") == "Completed" and data.get("userData") == {
        "firstName": "JANE", "lastName": "SMITH", "dateOfBirth": "1990-01-01", "gender": "F", "nationality": "NOR"})
    user = demo.client.json("GET", f"{demo.USERS}/{data.get('userId')}")
    demo.checks.check("the attributes are the user's", (user.get("attributes") or {}).get("lastName") == "SMITH")


STEPS = (onboarding, capture, onboarded)
