"""The small model as the tutorials write it: a process per order, priority resources, interrupts, AnyOf, a store."""

from itertools import pairwise

import simpy

from benchmarks.twin_models import DRIVE_S, PATIENCE_S, ROUND_MAX, STOP_S, TRUCK_EVERY_S, Luck, Span

Process = simpy.events.ProcessGenerator


class Bench:
    """Servers that stop together: SimPy's machine shop, for a resource of several."""

    def __init__(self, env: simpy.Environment, servers: int, stops: list[Span]) -> None:
        self.env = env
        self.servers = simpy.PriorityResource(env, servers)
        self.working: set[simpy.Process] = set()
        self.open = True
        self.opened = env.event()
        env.process(self._calendar(stops))

    def work(self, work_s: float, rank: int) -> Process:
        """Wait for a server, then work, however often it is stopped."""
        with self.servers.request(priority=rank) as turn:
            yield turn
            process = self.env.active_process
            assert process is not None, "a process works"
            while work_s > 0:
                if not self.open:
                    yield self.opened
                self.working.add(process)
                start_s = self.env.now
                try:
                    yield self.env.timeout(work_s)
                    work_s = 0
                except simpy.Interrupt:
                    work_s -= self.env.now - start_s
                self.working.discard(process)

    def _calendar(self, stops: list[Span]) -> Process:
        for start_s, end_s in stops:
            if end_s <= self.env.now:
                continue
            if start_s > self.env.now:
                yield self.env.timeout(start_s - self.env.now)
            self.open = False
            for process in list(self.working):
                process.interrupt()
            yield self.env.timeout(end_s - self.env.now)
            self.open = True
            self.opened.succeed()
            self.opened = self.env.event()


class Textbook:
    """The model."""

    def __init__(self, luck: Luck) -> None:
        self.env = simpy.Environment()
        self.luck = luck
        self.delivered = [0] * len(luck.orders)
        self.arrived = [self.env.event() for _ in luck.orders]
        self.complaints = 0
        shifts = luck.shifts
        nights = [(0, shifts[0][0]), *((a[1], b[0]) for a, b in pairwise(shifts))]
        self.make = Bench(self.env, luck.machines, luck.downs)
        self.pick = Bench(self.env, luck.pickers, nights)
        self.pack = Bench(self.env, luck.packers, nights)
        self.dock = simpy.PriorityStore(self.env)
        self.left = len(luck.orders)

    def run(self) -> list[int]:
        """Play it and return when each order was delivered."""
        self.env.process(self._arrivals())
        self.env.process(self._trucks())
        self.env.run(until=self.luck.end_s)
        return self.delivered

    def _arrivals(self) -> Process:
        for number, order in enumerate(self.luck.orders):
            if order[0] > self.env.now:
                yield self.env.timeout(order[0] - self.env.now)
            self.env.process(self._order(number))
            self.env.process(self._customer(number))

    def _order(self, number: int) -> Process:
        _placed, check_s, make_s, pick_s, pack_s, rank = self.luck.orders[number]
        yield self.env.timeout(check_s)
        yield self.env.process(self.make.work(make_s, rank))
        yield self.env.process(self.pick.work(pick_s, rank))
        yield self.env.process(self.pack.work(pack_s, rank))
        yield self.dock.put(simpy.PriorityItem((rank, self.env.now, number), number))

    def _customer(self, number: int) -> Process:
        patience = self.env.timeout(PATIENCE_S)
        yield self.arrived[number] | patience
        if not self.arrived[number].triggered:
            self.complaints += 1

    def _trucks(self) -> Process:
        while self.left:
            yield self.env.timeout(TRUCK_EVERY_S)
            load = []
            for _ in range(min(self.luck.truck_places, len(self.dock.items))):
                parcel = yield self.dock.get()
                load.append(parcel.item)
            self.left -= len(load)
            if load:
                self.env.process(self._drive(load))

    def _drive(self, load: list[int]) -> Process:
        yield self.env.timeout(DRIVE_S)
        for first in range(0, len(load), ROUND_MAX):
            self.env.process(self._round(load[first : first + ROUND_MAX]))

    def _round(self, parcels: list[int]) -> Process:
        for number in parcels:
            yield self.env.timeout(STOP_S)
            self.delivered[number] = int(self.env.now)
            self.arrived[number].succeed()
