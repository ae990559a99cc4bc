#!/usr/bin/env python3
"""The authenticator against the real server: methods, PIN change, recovery, number matching, hardware keys, place, push."""

import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

from cases import case, run_cases  # pylint: disable=wrong-import-position
from terminal_phone import PIN, Phone, Unreliable, World  # pylint: disable=wrong-import-position

NEW_PIN, CODE = "864213", "190837"
BIOMETRIC = "DEVICE_ANDROID_BIOMETRIC_PROMPT"


def file_of(world, text):
    path = world.scratch / f"secret-{text}"
    path.write_text(text + "\n")
    return str(path)


def new_phone(world, words="Android", registered=True):
    phone = world.phone(registered=False)
    phone.configure(None, "--phone", words)
    if registered:
        phone.register()
    return phone


def change_pin(world, phone, new=NEW_PIN):
    return phone.with_pin("pin", "--new-pin-file", file_of(world, new))


def approves(world, phone, *words, **properties):
    how = world.ask(phone, **properties)
    said = phone.run("approve", *words)
    return said, how


# ---- methods ----

@case
def the_pin_is_changed(world):
    phone = new_phone(world)
    change_pin(world, phone).must(out="The PIN is changed")
    world.ask(phone)
    phone.with_pin("approve").must(1, err="2 more attempts")
    phone.run("approve", "--pin-file", file_of(world, NEW_PIN)).must(out="Approved")


@case
def a_wrong_pin_changes_nothing(world):
    phone = new_phone(world)
    phone.with_wrong_pin("pin", "--new-pin-file", file_of(world, NEW_PIN)).must(1, err="2 more attempts")
    said, how = approves(world, phone, "--pin-file", str(phone.pin_file))
    said.must(out="Approved")
    assert how()["state"] == "COMPLETED"


@case
def the_new_pin_is_typed_twice(world):
    phone = new_phone(world)
    phone.type(["pin"], ("PIN of now", PIN + "\n"), ("digits: ", NEW_PIN + "\n"), ("again: ", NEW_PIN + "\n")).must(out="The PIN is changed")


@case
def whichever_answer_gets_lost_one_pin_holds(world):
    for lost in range(1, 5):
        phone = new_phone(world)
        network = Unreliable(world, lose_answer=lost)
        phone.configure(network.url, "--phone", "Android")
        change_pin(world, phone).must(out="The PIN is changed")
        world.ask(phone)
        phone.run("approve", "--pin-file", file_of(world, NEW_PIN)).must(out="Approved")
        network.stop()


@case
def biometrics_are_added_used_and_removed(world):
    phone = new_phone(world, f"Android,{BIOMETRIC}")
    phone.with_pin("add-method", BIOMETRIC, "--yes").must(out=BIOMETRIC)
    assert phone.status()["methods"] == ["DEVICE", "DEVICE_PIN", BIOMETRIC]
    said, how = approves(world, phone, "--method", BIOMETRIC, "--yes")
    said.must(out="Approved")
    assert how()["operationProperties"]["authMethod"] == BIOMETRIC
    phone.run("remove-method", BIOMETRIC).must()
    assert phone.status()["methods"] == ["DEVICE", "DEVICE_PIN"]
    said, _ = approves(world, phone, "--method", BIOMETRIC, "--yes")
    said.must(1, err="cannot be used")


@case
def biometrics_come_with_the_registration(world):
    phone = new_phone(world, "iOS,DEVICE_IOS_FACE_ID,DEVICE_STRONG_TOUCH_ID", registered=False)
    phone.register("--method", "DEVICE_PIN,DEVICE_IOS_FACE_ID,DEVICE_STRONG_TOUCH_ID", "--yes")
    for method in ("DEVICE_IOS_FACE_ID", "DEVICE_STRONG_TOUCH_ID"):
        said, how = approves(world, phone, "--method", method, "--yes")
        said.must(out="Approved")
        assert how()["operationProperties"]["authMethod"] == method


@case
def a_finger_that_is_not_put_down_costs_nothing(world):
    phone = new_phone(world, f"Android,{BIOMETRIC}")
    phone.with_pin("add-method", BIOMETRIC, "--yes").must()
    how = world.ask(phone)
    phone.type(["approve", "--method", BIOMETRIC], ("Approve this", "y\n"), ("Unlock the key", "n\n")).must(1, out="not unlocked")
    phone.with_pin("approve").must(out="Approved")
    assert how()["state"] == "COMPLETED"


