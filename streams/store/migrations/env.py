"""Alembic's entry: migrate over the connection that ``streams.store.migrate`` hands in."""

from alembic import context

from streams.store.schema import metadata

settings = context.config.attributes
# SQLite can roll tables back too; a kill in the middle then leaves the store as it was.
context.configure(
    connection=settings["connection"],
    version_table=settings["version_table"],
    target_metadata=metadata,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
