"""Alembic migrations of the store; package data, found by ``streams.store.migrate``."""
