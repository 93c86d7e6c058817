"""The pure core: events in, warnings out, with no I/O, no clock and no randomness."""
