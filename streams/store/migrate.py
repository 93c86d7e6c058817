"""Bring a store to the version this radar knows, or refuse it."""

from typing import TYPE_CHECKING

from sqlalchemy import Connection, inspect, text

from radar.errors import InputError
from streams.store.schema import STORE_VERSION

if TYPE_CHECKING:
    from alembic.config import Config

VERSION_TABLE = "store_version"
KNOWN_VERSIONS = frozenset({"0001", "0002"})
"""Every version a migration starts from or leads to."""


def upgrade(connection: Connection, place: str) -> None:
    """Create the tables of an empty database, upgrade an older store, refuse what is neither."""
    found = found_version(connection, place)
    if found == STORE_VERSION:
        return
    from alembic import command  # only where there is something to migrate: most starts find nothing to do

    command.upgrade(_config(connection), STORE_VERSION)


def found_version(connection: Connection, place: str) -> str | None:
    """Return the version of a store, None for an empty database.

    Raises:
        InputError: A database of somebody else, or a version this radar does not know.
    """
    names = inspect(connection).get_table_names()
    if VERSION_TABLE not in names:
        if names:
            raise InputError.at(
                "--store",
                place,
                f"is a database of something else (table {names[0]!r})",
                "allowed: a new file or a radar store",
            )
        return None
    found = connection.execute(text(f"SELECT version_num FROM {VERSION_TABLE}")).scalar()  # noqa: S608 - a name of ours
    if found is not None and found not in KNOWN_VERSIONS:
        raise InputError.at(
            "--store",
            place,
            f"is a store of version {found}, which this radar does not know",
            f"allowed: up to {STORE_VERSION}",
        )
    return found


def _config(connection: Connection) -> "Config":
    """Return Alembic's configuration, made here because a wheel has no alembic.ini."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", "streams.store:migrations")
    config.attributes["connection"] = connection
    config.attributes["version_table"] = VERSION_TABLE
    return config
