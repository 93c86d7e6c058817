"""A process that has everything imported and forks one `radar` a request: starting Python anew costs half a second.

Requests and answers are lines of JSON on standard input and output.
"""

import json
import os
import resource
import sys

import streams.dataflow
import streams.plain
import streams.running
from console.cli import main
from console.commands import run  # imported before the forks, with all it needs
from streams import crashpoints

PRELOADED = (streams.dataflow, streams.plain, streams.running, run)


def serve() -> None:
    """Answer each request with the child's pid, then with how it ended."""
    for request in sys.stdin:
        asked = json.loads(request)
        pid = os.fork()
        if pid == 0:
            if asked["file_bytes_max"]:
                resource.setrlimit(resource.RLIMIT_FSIZE, (asked["file_bytes_max"], asked["file_bytes_max"]))
            os._exit(_child(asked["arguments"], asked["crash_at"], asked["output"]))
        _answer({"pid": pid})
        _, ended = os.waitpid(pid, 0)
        _answer({"code": os.waitstatus_to_exitcode(ended)})


def _child(arguments: list[str], crash_at: str, output: str) -> int:
    number = os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    os.dup2(number, 1)
    os.dup2(number, 2)
    crashpoints.arm(crash_at)
    code = main(arguments)
    sys.stdout.flush()
    return code


def _answer(said: dict[str, int]) -> None:
    sys.stdout.write(json.dumps(said) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    serve()
