"""CPU time of the codec per event, as a ratio to msgspec's bare decode of the same bytes.

Run: ``.venv/bin/python -m benchmarks.codec``. The mix is the life of one order as most feeds tell it.
"""

import gc
import json
import platform
import time
from collections.abc import Callable, Sequence

import msgspec

from radar.events import Event
from streams.codec import Codec, encode
from streams.envelopes import CONTRACT
from streams.examples import EXAMPLES

MIX = (
    "order.placed.v1",
    "payment.approved.v1",
    "stock.allocated.v1",
    "fulfilment.picked.v1",
    "fulfilment.packed.v1",
    "shipment.handed-over.v1",
    "shipment.scan.v1",
    "shipment.scan.v1",
    "shipment.scan.v1",
    "shipment.out-for-delivery.v1",
    "shipment.delivered.v1",
)
REPEATS = 5
BLOCK_LINES = 1000


def cpu_us(work: Callable[[], object], count: int) -> float:
    """Return the best of five CPU times of ``work``, in microseconds per item."""
    best = float("inf")
    for _ in range(REPEATS):
        gc.collect()
        start = time.process_time_ns()
        work()
        best = min(best, time.process_time_ns() - start)
    return best / count / 1000


def in_blocks(decode_block: Callable[[Sequence[bytes]], object], lines: Sequence[bytes]) -> None:
    """Decode the lines block by block, as the dataflow does."""
    for start in range(0, len(lines), BLOCK_LINES):
        decode_block(lines[start : start + BLOCK_LINES])


def naive(line: bytes) -> bytes:
    """Return the line with its times written without an offset."""
    return line.replace(b'Z"', b'"')


def extended(line: bytes) -> bytes:
    """Return the line with an extension attribute of somebody else."""
    return line[:-1] + b',"traceparent":"00-4bf9-00f0-01"}'


def rejected(line: bytes) -> bytes:
    """Return the line with a field nobody knows."""
    return line.replace(b'"data":{', b'"data":{"surprise":1,').replace(b",}", b"}")


def escaped(line: bytes) -> bytes:
    """Return the line as Python's ``json`` would write it with a Chinese city in its subject."""
    record = json.loads(line)
    record["subject"] = "台北-1001"
    return json.dumps(record).encode()


def unrecorded(event: Event) -> Event:
    """Return the event as a source tells it that does not say when it was told."""
    return msgspec.structs.replace(event, recorded_at=None)


def main() -> None:
    """Print the table of docs/benchmarks.md."""
    events = [unrecorded(EXAMPLES[kind]) for kind in MIX] * 2000
    lines = [encode(event) for event in events]
    told = [encode(EXAMPLES[kind]) for kind in MIX] * 2000
    few = lines[: len(lines) // 10]
    bare = msgspec.json.Decoder(CONTRACT).decode
    local, strict = Codec("Asia/Taipei").decode_block, Codec().decode_block

    def cost(name: str, decode: Callable[[Sequence[bytes]], object], block: Sequence[bytes]) -> tuple[str, float]:
        return name, cpu_us(lambda: in_blocks(decode, block), len(block))

    rows = [
        cost("msgspec decode into the envelope alone", lambda block: [bare(line) for line in block], lines),
        cost("Codec.decode_block", strict, lines),
        cost("... with recordedtime", strict, told),
        cost("... escaped text (\\uXXXX)", strict, [escaped(line) for line in few]),
        cost("... one extension attribute", strict, [extended(line) for line in few]),
        cost("... naive times, declared zone", local, [naive(line) for line in few]),
        cost("... rejected with its reason", strict, [rejected(line) for line in few]),
        ("encode", cpu_us(lambda: [encode(event) for event in events], len(events))),
    ]
    size = sum(map(len, lines)) / len(lines)
    print(
        f"{len(lines)} events, {size:.0f} bytes each; CPU, best of {REPEATS}; Python {platform.python_version()},",
        end=" ",
    )
    print(f"msgspec {msgspec.__version__}, {platform.machine()}")
    for name, each in rows:
        print(f"{name:42} {each:8.2f} us/event {each / rows[0][1]:8.2f} x")


if __name__ == "__main__":
    main()
