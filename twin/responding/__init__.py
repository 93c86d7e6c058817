"""The parts of the default response: what planners know of the network, what waits where, and what to do about it."""
