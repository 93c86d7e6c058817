"""The transactional store: orders, warnings, dead letters and the checkpoint, all in one database."""

from streams.store.opening import Store, open_reader, open_store

__all__ = ["Store", "open_reader", "open_store"]
