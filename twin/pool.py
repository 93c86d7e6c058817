"""A pool of equal servers with its own queue: one kernel event per job, scheduled when a server takes it.

SimPy's ``PriorityResource`` sorts its queue at every request (1,572 us with 10,000 waiting); a heap keeps that at
about a microsecond, and a disruption study is a study of backlogs. Jobs wait in (rank, arrival) order. A closed pool
takes nothing on: whoever is first when it opens is served first. Work under way follows the pool's ``Regime``.
"""

from collections.abc import Callable
from heapq import heappop, heappush
from typing import Generic, TypeVar

from twin.kernel import Call, Kernel, Tie
from twin.pace import NEVER_S, NORMAL, Pace
from twin.regime import Regime

Item = TypeVar("Item")
FINISH = int(Tie.FINISH)  # an int sorts faster than an enum member


class Job(Call):
    """Work in the hands of a server: the call that ends it."""

    due_s: int
    """When it will be done; -1 once it is, or once another call ends it."""
    start_s: int
    work_s: int


class Pool(Generic[Item]):
    """Servers that share a queue.

    Args:
        env: The kernel.
        servers: How many work side by side.
        regime: When they work.
        done: Called with the item when its work is done.
        taken: Called when a server takes an item, with the item, its work and how long it waited; returns the work to
            do (a line adds its setup there).
        capacity: Share of the servers present over time, per mille; None for always all.
    """

    def __init__(
        self,
        env: Kernel,
        servers: int,
        regime: Regime,
        done: Callable[[Item], None],
        *,
        taken: Callable[[Item, int, int], int] | None = None,
        capacity: Pace | None = None,
    ) -> None:
        self.env = env
        self.regime = regime
        self.servers = servers
        self.free = servers
        self.queue: list[tuple[int, int, Item, int, int]] = []
        self.busy: set[Job] = set()
        self.work_waiting_s = 0
        self._done = done
        self._taken = taken
        self._sequence = 0
        self._full = servers
        self._wake_s = -1
        self._step = regime.gate.step_at(env.now)
        self._is_plain = regime.is_plain
        self._job_done = self._finished  # bound once, not for every job
        if capacity is not None:
            self._follow(capacity)

    def submit(self, item: Item, work_s: int, rank: int = 0) -> None:
        """Take work in: at once when a server is free and the pool is open, else into the queue; lower ranks first."""
        now_s = self.env.now
        if self.free > 0 and not self.queue and self._is_open(now_s):
            self._take(item, work_s, now_s, 0)
            return
        heappush(self.queue, (rank, self._sequence, item, work_s, now_s))
        self._sequence += 1
        self.work_waiting_s += work_s
        if self.free > 0:
            self._serve()

    def remove(self, wanted: Callable[[Item], bool]) -> list[tuple[Item, int]]:
        """Take the wanted items out of the queue and return them with their work, in queue order."""
        kept: list[tuple[int, int, Item, int, int]] = []
        gone: list[tuple[int, int, Item, int, int]] = []
        for entry in sorted(self.queue):
            (gone if wanted(entry[2]) else kept).append(entry)
        self.queue = kept  # a sorted list is a heap
        self.work_waiting_s -= sum(entry[3] for entry in gone)
        return [(entry[2], entry[3]) for entry in gone]

    def move_up(self, wanted: Callable[[Item], bool], rank: int) -> int:
        """Give the wanted waiting items a new rank, each keeping its place among equals; return how many."""
        count = 0
        for index, entry in enumerate(self.queue):
            if wanted(entry[2]) and entry[0] > rank:
                self.queue[index] = (rank, *entry[1:])
                count += 1
        if count:
            self.queue.sort()
        return count

    def change_base(self, base: Pace) -> None:
        """Work by another calendar from now on; it must agree with the old one on the past."""
        self.regime.change_base(base)
        self._step = self.regime.gate.step_at(self.env.now)
        for job in sorted(self.busy, key=lambda job: (job.due_s, job.start_s)):
            due_s = self.regime.finish(job.start_s, job.work_s)
            if due_s != job.due_s:
                job.due_s = -1
                self.busy.remove(job)
                self._begin(job.item, job.work_s, job.start_s, due_s)
        self._wake_s = -1
        self._serve()

    def set_servers(self, servers: int) -> None:
        """Let ``servers`` work from now on; who is busy finishes first."""
        self.free += servers - self.servers
        self.servers = servers
        self._serve()

    @property
    def waiting(self) -> int:
        """Return how many items wait."""
        return len(self.queue)

    def _is_open(self, now_s: int) -> bool:
        start_s, end_s, speed = self._step
        if not start_s <= now_s < end_s:
            self._step = self.regime.gate.step_at(now_s)
            speed = self._step[2]
        return speed > 0

    def _serve(self) -> None:
        """Give waiting work to free servers; when closed, ask to be called at the next opening."""
        now_s, queue = self.env.now, self.queue
        if not self._is_open(now_s):
            if queue and self.free > 0:
                self._wake(now_s)
            return
        while queue and self.free > 0:
            _rank, _sequence, item, work_s, since_s = heappop(queue)
            self.work_waiting_s -= work_s
            self._take(item, work_s, now_s, now_s - since_s)

    def _wake(self, now_s: int) -> None:
        open_s = self.regime.gate.next_open(now_s)
        if open_s not in (NEVER_S, self._wake_s):
            self._wake_s = open_s
            Call(self.env, open_s - now_s, Tie.FINISH, self._opened)

    def _opened(self, _call: Call) -> None:
        if self._wake_s == self.env.now:
            self._wake_s = -1
            self._serve()

    def _take(self, item: Item, work_s: int, now_s: int, wait_s: int) -> None:
        self.free -= 1
        if self._taken is not None:
            work_s = self._taken(item, work_s, wait_s)
        _start_s, end_s, speed = self._step  # of now: the pool was found open
        due_s = now_s + work_s
        if due_s > end_s or speed != NORMAL or not self._is_plain:
            due_s = self.regime.finish(now_s, work_s)
        # ``_begin`` written out: this line runs once for every job of every pool.
        job = Job(self.env, due_s - now_s, FINISH, self._job_done, item)
        job.work_s, job.start_s, job.due_s = work_s, now_s, due_s
        self.busy.add(job)

    def _begin(self, item: Item, work_s: int, start_s: int, due_s: int) -> None:
        job = Job(self.env, due_s - self.env.now, FINISH, self._job_done, item)
        job.work_s, job.start_s, job.due_s = work_s, start_s, due_s
        self.busy.add(job)

    def _finished(self, job: Job) -> None:
        if job.due_s < 0:
            return  # planned anew since
        self.busy.remove(job)
        self.free += 1
        if self.queue:
            self._serve()
        self._done(job.item)

    def _follow(self, capacity: Pace) -> None:
        """Arrange for the servers to come and go with a capacity mask."""
        for start_s, mille in zip(capacity.starts, capacity.speeds, strict=True):
            if start_s >= self.env.now:
                Call(self.env, start_s - self.env.now, Tie.WORLD, self._capacity_changed, mille)

    def _capacity_changed(self, call: Call) -> None:
        self.set_servers(self._full * call.item // NORMAL)
