#!/usr/bin/env python3
"""The worked example as an app builder has it: the device library alone, installed; compiled outside the tree with pkg-config; against a
server. And what bindings need of the headers: a module map and JNI's C side compile."""

import os
import pathlib
import subprocess
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "support"))

from cases import case, run_cases  # pylint: disable=wrong-import-position
from terminal_phone import DEVICES, LIMIT_S, World  # pylint: disable=wrong-import-position

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PIN, NEW_PIN, CODE = "135724", "864213", "190837"
BUILD_LIMIT_S = 600


def quietly(*words, **options):
    done = subprocess.run(words, capture_output=True, text=True, check=False, timeout=BUILD_LIMIT_S, **options)
    assert done.returncode == 0, f"{' '.join(words)}\n{done.stdout}{done.stderr}"
    return done.stdout


class Installed:
    """The library in a prefix of its own."""

    def __init__(self, scratch):
        self.scratch, self.prefix = scratch, scratch / "prefix"
        build = str(scratch / "build")
        quietly("meson", "setup", build, "-Dserver=false", "--buildtype=release", "--prefix", str(self.prefix), "--libdir=lib", cwd=ROOT)
        quietly("ninja", "-j2", "-C", build)
        quietly("meson", "install", "-C", build, "--no-rebuild")
        self.env = {**os.environ, "PKG_CONFIG_PATH": str(self.prefix / "lib" / "pkgconfig"), "LD_LIBRARY_PATH": str(self.prefix / "lib")}

    def flags(self, *packages):
        return quietly("pkg-config", "--cflags", "--libs", *packages, env=self.env).split()

    def example(self):
        source = self.scratch / "example.c"
        source.write_text((ROOT / "sdk" / "example" / "example.c").read_text())
        quietly("cc", "-std=gnu99", "-Wall", "-Wextra", "-Werror", str(source), "-o", str(self.scratch / "example"),
                *self.flags("reuseid-device", "libcurl"))
        return str(self.scratch / "example")

    def code_of(self, language):
        """The code blocks of a language in the page for app builders."""
        page = (ROOT / "docs" / "APP-BUILDERS.md").read_text()
        blocks = [block.split("```")[0] for block in page.split(f"```{language}\n")[1:]]
        assert blocks, language
        return "\n".join(blocks)

    def jni(self):
        (self.scratch / "jni.h").write_text(JNI)
        source = ROOT / "sdk" / "example" / "kotlin" / "rid_jni.c"
        quietly("cc", "-std=c99", "-Wall", "-Wextra", "-Werror", f"-I{self.scratch}", "-c", str(source), "-o", str(self.scratch / "binding.o"),
                *self.flags("reuseid-device"))

    def module(self):
        modules = self.scratch / "module"
        modules.mkdir()
        (modules / "module.modulemap").write_text(self.code_of("modulemap"))
        for header in (self.prefix / "include").glob("reuseid_device*.h"):
            (modules / header.name).write_text(header.read_text())
        user = self.scratch / "module.m"
        user.write_text("@import ReuseIDDevice;\nint error_title(void);\n"
                        "int error_title(void) { return rid_error_title(RID_ERROR_LOCKED) != 0; }\n")
        quietly("clang", "-fmodules", f"-fmodules-cache-path={self.scratch / 'cache'}", "-Wall", "-Werror", "-fsyntax-only",
                f"-I{modules}", str(user))


# Where there is no Java: what the code uses of jni.h. With Java: kotlin_binding.test.py.
JNI = """
#include <stdint.h>
#include <stddef.h>
#define JNIEXPORT __attribute__((visibility("default")))
#define JNICALL
#define JNI_ABORT 2
typedef int32_t jint;
typedef int64_t jlong;
typedef jint jsize;
typedef signed char jbyte;
typedef unsigned char jboolean;
typedef struct object *jobject, *jclass, *jbyteArray;
typedef const struct functions *JNIEnv;
struct functions {
    jsize (*GetArrayLength)(JNIEnv *, jbyteArray);
    jbyte *(*GetByteArrayElements)(JNIEnv *, jbyteArray, jboolean *);
    void (*ReleaseByteArrayElements)(JNIEnv *, jbyteArray, jbyte *, jint);
    void (*GetByteArrayRegion)(JNIEnv *, jbyteArray, jsize, jsize, jbyte *);
    void (*SetByteArrayRegion)(JNIEnv *, jbyteArray, jsize, jsize, const jbyte *);
    jbyteArray (*NewByteArray)(JNIEnv *, jint);
};
"""


class Example:
    def __init__(self, world, installed, binary, name, cloud):
        self.world, self.env, self.binary = world, installed.env, binary
        self.directory = world.scratch / name
        self.directory.mkdir()
        cloud.mkdir(exist_ok=True)
        b = world.bootstrap
        self.about = [str(self.directory), str(cloud), b["serverUrl"], b["applicationId"], b["publicKey"]]

    def run(self, *words, status=0):
        done = subprocess.run([self.binary, *self.about, *words], capture_output=True, text=True, timeout=LIMIT_S, env=self.env, check=False)
        assert done.returncode == status, f"{words}: {done.returncode}: {done.stdout}{done.stderr}"
        return done.stdout


def goes_through_all(world, installed):
    binary = installed.example()
    world.configure(recoveryEnabled=True)
    cloud, user = world.scratch / "cloud", world.new_user()
    phone = Example(world, installed, binary, "first", cloud)

    def asks(kind, device):
        started = world.http("POST", f"{DEVICES}/{kind}", {"userId": user, "device": {"id": device}, "operationProperties": {
            "preOperationContext": {"title": "Pay", "mimeType": "text/plain", "content": "100 EUR"}}})
        return lambda: world.http("GET", f"{DEVICES}/{kind}/{started['transactionId']}")["state"]

    said = phone.run("register", world.code(user), PIN)
    assert "Registered." in said
    device = said.split("Device ")[1].strip()
    state = asks("authentications", device)
    assert "100 EUR" in phone.run("approve", PIN) and state() == "COMPLETED"
    state = asks("signatures", device)
    assert "Signed." in phone.run("sign", PIN) and state() == "COMPLETED"
    assert "recovery is set up" in phone.run("change", PIN, NEW_PIN, CODE)
    state = asks("authentications", device)
    phone.run("approve", PIN, status=1)
    assert "Approved." in phone.run("approve", NEW_PIN) and state() == "COMPLETED"
    successor = Example(world, installed, binary, "second", cloud)
    successor.run("recover", "000001", PIN, status=1)
    said = successor.run("recover", CODE, PIN)
    assert "Recovered." in said
    device = said.split("Device ")[1].strip()
    state = asks("authentications", device)
    assert "Approved." in successor.run("approve", PIN) and state() == "COMPLETED"
    phone.run("approve", NEW_PIN, status=1)


INSTALLED = []


@case
def the_example_built_from_what_is_installed_goes_through_its_whole_life(world):
    INSTALLED.append(Installed(world.scratch))
    goes_through_all(world, INSTALLED[0])


@case
def the_c_side_of_the_kotlin_binding_compiles(_):
    INSTALLED[0].jni()


@case
def the_pages_module_map_is_one_that_clang_imports(_):
    INSTALLED[0].module()


run_cases(World)
