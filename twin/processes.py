"""Independent pieces of work in several processes: answered as they come, and no process left behind."""

import multiprocessing
import signal
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool

from radar.errors import RunFailedError


def in_processes(
    work: Callable[[int], bytes], count: int, jobs: int, begin: Callable[[bytes], None], told: bytes
) -> Iterator[bytes]:
    """Yield ``work(0)`` ... ``work(count - 1)`` as they come back, each from one of ``jobs`` fresh processes.

    Args:
        work: A function of a module, so that another process finds it.
        count: Pieces of work.
        jobs: Processes at most.
        begin: Called once in each process, with ``told``, before it works.
        told: All a process needs to know.

    Raises:
        RunFailedError: A process died.
    """
    context = multiprocessing.get_context("spawn")  # fork copies locks and threads of whoever calls
    executor = ProcessPoolExecutor(min(jobs, count), context, _begin, (begin, told))
    try:
        futures: list[Future[bytes]] = [executor.submit(work, number) for number in range(count)]
        for future in as_completed(futures):
            yield future.result()
        executor.shutdown()
    except BrokenProcessPool as error:
        raise RunFailedError("a worker process died; try fewer --jobs, it may be out of memory") from error
    finally:
        executor.shutdown(wait=False, cancel_futures=True)
        for child in multiprocessing.active_children():
            child.terminate()


def _begin(begin: Callable[[bytes], None], told: bytes) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's business
    begin(told)
