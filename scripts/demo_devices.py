"""The second act of the demo: a phone is bound to the user, approves, signs, forgets its PIN, and goes with the user."""

DEVICES = "/reuseid/core/credentials/devices"
KEYS = "/auth/open/.well-known/openid-configuration/jwks"
PIN, WRONG_PIN, NEW_PIN, NEXT_PIN = "4711", "0000", "2758", "9163"
RECOVERY_CODE, WRONG_CODE = "190837", "111112"
TRIES = 3  # what a new application allows


def phone_user(demo):
    """A user for the phone"""
    answer = demo.client.json("POST", demo.USERS, {"externalRef": "customer-4712", "attributes": {"firstName": "John"}})
    demo.checks.check("200 or 201 with the user", answer.status in (200, 201) and bool(answer.get("id")))
    demo.user_id, demo.user_path = answer.get("id"), f"{demo.USERS}/{answer.get('id')}"


def configure_phone(demo):
    """The authenticator app is configured: three values, as the first start has them in bootstrap.json"""
    done = demo.phone.run("configure", "--application-id", demo.bootstrap["applicationId"], "--public-key", demo.bootstrap["publicKey"],
                          "--server-url", demo.bootstrap["serverUrl"])
    demo.checks.check("the app is configured", done.ok)


def register_phone(demo):
    """Register the phone: the service provider starts it, the person enters the code and chooses a PIN"""
    started = demo.client.json("POST", DEVICES + "/registrations", {"userId": demo.user_id, "device": {"name": "My phone"}})
    properties = started.get("operationProperties") or {}
    demo.checks.check("PENDING, with an activation code", started.get("state") == "PENDING" and bool(properties.get("activationCode")))
    done = demo.phone.run("register", properties.get("activationCode", ""), pin=PIN)
    demo.checks.check("the app is registered", done.ok)
    answer = demo.client.json("GET", f"{DEVICES}/registrations/{started.get('transactionId')}")
    device = answer.get("device") or {}
    demo.checks.check("COMPLETED, with the device", answer.get("state") == "COMPLETED" and device.get("state") == "ACTIVE"
                      and device.get("name") == "My phone")
    demo.device_id = device.get("id")


def start(demo, kind, title, content):
    body = {"userId": demo.user_id, "device": {"id": demo.device_id}, "operationProperties": {
        "preOperationContext": {"title": title, "content": content, "mimeType": "text/plain"},
        "requestedUserAttributes": ["firstName"]}}
    answer = demo.client.json("POST", f"{DEVICES}/{kind}", body)
    demo.checks.check("PENDING", answer.get("state") == "PENDING")
    return answer.get("transactionId")


def result(demo, kind, transaction):
    return demo.client.json("GET", f"{DEVICES}/{kind}/{transaction}")


def authenticate(demo):
    """Authenticate with a text to approve: what is shown is what is signed"""
    transaction = start(demo, "authentications", "Payment", "Pay 100 EUR to Acme?")
    done = demo.phone.run("approve", pin=PIN)
    demo.checks.check("the app showed the text and approved", done.ok and done.says("Pay 100 EUR to Acme?"))
    answer = result(demo, "authentications", transaction)
    properties = answer.get("operationProperties") or {}
    demo.checks.check("COMPLETED with two factors", answer.get("state") == "COMPLETED" and properties.get("authMethod") == "DEVICE_PIN"
                      and properties.get("authLevel") == "TWO_FACTOR")
    demo.checks.check("with the attribute that was asked for", properties.get("requestedUserAttributes") == {"firstName": "John"})


def sign(demo):
    """Sign a consent: anyone can verify later who signed what, with nothing but a file and the published keys"""
    transaction = start(demo, "signatures", "Consent", "I agree to the terms of Acme.")
    done = demo.phone.run("sign", pin=PIN)
    demo.checks.check("the app showed the text and signed", done.ok and done.says("I agree to the terms of Acme."))
    answer = result(demo, "signatures", transaction)
    demo.checks.check("COMPLETED, with a signature", answer.get("state") == "COMPLETED" and bool(answer.get("signature")))
    evidence = demo.client.json("GET", f"{DEVICES}/signatures/{transaction}/evidence").text
    checked = demo.server.check(demo.screen, "consent", "verify", "evidence", "--keys", "keys",
                                evidence=evidence, keys=demo.client.json("GET", KEYS).text)
    demo.checks.check("the evidence proves who signed what", checked.ok and checked.says(f'"sub":"{demo.user_id}"')
                      and checked.says("I agree to the terms of Acme."))
    forged = demo.server.check(demo.screen, "consent", "verify", "evidence", "--keys", "keys", evidence=evidence.replace("v\":1", "v\":2"))
    demo.checks.check("altered, it proves nothing", not forged.ok)


def wrong_pins(demo):
    """Wrong PINs until the phone is locked: it is never told which factor was wrong"""
    transaction = start(demo, "authentications", "Log in", "Log in at Acme?")
    for left in range(TRIES - 1, -1, -1):
        done = demo.phone.run("approve", pin=WRONG_PIN)
        demo.checks.check(f"refused, {left} tries left", not done.ok)
    answer = result(demo, "authentications", transaction)
    demo.checks.check("FAILED, because the PIN was wrong", answer.get("state") == "FAILED"
                      and answer.get("errorCode") == "LOCKED_PIN_VERIFICATION_FAILED")
    device = demo.client.json("GET", f"{DEVICES}/{demo.device_id}?userId={demo.user_id}&detailed=true")
    details = device.get("deviceDetails") or {}
    demo.checks.check("the device is LOCKED", device.get("state") == "LOCKED" and details.get("lockReason") == "PIN_VERIFICATION_FAILED")