@case
def a_biometric_key_that_is_gone(world):
    phone = new_phone(world, f"Android,{BIOMETRIC}")
    phone.with_pin("add-method", BIOMETRIC, "--yes").must()
    for file in phone.store.glob("key.default.bk.*"):
        file.unlink()
    said, _ = approves(world, phone, "--method", BIOMETRIC, "--yes")
    said.must(1, err="Add the method again")
    phone.with_pin("add-method", BIOMETRIC, "--yes").must()
    said, _ = approves(world, phone, "--method", BIOMETRIC, "--yes")
    said.must(out="Approved")


@case
def the_last_second_factor_stays(world):
    phone = new_phone(world)
    phone.run("remove-method", "DEVICE_PIN").must(1, err="cannot be used")
    phone.run("add-method", BIOMETRIC).must(1, err="cannot do that method")
    phone.run("add-method", "FINGER").must(2)


# ---- hardware keys ----

@case
def a_hardware_key_signs_too(world):
    phone = new_phone(world, "Android,hardware")
    assert list(phone.store.glob("key.default.hk.*"))
    device = world.http("GET", f"/reuseid/core/credentials/devices/{phone.status()['deviceId']}?userId={phone.user}&detailed=true")
    assert device["deviceDetails"]["isHardwareKeyProtected"] is True, device
    said, how = approves(world, phone, "--pin-file", str(phone.pin_file))
    said.must(out="Approved")
    assert how()["state"] == "COMPLETED"


@case
def a_hardware_key_that_does_not_sign_is_a_failed_attempt(world):
    phone = new_phone(world, "Android,hardware")
    for fault, left in (("sign", 2), ("retrieve", 1)):
        said, _ = approves(world, phone, "--pin-file", str(phone.pin_file), "--fault", fault)
        said.must(1, err=f"{left} more attempt")


@case
def without_a_hardware_key_a_registration_goes_on(world):
    for fault in ("make", "public"):
        phone = new_phone(world, "Android,hardware", registered=False)
        phone.register("--fault", fault)
        assert not list(phone.store.glob("key.default.hk.*"))


# ---- number matching ----

@case
def the_number_that_is_shown_is_typed(world):
    phone = new_phone(world)
    started = world.http("POST", "/reuseid/core/credentials/devices/authentications", {
        "userId": phone.user, "device": {"id": phone.status()["deviceId"]}, "operationProperties": {"numberMatching": True}})
    number = started["operationProperties"]["matchNumber"]
    phone.with_pin("approve", "--match", number[::-1] + "0").must(1, err="number of 2 digits")
    phone.with_pin("approve").must(1, err="number of 2 digits")
    phone.with_pin("approve", "--match", number).must(out="Approved")


@case
def another_number_ends_it(world):
    phone = new_phone(world)
    where = "/reuseid/core/credentials/devices/authentications"
    started = world.http("POST", where, {"userId": phone.user, "device": {"id": phone.status()["deviceId"]},
                                         "operationProperties": {"numberMatching": True}})
    wrong = f"{(int(started['operationProperties']['matchNumber']) + 1) % 100:02}"
    phone.with_pin("approve", "--match", wrong).must(1, err="not accepted")
    assert world.http("GET", f"{where}/{started['transactionId']}")["errorCode"] == "CANCELLED_BY_DEVICE"


# ---- recovery ----

def cloud(world, phone):
    return ("--cloud", str(phone.store) + "-cloud")


def recoverable(world, *words):
    world.configure(recoveryEnabled=True)
    phone = new_phone(world, *words)
    phone.run("add-recovery", "--code-file", file_of(world, CODE)).must(out="A recovery is set up")
    return phone


def successor(world, phone, words="Android"):
    other = Phone(world, world.scratch / f"successor-of-{phone.store.name}")
    other.user = phone.user
    other.configure(None, "--phone", words)
    return other


def recovers(world, other, phone, code=CODE):
    return other.run("recover", "--code-file", file_of(world, code), "--pin-file", file_of(world, NEW_PIN), *cloud(world, phone))


@case
def a_lost_phone_is_recovered(world):
    phone = recoverable(world)
    assert phone.status()["recovery"] is True
    other = successor(world, phone)
    recovers(world, other, phone).must(out="Registered as")
    world.ask(other)
    other.run("approve", "--pin-file", file_of(world, NEW_PIN)).must(out="Approved")
    phone.run("status", "--online").must(1, err="does not know this device")
    again = successor(world, other)
    recovers(world, again, phone).must(1, err="does not know this device")


@case
def a_wrong_recovery_code_is_counted(world):
    phone = recoverable(world)
    other = successor(world, phone)
    for _ in range(2):
        recovers(world, other, phone, "111119").must(1, err="wrong recovery code")
    recovers(world, other, phone).must(out="Registered as")
    phone = recoverable(world)
    other = successor(world, phone)
    for _ in range(3):
        recovers(world, other, phone, "111119").must(1, err="wrong recovery code")
    recovers(world, other, phone).must(1, err="locked")


