"""The store's tables, how its database is opened, and its errors in plain words."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.exc import SQLAlchemyError

SCHEMA_VERSION = 1

# How long to wait for another program that is writing (seconds).
BUSY_SECONDS = 5.0

metadata = sa.MetaData()

about = sa.Table(
    "about", metadata, sa.Column("key", sa.String(40), primary_key=True), sa.Column("value", sa.Text, nullable=False)
)

images = sa.Table(
    "images",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("name", sa.String(1000), nullable=False, unique=True),
    sa.Column("cursor", sa.Integer, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    # Kept beside the events so that a list of ten thousand images needs none of them.
    sa.Column("objects", sa.Integer, nullable=False),
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("image_id", sa.ForeignKey("images.id"), primary_key=True),
    sa.Column("position", sa.Integer, primary_key=True),
    sa.Column("event", sa.Text, nullable=False),
)

# The images that have a painting: kept beside the events as the number of objects is. It is younger than the form: a store
# without it gets it, empty, when it is opened for writing, and has no paintings.
paintings = sa.Table("paintings", metadata, sa.Column("image_id", sa.ForeignKey("images.id"), primary_key=True))

labels = sa.Table(
    "labels",
    metadata,
    sa.Column("position", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("name", sa.String(100), nullable=False, unique=True),
    sa.Column("color", sa.String(7), nullable=False),
)


def make_engine(url: str, *, read_only: bool) -> sa.Engine:
    """An SQLAlchemy engine; for SQLite with a write-ahead log, full syncs, and transactions that begin when we say so.

    Raises:
        sqlalchemy.exc.ArgumentError: the URL is malformed.
        ImportError: the URL's driver is not installed.
    """
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "sqlite":
        return sa.create_engine(parsed)
    in_memory = parsed.database in (None, "", ":memory:")
    if read_only and not in_memory:
        # Without a log to be read nobody is writing; SQLite would still want to make one, which a read-only disk forbids.
        calm = not Path(f"{parsed.database}-wal").exists()
        query = {"mode": "ro", "uri": "true"} | ({"immutable": "1"} if calm else {})
        parsed = parsed.set(database=f"file:{quote(str(parsed.database))}", query=query)
    options: dict[str, Any] = {"poolclass": sa.StaticPool} if in_memory else {}
    engine = sa.create_engine(parsed, connect_args={"timeout": BUSY_SECONDS, "check_same_thread": False}, **options)

    @sa.event.listens_for(engine, "connect")
    def set_up(connection: Any, _record: Any) -> None:
        # sqlite3 would begin transactions by itself, only at the first write; `begin` below does it instead.
        connection.isolation_level = None
        if not read_only:
            connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute("PRAGMA foreign_keys=ON")

    @sa.event.listens_for(engine, "begin")
    def begin(connection: sa.Connection) -> None:
        # A writer takes its lock at once: one that began as a reader could be refused later without being allowed to wait.
        writes = connection.get_execution_options().get("maskwright_write", False)
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


_WORDS = {
    "SQLITE_FULL": "the disk is full; nothing of this change was kept, all earlier ones are. Free some space, then do it again",
    "SQLITE_READONLY": "the file or its folder is read-only; allow writing, or keep the annotations elsewhere (--store)",
    "SQLITE_CANTOPEN": "it cannot be opened; its folder must exist and allow writing. Or keep them elsewhere (--store)",
    "SQLITE_BUSY": "another program is holding it; close that program, then do this again",
    "SQLITE_LOCKED": "another program is holding it; close that program, then do this again",
    "SQLITE_NOTADB": "it is not an annotation file of maskwright; move it away to begin anew",
    "SQLITE_CORRUPT": "it is damaged; put a backup in its place, or move it away to begin anew",
    "SQLITE_IOERR": "the disk reports an error; nothing of this change was kept. Check the disk and its free space",
}


def explain(error: SQLAlchemyError, where: str) -> str:
    """What a database's error means for a person, and what to do."""
    cause = getattr(error, "orig", None)
    name = (getattr(cause, "sqlite_errorname", None) or "") if isinstance(cause, sqlite3.Error) else ""
    for code, words in _WORDS.items():
        if name.startswith(code):
            return f"annotations in {where}: {words}"
    return f"annotations in {where}: the database says: {cause or error}"
