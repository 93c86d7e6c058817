import json
import os
import select
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

KILLED = -signal.SIGKILL


class Zygote:
    """Starts `radar` processes and kills them, by a label inside or from outside."""

    def __init__(self, folder: Path) -> None:
        self.kills = 0
        self._output = folder / "output.txt"
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.faults.zygote"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    @property
    def output(self) -> str:
        """What the last process printed."""
        return self._output.read_text(encoding="utf-8")

    def radar(
        self,
        arguments: Sequence[str],
        crash_at: str = "",
        kill_after_s: float | None = None,
        file_bytes_max: int = 0,
    ) -> int:
        """Run one `radar` and return its exit code, -9 when it was killed.

        Args:
            arguments: Of the command line.
            crash_at: Crash point and passage at which it kills itself.
            kill_after_s: When it is killed from outside.
            file_bytes_max: No file may grow beyond this, as on a full disk; 0 for no limit.
        """
        assert self._process.stdin is not None
        asked = {
            "arguments": list(arguments),
            "crash_at": crash_at,
            "output": str(self._output),
            "file_bytes_max": file_bytes_max,
        }
        self._process.stdin.write(json.dumps(asked) + "\n")
        self._process.stdin.flush()
        pid = self._answer()["pid"]
        if kill_after_s is not None:
            self._kill(pid, kill_after_s)
        code = self._answer()["code"]
        self.kills += code == KILLED
        return code

    def close(self) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        self._process.wait(10)
        self._process.stdout.close()

    def _kill(self, pid: int, after_s: float) -> None:
        """Kill a process after a while, unless it has ended by then."""
        assert self._process.stdout is not None
        select.select([self._process.stdout], [], [], after_s)
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            assert after_s > 0

    def _answer(self) -> dict[str, int]:
        assert self._process.stdout is not None
        return dict(json.loads(self._process.stdout.readline()))


@pytest.fixture(scope="session")
def zygote(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Zygote]:
    made = Zygote(tmp_path_factory.mktemp("zygote"))
    yield made
    made.close()
