"""One order explained: milestones, arithmetic, warnings and their reasons, in the reader's language."""
