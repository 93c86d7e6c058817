"""Benchmarks: ratios of CPU time from one run; tests never time."""