@case
def a_recovery_needs_an_approval_before(world):
    phone = recoverable(world)
    phone.run("add-recovery", "--code-file", file_of(world, CODE)).must(out="set up")  # with the token that the first one gave in exchange
    phone.run("remove-recovery").must(out="given up")
    phone.run("remove-recovery").must(1, err="authorised first")
    other = successor(world, phone)
    recovers(world, other, phone).must(1, err="does not know this device")
    phone.with_pin("pin", "--new-pin-file", file_of(world, NEW_PIN)).must()
    phone.run("add-recovery", "--code-file", file_of(world, CODE)).must(out="set up")
    recovers(world, other, phone).must(out="Registered as")


@case
def a_changed_code_is_the_one_that_counts(world):
    phone = recoverable(world)
    phone.run("add-recovery", "--code-file", file_of(world, "735190")).must(out="set up")
    other = successor(world, phone)
    recovers(world, other, phone).must(1, err="wrong recovery code")
    recovers(world, other, phone, "735190").must(out="Registered as")


@case
def a_recovery_over_a_bad_network(world):
    for lost in range(1, 5):
        phone = recoverable(world)
        other = successor(world, phone)
        network = Unreliable(world, lose_answer=lost)
        other.configure(network.url)
        recovers(world, other, phone).must(out="Registered as")
        network.stop()


@case
def a_recovery_does_not_replace_a_registration(world):
    phone = recoverable(world)
    recovers(world, phone, phone).must(1, err="There is a registration here")


@case
def a_damaged_backup_recovers_nothing(world):
    phone = recoverable(world)
    for file in pathlib.Path(cloud(world, phone)[1]).iterdir():
        file.write_text(file.read_text().replace("wrapped", "snapped"))
    recovers(world, successor(world, phone), phone).must(1)


# ---- faces ----

FACE = "DEVICE_SERVER_SIDE_FACE"


def with_faces(world):
    world.configure(recoveryEnabled=True, serverSideFaceEnabled=True, faceProvider="MOCK",
                    allowedAuthMethods="DEVICE, DEVICE:PIN, DEVICE:ANDROID_BIOMETRIC_PROMPT, DEVICE:IOS_FACE_ID, DEVICE:STRONG_TOUCH_ID, "
                                       "DEVICE:SERVER_SIDE_FACE",
                    allowedAuthMethodsForAuthAndActivate="DEVICE:PIN, DEVICE:SERVER_SIDE_FACE")
    phone = new_phone(world, f"Android,{FACE}")
    phone.with_pin("add-method", FACE, "--face-scan", file_of(world, "live:anna")).must(out=FACE)
    return phone


@case
def a_face_approves(world):
    phone = with_faces(world)
    said, how = approves(world, phone, "--method", FACE, "--yes", "--face-scan", file_of(world, "live:anna"))
    said.must(out="Approved")
    assert how()["operationProperties"]["authMethod"] == FACE
    said, _ = approves(world, phone, "--method", FACE, "--yes", "--face-scan", file_of(world, "live:berta"))
    said.must(1, err="2 more attempts")
    phone.run("approve", "--method", FACE, "--yes").must(1, err="a scan")
    phone.run("approve", "--method", FACE, "--yes", "--face-scan", file_of(world, "silent:")).must(1, err="busy")
    phone.run("approve", "--method", FACE, "--yes", "--face-scan", file_of(world, "live:anna")).must(out="Approved")


@case
def no_face_is_added_from_a_picture(world):
    phone = with_faces(world)
    phone.with_pin("add-method", FACE, "--face-scan", file_of(world, "a picture")).must(1, err="was not taken")


@case
def a_face_replaces_a_forgotten_pin(world):
    phone = with_faces(world)
    phone.run("pin", "--method", FACE, "--face-scan", file_of(world, "live:anna"), "--new-pin-file", file_of(world, NEW_PIN)).must(
        out="The PIN is changed")
    world.ask(phone)
    phone.run("approve", "--pin-file", file_of(world, NEW_PIN)).must(out="Approved")


@case
def a_face_recovers(world):
    phone = with_faces(world)
    phone.with_pin("pin", "--new-pin-file", file_of(world, NEW_PIN)).must()
    phone.run("add-recovery", "--method", FACE, "--face-scan", file_of(world, "live:anna")).must(out="A recovery is set up")
    other = successor(world, phone, f"Android,{FACE}")
    words = ("recover", "--pin-file", file_of(world, NEW_PIN), *cloud(world, phone), "--face-scan")
    other.run(*words, file_of(world, "live:berta")).must(1, err="not accepted")
    other.run(*words, file_of(world, "live:anna")).must(out="Registered as")
    assert other.status()["recovery"] is True
    third = successor(world, other, f"Android,{FACE}")
    third.run(*words, file_of(world, "live:anna")).must(out="Registered as")


