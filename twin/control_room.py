"""The control room inside the twin: the radar's own intake and machines, fed what the information systems told it.

Every few minutes what was recorded since goes to the sink (a log, a live flow) and, where there is one, through the
same ``Intake`` as in the live dataflow, by the clock of the data; so a log of the run, replayed, gives the same
warnings. What the room says goes to the responder, and what that decides to the actuators.
"""

from collections.abc import Callable, Sequence
from typing import Protocol

from radar.actions import Action
from radar.events import Event
from radar.instant import SECOND_US
from radar.intake import Intake
from radar.outputs import Output
from radar.room import ControlRoom
from twin.context import Context
from twin.kernel import Call, Tie
from twin.mistakes import BadReport

TICK_S = 300
STREAM = "twin"


class Responder(Protocol):
    """Who decides what to do about warnings."""

    def react(self, outputs: Sequence[Output], now_s: int) -> Sequence[Action]:
        """Return the actions to take now."""


class Reports:
    """Passes on what was recorded, tick by tick."""

    def __init__(
        self,
        context: Context,
        sink: Callable[[Event], None] | None,
        bad_sink: Callable[[BadReport], None] | None,
        desk: "RoomDesk | None",
    ) -> None:
        self._context = context
        self._sink = sink
        self._bad_sink = bad_sink
        self._desk = desk
        context.call(TICK_S, Tie.REPORT, self._tick)

    def finish(self) -> None:
        """Pass on what is recorded by now; the room hears the end of the stream."""
        self._pass_on()
        if self._desk is not None:
            self._desk.finish()

    def _tick(self, _call: Call) -> None:
        self._pass_on()
        self._context.call(self._context.env.now + TICK_S, Tie.REPORT, self._tick)

    def _pass_on(self) -> None:
        now_s = self._context.env.now
        events = []
        for report in self._context.feeds.take(now_s):
            if isinstance(report, Event):
                events.append(report)
                if self._sink is not None:
                    self._sink(report)
            elif self._bad_sink is not None:
                self._bad_sink(report)
        if self._desk is not None:
            self._desk.hear(events, now_s)


class RoomDesk:
    """The control room and the hands that act on what it says.

    Args:
        room: The machines.
        lateness_s: How long the intake waits for stragglers.
        responder: Who decides; None only listens.
        apply: The actuators.
    """

    def __init__(
        self,
        room: ControlRoom,
        lateness_s: int,
        responder: Responder | None = None,
        apply: Callable[[Action], object] | None = None,
    ) -> None:
        self._intake = Intake(room, [STREAM], lateness_s * SECOND_US)
        self._responder = responder
        self._apply = apply
        self._heard = 0
        self.said: list[tuple[int, Output]] = []
        """Everything the room said, with the second at which it was known."""

    def hear(self, events: Sequence[Event], now_s: int) -> None:
        """Take in what was recorded and act on what the room says."""
        if not events:
            return
        entries = [(event, self._heard + index, b"") for index, event in enumerate(events)]
        self._heard += len(events)
        self._intake.take(0, entries, self._heard)
        self._intake.tick()
        self._act(now_s)

    def finish(self) -> None:
        """Hear the end of the stream: what still waits is applied."""
        self._intake.finish(0)
        self._intake.tick()
        self._act(None)

    def _act(self, now_s: int | None) -> None:
        outputs = self._intake.take_outputs()
        if not outputs:
            return
        self.said.extend((-1 if now_s is None else now_s, output) for output in outputs)
        if now_s is not None and self._responder is not None and self._apply is not None:
            for action in self._responder.react(outputs, now_s):
                self._apply(action)
