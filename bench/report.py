"""What people see: one line for each run, the target beside the figure."""

MEGA = 1 << 20
IDLE_BYTES_TARGET, BINARY_BYTES_TARGET, READY_MS_TARGET = 20 * MEGA, 8 * MEGA, 200
OTHERS_SHOWN = 0.05

COLUMNS = "{:<9}{:>8}{:>10}{:>10}{:>10}{:>9}{:>8}{:>9}{:>8}{:>8}{:>9}{:>9}  {}"


def say(text=""):
    print(text, flush=True)


def against(figure, target, unit, shown):
    return f"{shown(figure):>8} {unit:<3} target < {shown(target)}{'' if figure < target else '   MISSED'}"


class Report:
    @staticmethod
    def machine(m):
        say(f"{m['processor']}, {m['cores']} cores, {m['memory_bytes'] / MEGA / 1024:.0f} GiB, Linux {m['kernel']}")

    @staticmethod
    def process(p):
        megabytes, whole = "{:.1f}".format, "{:.0f}".format

        say()
        say("ready, first start   " + against(p["first_ready_ms"], READY_MS_TARGET, "ms", whole))
        say("ready, later starts  " + against(p["ready_ms"], READY_MS_TARGET, "ms", whole))
        say("memory when idle     " + against(p["idle_bytes"], IDLE_BYTES_TARGET, "MiB", lambda n: megabytes(n / MEGA)))
        say("binary, stripped     " + against(p["binary_bytes"], BINARY_BYTES_TARGET, "MiB", lambda n: megabytes(n / MEGA)))

    @staticmethod
    def bare(operations, exchanges):
        say()
        say("bare operations, microseconds: CPU (wall)")
        for name, cost in operations.items():
            say(f"  {name:<18}{cost['cpu_us']:>8.2f} ({cost['wall_us']:.2f})")
        for clients, cost in exchanges.items():
            say(f"  {f'exchange, {clients}':<18}{cost['cpu_us']:>8.2f} ({1e6 / cost['per_second']:.2f})")

    @staticmethod
    def head():
        say()
        say(COLUMNS.format("", "clients", "a second", "median", "99 %", "CPU", "floor", "exchange", "÷ floor", "÷ both",
                           "1 core", "target", ""))
        say(COLUMNS.format("", "", "", "ms", "ms", "us", "us", "us", "", "", "a second", "a second", ""))

    @staticmethod
    def row(kind, r):
        notes = []
        if r["refused"] or r["broken"]:
            notes.append(f"{r['refused']} REFUSED, {r['broken']} BROKEN")
        if r.get("per_commit"):
            notes.append(f"{r['per_commit']:.1f} a commit")
        if r["retried"]:
            notes.append(f"{r['retried']} retried")
        if r["others"] > OTHERS_SHOWN:
            notes.append(f"others used {r['others']:.0%} of the core")
        say(COLUMNS.format(
            kind.name, r["clients"], f"{r['per_second']:,.0f}", f"{r['p50_us'] / 1000:.2f}", f"{r['p99_us'] / 1000:.2f}",
            f"{r['cpu_us']:.1f}", f"{r['floor_us']:.1f}", f"{r['exchange_us']:.1f}", f"{r['over_floor']:.1f}",
            f"{r['over_all']:.1f}", f"{1e6 / r['cpu_us']:,.0f}", f"{kind.per_second:,}" if kind.per_second else "",
            ", ".join(notes)))

    @staticmethod
    def end(p):
        say()
        say(f"memory after all this  {p['loaded_bytes'] / MEGA:.1f} MiB")
