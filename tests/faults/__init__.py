"""Kills, full disks and other bad days."""
