"""Events from customers, the world around the chain, and the people who respond."""

from enum import StrEnum
from typing import Annotated

from msgspec import Meta

from radar.events.common import Aware, Code, Label, Name, Payload, Ratio, Reasoned, Seconds, Text


class ComplaintCategory(StrEnum):
    """What a complaint is about; ``late`` and ``not-received`` are the ones punctuality can lower (R31)."""

    LATE = "late"
    NOT_RECEIVED = "not-received"
    PARTIAL = "partial"
    WRONG_OR_DAMAGED = "wrong-or-damaged"
    QUALITY = "quality"
    SERVICE = "service"
    REFUND = "refund"
    OTHER = "other"


class CustomerComplaint(Payload, frozen=True):
    """A customer complained; subject is the order."""

    category: ComplaintCategory = ComplaintCategory.OTHER
    area: Label = ""
    item: Label = ""
    carrier: Label = ""
    code: Code = ""
    """The source's own category, kept when none of ours fits."""


class CustomerContact(Payload, frozen=True):
    """A customer asked, without complaining; subject is the order."""

    topic: Label = ""


class SurveyAnswer(Payload, frozen=True):
    """A customer's rating; subject is the order."""

    csat: Annotated[int, Meta(ge=1, le=5)] | None = None
    """Satisfaction, 1 (worst) to 5."""
    nps: Annotated[int, Meta(ge=0, le=10)] | None = None
    """Would recommend us, 0 to 10."""


class AlertSeverity(StrEnum):
    """How bad a weather alert is (the Common Alerting Protocol's words)."""

    MINOR = "minor"
    MODERATE = "moderate"
    SEVERE = "severe"
    EXTREME = "extreme"


class WeatherAlert(Payload, frozen=True):
    """Weather is coming to an area; subject is the area."""

    area: Name
    severity: AlertSeverity
    from_at: Aware
    to_at: Aware
    hazard: Annotated[str, Meta(max_length=100)] = ""
    """What comes: typhoon, snow, flood."""

    def __post_init__(self) -> None:
        """Refuse an alert that ends before it begins."""
        if self.to_at < self.from_at:
            raise ValueError("to_at is before from_at")


class RoadClosure(Reasoned, frozen=True):
    """A lane or area is closed or open again; subject is the lane or area."""

    lane: Label = ""
    area: Label = ""
    is_closed: bool = True
    """False when it is open again."""
    until_at: Aware | None = None


class SourceHeartbeat(Payload, frozen=True):
    """A source system is alive; subject is the source."""

    next_within_s: Seconds | None = None


class WarningAcknowledged(Payload, frozen=True):
    """A person took a warning; subject is the order or resource."""

    warning_id: Name
    by: Label = ""


class TaskAcknowledged(Payload, frozen=True):
    """A person took a task."""

    task_id: Name
    by: Label = ""


class TaskDone(Payload, frozen=True):
    """A task ended with an outcome."""

    task_id: Name
    by: Label = ""
    outcome: Text = ""


class PlaybookChosen(Payload, frozen=True):
    """A person or rule started a playbook on a case."""

    playbook: Name
    case_id: Label = ""
    by: Label = ""


class ActionApplied(Payload, frozen=True):
    """An action was carried out in the world."""

    action: Name
    case_id: Label = ""
    cost: Annotated[float, Meta(ge=-1e12, le=1e12)] = 0.0
    """What it cost; negative when it saved money."""
    effect: Ratio | None = None


class Override(Payload, frozen=True):
    """A person set something the rules had set otherwise; replay repeats it."""

    field: Name
    value: Text
    by: Label = ""
