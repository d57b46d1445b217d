"""Connections to a gradebook's database."""

import sqlite3
from pathlib import Path

from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url
from sqlalchemy.exc import ArgumentError, NoSuchModuleError

from grader.errors import GraderError

_BUSY_SECONDS = 30


def connect(url_or_path: str | Path) -> Engine:
    """The engine for an SQLite file, or for any URL of SQLAlchemy; raises GraderError."""
    try:
        url = _url(url_or_path)
        if url.get_backend_name() == "sqlite":
            return _sqlite(url)
        return create_engine(url)
    except (ArgumentError, ValueError) as error:
        raise GraderError(f"The address of the gradebook is not one: {error}.", "Name a file.") from error
    except (NoSuchModuleError, ImportError) as error:
        problem = f"The database of the gradebook cannot be reached: {error}."
        raise GraderError(problem, "Install SQLAlchemy's driver for it, or name a file.") from error


def _url(url_or_path: str | Path) -> URL:
    if isinstance(url_or_path, str) and "://" in url_or_path:
        return make_url(url_or_path)
    path = Path(url_or_path)
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        problem = f"The folder {path.parent} cannot be made: {error.strerror}."
        raise GraderError(problem, "Name a folder that can be written.") from error
    return URL.create("sqlite", database=str(path))


def _sqlite(url: URL) -> Engine:
    engine = create_engine(url, connect_args={"timeout": _BUSY_SECONDS})

    @event.listens_for(engine, "connect")
    def _set_up(connection: sqlite3.Connection, _: object) -> None:
        # The driver's own transactions would start too late, and never before a CREATE TABLE.
        connection.isolation_level = None
        # With a write-ahead log, a commit without fsync survives the end of the process, though not of the machine.
        connection.execute("PRAGMA journal_mode=WAL")
        connection.execute("PRAGMA synchronous=NORMAL")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        # A transaction that reads and then writes fails if another process wrote in between, unless it waits first.
        connection.exec_driver_sql("BEGIN IMMEDIATE")

    return engine
