"""An order as the model sees it at one moment: the figures that every part of a prediction reads."""


class View:
    """What segments, moment, parcel and calendar say of an order.

    A prediction makes one; an explanation makes several, with one group of figures after another put in the place of
    neutral ones.
    """

    __slots__ = ("distance", "effects", "mean", "promise", "slip", "span", "week", "window")

    def __init__(
        self, mean: float, effects: float, parcel: tuple[float, float], promise: float, week: list[int]
    ) -> None:
        """Take the figures that do not depend on the moment.

        Args:
            mean: Mean log transit days of the order's segments.
            effects: What the rates of everything and of its segments, and the parcel, add to the score of every day.
            parcel: Log distance and log of the promised time, 0 for usual ones.
            promise: Local day of the promise.
            week: Class of each day from the epoch's on.
        """
        self.mean = mean
        self.effects = effects
        self.distance, self.span = parcel
        self.promise = promise
        self.week = week
        self.slip = 0.0
        """By how much the hand-over missed the ship-by limit, or would now."""
        self.window = 0.0
        """How long the promise leaves for the transit, against its mean."""
