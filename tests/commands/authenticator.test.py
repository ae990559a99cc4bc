#!/usr/bin/env python3
"""The authenticator in the terminal against the real server: as a person uses it, as a script does, and over a bad network."""

import fcntl
import json
import os
import pathlib
import stat
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

from cases import case, run_cases  # pylint: disable=wrong-import-position
from terminal_phone import LIMIT_S, PIN, WRONG_PIN, Unreliable, World  # pylint: disable=wrong-import-position


# ---- registering ----

@case
def a_quick_configuration_and_a_code_make_a_device(world):
    phone = world.phone()
    status = phone.status()
    assert status["activated"] and status["methods"] == ["DEVICE", "DEVICE_PIN"], status
    phone.run("status", "--online").must(out="it can be used")


@case
def three_values_configure_too(world):
    phone = world.phone(registered=False)
    b = world.bootstrap
    phone.run("configure", "--application-id", b["applicationId"], "--public-key", b["publicKey"], "--server-url", b["serverUrl"],
              "--as", "other").must()
    assert phone.status("other")["applicationId"] == b["applicationId"]


@case
def configurations_of_no_use_are_refused(world):
    phone = world.phone(registered=False)
    b = world.bootstrap
    phone.run("configure", "--application-id", "x", "--public-key", b["publicKey"], "--server-url", b["serverUrl"]).must(1, err="of no use")
    phone.run("configure", "--application-id", b["applicationId"]).must(2)
    phone.run("configure", "-", text="{}").must(1, err="no configuration")
    phone.run("configure", "/nowhere").must(1, err="Cannot read")


@case
def a_registration_keeps_its_application(world):
    phone = world.phone()
    b = {**world.bootstrap, "applicationId": "00000000-0000-4000-8000-000000000001"}
    phone.run("configure", "-", text=json.dumps(b)).must(1)
    phone.run("status", "--online").must()


@case
def wrong_codes_are_refused(world):
    phone = world.phone(registered=False)
    phone.with_pin("register", "000000").must(1, err="activation code is wrong")
    phone.with_pin("register", world.code(phone.user)).must()


@case
def a_code_from_standard_input(world):
    phone = world.phone(registered=False)
    code = world.code(phone.user)
    phone.run("register", "-", "--pin-file", str(phone.pin_file), text=code + "\n").must(out="Registered")


@case
def several_registrations_lie_side_by_side(world):
    phone = world.phone()
    phone.with_pin("register", world.code(phone.user), "--as", "work").must()
    assert phone.status()["deviceId"] != phone.status("work")["deviceId"]
    phone.run("deactivate", "--as", "work").must()
    assert phone.status()["activated"] and not phone.status("work")["activated"]


# ---- approving ----

@case
def an_authentication_is_shown_and_approved(world):
    phone = world.phone()
    how = world.ask(phone)
    phone.run("pending").must(out="authentication to approve")
    said = phone.with_pin("approve").must(out="Approved")
    assert said.out.index("Pay") < said.out.index("100 EUR to Acme") < said.out.index("Approved")
    assert how()["state"] == "COMPLETED"


@case
def a_signature_wants_sign(world):
    phone = world.phone()
    how = world.ask(phone, "signatures")
    phone.with_pin("approve").must(1, err="use `sign`")
    phone.with_pin("sign").must(out="Approved")
    assert how()["state"] == "COMPLETED"


@case
def one_factor_is_enough_where_it_is(world):
    phone = world.phone()
    how = world.ask(phone, authLevel="ONE_FACTOR")
    phone.run("approve", "--method", "DEVICE").must(1, err="still waits")
    phone.run("approve", "--method", "DEVICE", "--yes").must()
    assert how()["operationProperties"]["authMethod"] == "DEVICE"


@case
def a_wrong_pin_in_a_file_is_tried_once(world):
    phone = world.phone()
    world.ask(phone)
    phone.with_wrong_pin("approve").must(1, err="2 more attempts")
    phone.with_wrong_pin("approve").must(1, err="1 more attempt ")
    phone.with_wrong_pin("approve").must(1, err="locked")
    phone.run("status", "--online").must(1, err="locked")


@case
def declining_ends_it(world):
    phone = world.phone()
    how = world.ask(phone)
    phone.run("decline").must(out="Declined")
    assert how()["errorCode"] == "CANCELLED_BY_DEVICE"
    phone.with_pin("approve").must(1, err="nothing to approve")


