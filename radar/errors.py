"""The errors every package may raise for a person to read; console.exits turns each into one line and an exit code.

They stand in the lowest package so that scenarios, streams and twin can raise them without knowing the console.
A bug is none of these: it is an assertion, or is left to raise.
"""


class RadarError(Exception):
    """An end that a person can understand and act on: the message is one line and names the place."""


class InputError(RadarError):
    """A file, a setting or an argument that somebody handed to us is wrong.

    The message reads ``file: field: what is wrong, what is allowed``; ``InputError.at`` builds it.
    """

    @classmethod
    def at(cls, place: str, field: str, problem: str, allowed: str = "") -> "InputError":
        """Return the error in its usual form.

        Args:
            place: The file, argument or address, as the person named it.
            field: Where in it (``stages[2].grace``, ``line 14``); empty when the whole of it is meant.
            problem: What is wrong, with the value found.
            allowed: What would be right; empty when that is plain.

        >>> str(InputError.at("rules.yaml", "stages[0].grace", "'soon' is no duration", "allowed: 2h, 30m"))
        "rules.yaml: stages[0].grace: 'soon' is no duration, allowed: 2h, 30m"
        """
        said = f"{problem}, {allowed}" if allowed else problem
        return cls(": ".join(part for part in (place, field, said) if part))


class RunFailedError(RadarError):
    """The input was right and the run still could not finish: a full disk, a locked store, a lost peer."""


class GateRefusedError(RadarError):
    """A gate said no: a playbook without evidence, a target that was missed."""


class StoppedError(RadarError):
    """A person stopped the run; the message says what is kept and how to go on."""
