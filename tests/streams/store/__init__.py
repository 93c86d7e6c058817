"""Tests of streams/store."""