@case
def types_that_are_no_text_are_not_shown(world):
    phone = world.phone()
    how = world.ask(phone, "signatures", content="JVBERi0xLjQ", mime="application/pdf", title="Contract")
    said = phone.with_pin("sign").must(1, err="can only be saved")
    assert "JVBER" not in said.out
    assert how()["state"] == "PENDING"
    saved = world.scratch / "contract"
    phone.with_pin("sign", "--save-context", str(saved)).must(out="Approved")
    assert saved.stat().st_size > 0 and stat.S_IMODE(saved.stat().st_mode) == 0o600


@case
def nothing_is_overwritten_by_what_is_saved(world):
    phone = world.phone()
    how = world.ask(phone)
    phone.with_pin("approve", "--save-context", str(phone.pin_file)).must(1, err="could not be saved")
    assert phone.pin_file.read_text() == PIN + "\n" and how()["state"] == "PENDING"


@case
def what_deceives_is_made_visible(world):
    phone = world.phone()
    world.ask(phone, title="Pay \u202etfel\u202c", content="10\u200b0 EUR")
    phone.with_pin("approve").must(out="Pay <U+202E>tfel<U+202C>").must(out="10<U+200B>0 EUR")


@case
def lines_end_as_on_any_system(world):
    phone = world.phone()
    world.ask(phone, content="10 EUR\r\nto Acme\r")
    phone.with_pin("approve").must(out="  | 10 EUR\n  | to Acme\n")
    world.ask(phone, content="90 EUR\r10\u2800\u034f EUR")
    phone.with_pin("approve").must(out="  | 90 EUR<U+000D>10<U+2800><U+034F> EUR\n")


@case
def scripts_get_json(world):
    phone = world.phone()
    assert phone.run("pending", "--json").must().json() == {"pending": []}
    world.ask(phone)
    assert phone.run("pending", "--json").must().json()["pending"][0]["operation"] == "AUTHENTICATION"
    failed = phone.with_wrong_pin("approve", "--json").must(1).json()
    assert failed["error"]["number"] == 214 and failed["error"]["remaining"] == 2 and failed["context"]["text"] == "100 EUR to Acme"
    assert phone.with_pin("approve", "--json").must().json()["operation"] == "AUTHENTICATION"


@case
def waiting_ends_when_something_comes_and_lets_others_work(world):
    phone = world.phone()
    with subprocess.Popen(phone.command("wait", "--timeout", "30", "--json"), stdout=subprocess.PIPE, text=True) as waiting:
        phone.run("status", "--online").must()
        world.ask(phone)
        out, _ = waiting.communicate(timeout=LIMIT_S)
        assert waiting.returncode == 0 and json.loads(out)["pending"], out


@case
def waiting_has_an_end(world):
    phone = world.phone()
    phone.run("wait", "--timeout", "1").must(1, out="Nothing waits")
    phone.run("wait", "--timeout", "soon").must(2)


# ---- at the terminal ----

@case
def a_pin_is_chosen_at_the_terminal_and_never_seen(world):
    phone = world.phone(registered=False)
    said = phone.type(["register"], ("code: ", world.code(phone.user) + "\n"), ("digits: ", "12\n"), ("digits: ", "1111\n"),
                      ("[y/N] ", "n\n"), ("digits: ", PIN + "\n"), ("again: ", WRONG_PIN + "\n"), ("digits: ", PIN + "\n"),
                      ("again: ", PIN + "\n")).must(out="Registered as")
    assert PIN not in said.out and WRONG_PIN not in said.out and "not the same" in said.out


@case
def a_wrong_pin_is_asked_for_again(world):
    phone = world.phone()
    how = world.ask(phone)
    phone.type(["approve"], ("3 of 3 attempts left): ", WRONG_PIN + "\n"), ("2 of 3 attempts left): ", "99\x7f\x7f" + PIN + "\n")).must(
        out="Approved")
    assert how()["state"] == "COMPLETED"


@case
def ctrl_c_gives_up_without_a_try(world):
    phone = world.phone()
    how = world.ask(phone)
    phone.type(["approve"], ("attempts left): ", "13\x03")).must(1, out="No PIN was given")
    phone.type(["approve"], ("3 of 3 attempts left): ", PIN + "\n")).must(out="Approved")
    assert how()["state"] == "COMPLETED"


