"""The machine: two cores, one for the server and one for the load; and what Linux tells of processes."""

import contextlib
import os
import pathlib
import platform
import subprocess
import sys

CPUS = sorted(os.sched_getaffinity(0))
SERVER_CPU, LOAD_CPU = CPUS[0], CPUS[-1]
TICKS_PER_S = os.sysconf("SC_CLK_TCK")


def pinned(command, cpu):
    return ["taskset", "-c", str(cpu), *map(str, command)]


@contextlib.contextmanager
def awake(cpu):
    """
    Keeps a core from going to sleep, with a loop that gives way to everything else. In a virtual machine a core that slept for a
    third of a millisecond does the next signature at half its speed, so a server that is half busy would seem twice as dear.
    """
    loop = "import os; os.sched_setscheduler(0, os.SCHED_IDLE, os.sched_param(0))\nwhile True: pass"
    with subprocess.Popen(pinned([sys.executable, "-c", loop], cpu)) as process:
        try:
            yield
        finally:
            process.kill()


def cpu_seconds(pid):
    """Of all its threads, in the kernel and outside."""
    text = pathlib.Path(f"/proc/{pid}/stat").read_text(encoding="ascii")
    fields = text.rsplit(")", 1)[1].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def core_busy_seconds(cpu):
    """Whoever used that core, other guests of the host included."""
    for line in pathlib.Path("/proc/stat").read_text(encoding="ascii").splitlines():
        name, *ticks = line.split()
        if name == f"cpu{cpu}":
            user, nice, system, _, _, irq, softirq, steal = map(int, ticks[:8])
            return (user + nice + system + irq + softirq + steal) / TICKS_PER_S
    return 0.0


def resident_bytes(pid):
    for line in pathlib.Path(f"/proc/{pid}/status").read_text(encoding="ascii").splitlines():
        if line.startswith("VmRSS:"):
            return int(line.split()[1]) * 1024
    return 0


def describe():
    model = "unknown processor"
    for line in pathlib.Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.split(":", 1)[1].strip()
            break
    return {"processor": model, "cores": os.cpu_count(), "kernel": platform.release(),
            "memory_bytes": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")}