# ---- place, attestation, push ----

@case
def the_place_is_told(world):
    world.configure(geofencingAuthenticationMode="OPTIONAL", geofencingAllowedCountries="NO")
    phone = new_phone(world)
    seen = []
    for where in ("NO", "SE", "LOCATION_MOCKED", "GEOCODER_TIMEOUT", None):
        said, how = approves(world, phone, "--pin-file", str(phone.pin_file), *(("--location", where) if where else ()))
        said.must(out="Approved")
        seen.append(tuple(how()["geofencing"].get(name) for name in ("clientStatus", "serverBoundaryValidation")))
    assert seen == [("OK", "SUCCESS"), ("OK", "FAILURE"), ("LOCATION_MOCKED", None), ("GEOCODER_TIMEOUT", None),
                    ("LOCATION_NOT_ENABLED", None)], seen
    world.configure(geofencingAuthenticationMode="REQUIRED")
    said, how = approves(world, phone, "--pin-file", str(phone.pin_file), "--location", "LOCATION_TIMEOUT")
    said.must(1, err="not accepted")
    assert how()["errorCode"] == "GEOFENCING_FAILED"
    world.configure(geofencingAuthenticationMode="OFF")
    world.ask(phone)
    phone.with_pin("approve").must()


@case
def a_place_that_is_missing_eats_no_attempt(world):
    world.configure(geofencingAuthenticationMode="REQUIRED", geofencingAllowedCountries="NO")
    phone = new_phone(world)
    for _ in range(4):
        said, how = approves(world, phone, "--pin-file", str(phone.pin_file))
        said.must(1)
        assert how()["errorCode"] == "GEOFENCING_FAILED"
    said, _ = approves(world, phone, "--pin-file", str(phone.pin_file), "--location", "NO")
    said.must(out="Approved")
    world.configure(geofencingAuthenticationMode="OFF")


@case
def what_the_platform_says_is_passed_on(world):
    key = subprocess.run(["sh", "-c", "openssl ecparam -name prime256v1 -genkey -noout | openssl ec -pubout -outform DER | base64 -w0"],
                         capture_output=True, text=True, check=True).stdout
    world.configure(attestationAndroidPlayIntegrityMode="OPTIONAL", attestationAndroidPlayIntegrityPackageName="com.example.app",
                    attestationAndroidPlayIntegrityDecryptionKey="A" * 43 + "=", attestationAndroidPlayIntegrityVerificationKey=key)
    phone = new_phone(world)
    program = world.scratch / "attest"
    for says, status in (("FAILED_CLIENT_TIMEOUT", "FAILED_CLIENT_TIMEOUT"), ("$1.$2", "FAILED_INVALID_JWS"), ("", "FAILED_MISSING_STATUS")):
        program.write_text(f'#!/bin/sh\necho "{says}"\n')
        program.chmod(0o700)
        said, how = approves(world, phone, "--pin-file", str(phone.pin_file), "--attest-with", str(program))
        said.must(out="Approved")
        assert how()["attestation"]["playIntegrityStatus"] == status, (status, how()["attestation"])
    world.configure(attestationAndroidPlayIntegrityMode="OFF")


@case
def push_is_said_and_heard(world):
    phone = new_phone(world)
    phone.run("push-token", "dGVzdA:APA91b_x-y").must(out="from now on")
    phone.run("push-token", '{"endpoint": 1}').must(1)
    how = world.ask(phone)
    session = phone.run("pending", "--json").must().json()["pending"][0]["pushSessionId"]
    phone.run("push-heard", session).must()
    phone.run("push-heard", "nothing").must(1, err="no such pending")
    phone.run("push-heard").must(2)
    phone.run("push-token").must(out="nowhere")
    assert how()["state"] == "PENDING"


@case
def a_phone_stays_what_it_is(world):
    phone = new_phone(world, f"Android,{BIOMETRIC}")
    phone.configure()
    phone.with_pin("add-method", BIOMETRIC, "--yes").must(out=BIOMETRIC)


@case
def the_phone_makes_sense(world):
    phone = world.phone(registered=False)
    phone.run("configure", "--application-id", world.bootstrap["applicationId"], "--public-key", world.bootstrap["publicKey"],
              "--server-url", world.bootstrap["serverUrl"], "--phone", "Symbian").must(1, err="--phone wants")


run_cases(World)
