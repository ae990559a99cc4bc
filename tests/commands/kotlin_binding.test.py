#!/usr/bin/env python3
"""The Kotlin binding of sdk/example/kotlin, compiled with Debian's kotlin and run on a JVM against a server: what it shows holds on Android
too, as far as the language and JNI go. Only in the long form, and only where there is a compiler."""

import os
import pathlib
import shutil
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

from cases import case, run_cases  # pylint: disable=wrong-import-position
from terminal_phone import DEVICES, LIMIT_S, World  # pylint: disable=wrong-import-position

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
SOURCES = ROOT / "sdk" / "example" / "kotlin"
BUILD_LIMIT_S = 600
SDK = pathlib.Path(os.environ["RELEASE_BINARY"]).parent.parent.parent / "sdk"
PIN = "135724"


def java_home():
    javac = shutil.which("javac")
    return pathlib.Path(javac).resolve().parent.parent if javac else None


def quietly(*words):
    done = subprocess.run([str(word) for word in words], capture_output=True, text=True, check=False, timeout=BUILD_LIMIT_S)
    assert done.returncode == 0, f"{words}\n{done.stdout}{done.stderr}"


class Jvm:
    """The binding, compiled; and a directory of its own for what the phone keeps."""

    def __init__(self, world):
        self.world, self.built = world, world.scratch / "built"
        if not self.built.exists():
            self.built.mkdir()
            self.compile()
        self.store = world.scratch / "jvm-store"
        self.store.mkdir(exist_ok=True)

    def compile(self):
        include = java_home() / "include"
        quietly("cc", "-std=c99", "-Wall", "-Wextra", "-Werror", "-fPIC", "-shared", f"-I{include}", f"-I{include / 'linux'}",
                f"-I{ROOT / 'sdk'}", SOURCES / "rid_jni.c", f"-L{SDK}", "-lreuseid-device", f"-Wl,-rpath,{SDK}",
                "-o", self.built / "librid_jni.so")
        quietly("kotlinc", *sorted(SOURCES.glob("*.kt")), "-include-runtime", "-d", self.built / "app.jar")

    def run(self, *words, status=0):
        b = self.world.bootstrap
        done = subprocess.run(["java", "-Xcheck:jni", f"-Djava.library.path={self.built}", "-cp", str(self.built / "app.jar"),
                               "com.example.ExampleKt", str(self.store), b["serverUrl"], b["applicationId"], b["publicKey"], *words],
                              capture_output=True, text=True, timeout=LIMIT_S, check=False)
        assert done.returncode == status, f"{words}: {done.returncode}: {done.stdout}{done.stderr}"
        assert "FATAL" not in done.stdout and "WARNING in native" not in done.stdout, done.stdout
        return done.stdout


class Asked:
    """What World.ask() wants to know of a phone."""

    def __init__(self, user, device):
        self.user, self.device = user, device

    def status(self):
        return {"deviceId": self.device}


@case
def a_phone_on_the_jvm_lives_its_life(world):
    jvm, user = Jvm(world), world.new_user()
    said = jvm.run("register", world.code(user), PIN)
    phone = Asked(user, said.split("Registered ")[1].strip())
    name = world.http("GET", f"{DEVICES}/{phone.device}?userId={user}")["name"]
    assert name == "Kotlin \U0001F600", name
    state = world.ask(phone, content="100 EUR to Åse")
    assert "100 EUR to Åse" in jvm.run("approve", PIN) and state()["state"] == "COMPLETED"
    state = world.ask(phone, "signatures", "I agree", title="Consent")
    assert "I agree" in jvm.run("sign", PIN) and state()["state"] == "COMPLETED"
    state = world.ask(phone)
    assert "214 AuthenticationFailed" in jvm.run("approve", "999999", status=1) and state()["state"] == "PENDING"
    jvm.run("decline")
    assert state()["state"] == "FAILED"
    jvm.run("deactivate")
    assert "106" in jvm.run("approve", PIN, status=1)


@case
def its_keys_are_the_jvms(world):
    jvm, user = Jvm(world), world.new_user()
    jvm.run("register", world.code(user), PIN)
    keys = list(jvm.store.glob("*.key"))
    assert any(".dk." in key.name for key in keys), keys
    for key in keys:
        if ".dk." in key.name:
            key.unlink()
    assert "134" in jvm.run("approve", PIN, status=1)


def missing():
    if not os.environ.get("LONG"):
        return "only in the long form"
    if not shutil.which("kotlinc") or not java_home():
        return "no Kotlin compiler here: apt-get install kotlin default-jdk-headless"
    return ""


if missing():
    print(f"1..1\nok 1 - the Kotlin binding # SKIP {missing()}")
else:
    run_cases(World)
