"""An order as the model sees it at one moment: the figures that every part of a prediction reads."""


class View:
    """What segments, moment, parcel and calendar say of an order.

    A prediction makes one; an explanation makes several, with one group of figures after another put in the place of
    neutral ones.
    """

    __slots__ = ("distance", "effects", "mean", "offsets", "promise", "slip", "span", "week", "window")

    def __init__(self, mean: float, effects: float, distance: float, span: float, week: list[int]) -> None:
        """Take the figures that do not depend on the moment.

        Args:
            mean: Mean log transit days of the order's segments.
            effects: What the rates of everything and of its segments, and the parcel, add to the score of every day.
            distance: Log distance, 0 for a usual one.
            span: Log of the promised time, 0 for a usual one.
            week: Class of each day from the epoch's on.
        """
        self.mean = mean
        self.effects = effects
        self.distance = distance
        self.span = span
        self.week = week
        self.offsets: list[float] | None = None
        """What the order's stage adds to the hazard of each day ahead: log-odds in transit, factors of odds before."""
        self.promise = 0.0
        """Local day of the promise, earlier by what conditions cost."""
        self.slip = 0.0
        """By how much the hand-over missed the ship-by limit, or would now."""
        self.window = 0.0
        """How long the promise leaves for the transit, against its mean."""
