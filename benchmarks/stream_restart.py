"""How long a start with many open orders takes, and how much memory they need."""

import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from radar.events import Event
from radar.events.order import OrderPlaced, ShipTo
from radar.instant import DAY_US, Instant, to_datetime
from radar.intake import Intake
from radar.room import ControlRoom
from scenarios.rules import load_rules
from streams.blocks import PARTITION
from streams.codec import encode
from streams.memory import paused_collection
from streams.pace import Pace
from streams.running import Run, RunSettings
from streams.specs import parse_spec
from streams.store import open_store

START = Instant(1_709_251_200_000_000)
WINDOW_US = DAY_US // 24
"""All orders are placed within an hour, so that none of them is overdue at the restart."""
ROOT = Path(__file__).resolve().parent.parent


def placed_lines(order_count: int) -> Iterator[bytes]:
    """Yield one placement an order."""
    promise_at = to_datetime(Instant(START + 10 * DAY_US))
    for number in range(order_count):
        data = OrderPlaced(
            promise_at=promise_at,
            order_type="stock",
            value=float(number % 1000),
            ship_to=ShipTo(area=f"A{number % 30}", postcode=f"{number % 99999:05d}"),
            origin="DC1",
            supplier=f"S{number % 50}",
        )
        at = Instant(START + number * WINDOW_US // order_count)
        yield encode(Event(at, f"shop-{number}", "shop", f"SO-{number:07d}", data)) + b"\n"


def build_store(folder: Path, order_count: int) -> str:
    """Return the URL of a store with that many open orders."""
    events = folder / f"open{order_count}.jsonl"
    with events.open("wb") as file:
        file.writelines(placed_lines(order_count))
    url = f"sqlite:///{folder}/open{order_count}.db"
    settings = RunSettings(
        specs=(parse_spec(str(events)),),
        store_url=url,
        rules=load_rules(),
        pace=Pace(epoch_s=1.0),
        lateness_us=0,
        engine="plain",
        owns_process=False,
    )
    Run(settings).start()
    events.unlink()
    return url


def restart(url: str) -> tuple[int, float, float, int]:
    """Load a store as a start does; return orders, CPU seconds, wall seconds and resident bytes more than before."""
    rules = load_rules()
    before = resident_bytes()
    began_s, cpu_began_s = time.monotonic(), time.process_time()
    store = open_store(url)
    checkpoint, rows = store.load_checkpoint(PARTITION, rules.tombstone_us)
    intake = Intake(ControlRoom(rules), (), 0)
    with paused_collection():
        intake.load(checkpoint, rows)
    took = time.process_time() - cpu_began_s, time.monotonic() - began_s
    store.close()
    return len(intake.room.orders), *took, resident_bytes() - before


def resident_bytes() -> int:
    """Return the memory this process holds now."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * 4096


def restart_table(folder: Path, order_counts: tuple[int, ...]) -> str:
    """Return restart times and memory as a Markdown table; each start is a process of its own."""
    rows = [
        "| open orders | restart, CPU s | restart, s | memory of the orders, MiB | bytes an order |",
        "| ---: | ---: | ---: | ---: | ---: |",
    ]
    for order_count in order_counts:
        url = build_store(folder, order_count)
        found = min((_in_process(url) for _ in range(3)), key=lambda one: one[1])
        orders, cpu_s, wall_s, size = found
        assert orders == order_count, f"{orders} orders came back of {order_count}"
        print(f"  restart with {order_count:,} open orders: {cpu_s:.2f} s", file=sys.stderr)
        rows.append(f"| {orders:,.0f} | {cpu_s:.2f} | {wall_s:.2f} | {size / 2**20:.0f} | {size / orders:.0f} |")
    return "\n".join(rows)


def _in_process(url: str) -> tuple[float, ...]:
    code = f"from benchmarks.stream_restart import restart; print(*restart({url!r}))"
    told = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    return tuple(float(word) for word in told.stdout.split())
