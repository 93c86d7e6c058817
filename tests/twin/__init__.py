"""Tests of twin."""
