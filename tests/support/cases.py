"""What tests in Python share: what a command said, and cases that go through one world, told as TAP."""

import json
import subprocess

_cases = []


def case(function):
    """A test, called with the world; its name says what it shows."""
    _cases.append(function)
    return function


def run_cases(new_world, after_failure=lambda world: None):
    """All of them; the world is removed behind them."""
    print(f"1..{len(_cases)}", flush=True)
    world = new_world()
    try:
        for number, function in enumerate(_cases, 1):
            name = function.__name__.replace("_", " ")
            try:
                function(world)
                print(f"ok {number} - {name}", flush=True)
            except (AssertionError, OSError, subprocess.SubprocessError, ValueError, LookupError) as trouble:
                print(f"not ok {number} - {name}", flush=True)
                for line in f"{type(trouble).__name__}: {trouble}".splitlines():
                    print(f"# {line}")
                after_failure(world)
    finally:
        world.remove()


class Said:
    """What a command answered."""

    def __init__(self, status, out, err):
        self.status, self.out, self.err = status, out, err

    def json(self):
        return json.loads(self.out)

    def must(self, status=0, out="", err=""):
        """The exit status, and a part of what was written; returns itself."""
        assert self.status == status, f"status {self.status}, not {status}: {self.out}{self.err}"
        assert out in self.out, f"no {out!r} in {self.out!r}"
        assert err in self.err, f"no {err!r} in {self.err!r}"
        return self