@case
def a_file_that_was_saved_is_looked_at_first(world):
    phone = world.phone()
    how = world.ask(phone, "signatures", content="JVBERi0xLjQ", mime="application/pdf")
    phone.type(["sign"], ("knows it? ", str(world.scratch / "a") + "\n"), ("looked at it? [y/N] ", "n\n")).must(1)
    assert how()["state"] == "PENDING"
    phone.type(["sign"], ("knows it? ", str(world.scratch / "b") + "\n"), ("looked at it? [y/N] ", "y\n"), ("left): ", PIN + "\n")).must()
    assert how()["state"] == "COMPLETED"


@case
def without_a_terminal_a_pin_file_is_asked_for(world):
    phone = world.phone()
    world.ask(phone)
    phone.run("approve").must(1, err="--pin-file")


# ---- the store ----

@case
def the_store_is_the_owners_alone(world):
    phone = world.phone()
    assert stat.S_IMODE(phone.store.stat().st_mode) == 0o700
    assert all(stat.S_IMODE(file.stat().st_mode) == 0o600 for file in phone.store.iterdir())
    phone.store.chmod(0o755)
    phone.run("status").must(1, err="chmod 700")
    phone.store.chmod(0o700)


@case
def two_processes_wait_for_each_other(world):
    phone = world.phone()
    with open(phone.store / "lock", "rb") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        with subprocess.Popen(phone.command("status"), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as second:
            assert "Another process" in second.stderr.readline()
            fcntl.flock(lock, fcntl.LOCK_UN)
            assert second.wait(LIMIT_S) == 0


@case
def an_older_copy_of_a_record_is_recognised(world):
    phone = world.phone()
    record = phone.store / "record.default"
    old = record.read_bytes()
    world.ask(phone)
    phone.with_pin("approve").must()
    record.write_bytes(old)
    phone.run("status").must(1, err="older copy")
    phone.run("deactivate", "--only-locally").must()
    phone.with_pin("register", world.code(phone.user)).must()


@case
def a_copied_store_is_found_out(world):
    phone, copy = world.phone(), world.phone(registered=False)
    for file in phone.store.iterdir():
        (copy.store / file.name).write_bytes(file.read_bytes())
    for _ in range(2):
        world.ask(phone)
        phone.with_pin("approve").must()
    world.ask(phone)
    for _ in range(3):
        copy.with_pin("approve").must(1, err="not accepted")
    copy.with_pin("approve").must(1, err="locked")
    phone.with_pin("approve").must(1, err="locked")


@case
def deactivating_removes_it_here_and_there(world):
    phone = world.phone()
    phone.run("deactivate").must()
    assert not (phone.store / "record.default").exists()
    phone.run("pending").must(1, err="no registration")


# ---- a bad network ----

@case
def each_answer_may_get_lost(world):
    for lost in range(1, 7):
        phone = world.phone(registered=False)
        network = Unreliable(world, lose_answer=lost)
        phone.configure(network.url)
        phone.register()
        how = world.ask(phone)
        phone.with_pin("approve").must()
        assert how()["state"] == "COMPLETED" and network.count == 7, (lost, network.count)
        network.stop()


@case
def each_request_may_get_lost(world):
    for lost in range(1, 7):
        phone = world.phone(registered=False)
        network = Unreliable(world, lose_request=lost)
        phone.configure(network.url)
        phone.register()
        how = world.ask(phone)
        phone.with_pin("approve").must()
        assert how()["state"] == "COMPLETED" and network.count == 7, (lost, network.count)
        network.stop()


@case
def a_server_that_is_not_there(world):
    phone = world.phone(registered=False)
    phone.configure("http://127.0.0.1:9/encore/encap")
    phone.with_pin("register", "123456").must(1, err="cannot be reached")


@case
def something_else_answers(world):
    phone = world.phone(registered=False)
    phone.configure(world.url)
    phone.with_pin("register", "123456").must(1, err="cannot be read")


# ---- words ----

@case
def the_command_line_is_explained(world):
    phone = world.phone(registered=False)
    for words in (["--help"], ["approve", "--help"], ["-h"]):
        phone.run(*words).must(out="Usage: reuseid-authenticator")
    phone.run("fly").must(2, err="no command fly")
    phone.run("status", "--as", "../x").must(2, err="letters, digits")
    phone.run("approve", "--method", "FACE").must(2, err="one of DEVICE, DEVICE_PIN")


@case
def nothing_is_configured(world):
    phone = world.phone(registered=False)
    os.remove(phone.store / "config.default.json")
    phone.run("status").must(1, err="Nothing is configured")


run_cases(World)