def unlock(demo):
    """The service provider unlocks the phone, and it works again"""
    answer = demo.client.json("PATCH", f"{DEVICES}/{demo.device_id}?userId={demo.user_id}", {"state": "ACTIVE"})
    demo.checks.check("200, the device is ACTIVE", answer.status == 200 and answer.get("state") == "ACTIVE")
    transaction = start(demo, "authentications", "Log in", "Log in at Acme?")
    demo.checks.check("the app approved", demo.phone.run("approve", pin=PIN).ok)
    demo.checks.check("COMPLETED", result(demo, "authentications", transaction).get("state") == "COMPLETED")


def match_number(demo):
    """Number matching: the person types what the service provider shows, so that nobody approves by reflex"""
    body = {"userId": demo.user_id, "device": {"id": demo.device_id}, "operationProperties": {"numberMatching": True}}
    answer = demo.client.json("POST", DEVICES + "/authentications", body)
    number = (answer.get("operationProperties") or {}).get("matchNumber") or ""
    demo.checks.check("PENDING, with a number of two digits", answer.get("state") == "PENDING" and len(number) == 2)
    demo.checks.check("without the number the app approves nothing", not demo.phone.run("approve", pin=PIN).ok)
    demo.checks.check("with it, it does", demo.phone.run("approve", "--match", number, pin=PIN).ok)
    demo.checks.check("COMPLETED", result(demo, "authentications", answer.get("transactionId")).get("state") == "COMPLETED")


def change_pin(demo):
    """The person changes the PIN: the service provider has nothing to do with it"""
    demo.checks.check("the PIN is changed", demo.phone.run("pin", pin=PIN, new_pin=NEW_PIN).ok)
    transaction = start(demo, "authentications", "Log in", "Log in at Acme?")
    demo.checks.check("the old PIN is refused", not demo.phone.run("approve", pin=PIN).ok)
    demo.checks.check("the new one approves", demo.phone.run("approve", pin=NEW_PIN).ok)
    demo.checks.check("COMPLETED", result(demo, "authentications", transaction).get("state") == "COMPLETED")


def set_up_recovery(demo):
    """A recovery, for the day when the phone is lost: a backup in the person's cloud, locked with a code"""
    path = f"/mobileid/admin/accounts/{demo.bootstrap['accountId']}/application-configurations/{demo.bootstrap['applicationId']}"
    answer = demo.client.json("PATCH", path, {"recoveryEnabled": True})
    demo.checks.check("200, recovery is allowed", answer.status == 200)
    start(demo, "authentications", "Recovery", "Set up a recovery?")
    demo.checks.check("the app approved, which authorises it", demo.phone.run("approve", pin=NEW_PIN).ok)
    demo.checks.check("the recovery is set up", demo.phone.run("add-recovery", "--cloud", cloud(demo), code=RECOVERY_CODE).ok)


def cloud(demo):
    return str(demo.phone.scratch / "cloud")


def recover(demo):
    """The phone is lost: a new one takes its place, with the recovery code"""
    demo.phone = demo.phone.successor()
    configure_phone(demo)
    demo.checks.check("a wrong code is refused, and counted",
                      not demo.phone.run("recover", "--cloud", cloud(demo), pin=NEXT_PIN, code=WRONG_CODE).ok)
    demo.checks.check("the right one recovers", demo.phone.run("recover", "--cloud", cloud(demo), pin=NEXT_PIN, code=RECOVERY_CODE).ok)
    old = demo.client.json("GET", f"{DEVICES}/{demo.device_id}?userId={demo.user_id}")
    demo.checks.check("the lost phone is DELETED", old.get("state") == "DELETED")
    answer = demo.client.json("GET", f"{demo.user_path}/credentials?credentialType=device")
    active = [item for item in answer.get("credentials") or [] if item.get("state") == "ACTIVE"]
    demo.checks.check("the new one is ACTIVE", len(active) == 1)
    demo.device_id = active[0].get("credentialId") or active[0].get("id") if active else None
    transaction = start(demo, "authentications", "Log in", "Log in at Acme?")
    demo.checks.check("and approves", demo.phone.run("approve", pin=NEXT_PIN).ok)
    demo.checks.check("COMPLETED", result(demo, "authentications", transaction).get("state") == "COMPLETED")


def locked_user(demo):
    """A locked user's phone can do nothing"""
    transaction = start(demo, "authentications", "Log in", "Log in at Acme?")
    answer = demo.client.json("PATCH", demo.user_path, {"state": "LOCKED"})
    demo.checks.check("200, the user is LOCKED", answer.get("state") == "LOCKED")
    demo.checks.check("the app is refused", not demo.phone.run("approve", pin=NEXT_PIN).ok)
    answer = result(demo, "authentications", transaction)
    demo.checks.check("FAILED, locked by the administrator", answer.get("errorCode") == "LOCKED_BY_ADMIN")
    answer = demo.client.json("POST", DEVICES + "/authentications", {"userId": demo.user_id, "device": {"id": demo.device_id}})
    demo.is_error(answer, 400, "invalid_operation")


def delete_phone_user(demo):
    """Delete the user: the phone is gone with it"""
    demo.checks.check("204", demo.client.json("DELETE", demo.user_path).status == 204)
    answer = demo.client.json("GET", f"{DEVICES}/{demo.device_id}?userId={demo.user_id}")
    demo.is_error(answer, 404, "user_entity_does_not_exist")
    demo.checks.check("the app is refused", not demo.phone.run("approve", pin=NEXT_PIN).ok)


STEPS = (phone_user, configure_phone, register_phone, authenticate, sign, wrong_pins, unlock, match_number, change_pin,
         set_up_recovery, recover, locked_user, delete_phone_user)
