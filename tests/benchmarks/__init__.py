"""Tests of the benchmarks whose figures stand in the documents."""
