"""The gradebook: every verdict is on disk before the next check starts, and a kill at any moment loses none."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, fields, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Table, bindparam, insert, inspect, select, update
from sqlalchemy.dialects import sqlite
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from grader.errors import GraderError
from grader.gradebook import tables
from grader.gradebook.database import connect
from grader.gradebook.models import STATUSES, ExerciseResult, Picture, Verdict

_VERDICT_COLUMNS = [tables.verdicts.c[field.name] for field in fields(Verdict) if field.name != "pictures"]


def _upsert(table: Table, *keys: str) -> tuple[Any, Any]:
    """The statements that change a row, and that add it where there was none; `keys` say which row."""
    change = update(table).values({c.name: bindparam(c.name) for c in table.c if c.name not in (*keys, "id")})
    for key in keys:
        change = change.where(table.c[key] == bindparam(f"_{key}"))
    return change, insert(table)


_COMMIT = _upsert(tables.verdicts, "key", "name")
_PLACE = _upsert(tables.places, "student", "exercise")
_NEW = sqlite.insert(tables.verdicts)
_COMMIT_IN_SQLITE = _NEW.on_conflict_do_update(
    index_elements=["key", "name"],
    set_={c.name: _NEW.excluded[c.name] for c in tables.verdicts.c if c.name not in ("id", "key", "name")},
)
_DRAW = _upsert(tables.pictures, "key", "check", "name")
_ENROL = _upsert(tables.students, "student")
_VERDICTS = select(*_VERDICT_COLUMNS).where(tables.verdicts.c.key == bindparam("key")).order_by(tables.verdicts.c.id)


class Gradebook:
    """Marks in a database: a path is an SQLite file, made where it is missing; a URL is whatever SQLAlchemy knows.

    Each change is a transaction of its own. Several processes and threads may use one gradebook, but a process that
    forks must open it anew in the child. Every method raises GraderError where the database fails.
    """

    def __init__(self, url_or_path: str | Path) -> None:
        self._engine = connect(url_or_path)
        self._name = self._engine.url.database or self._engine.url.render_as_string()
        with self._transaction() as connection:
            self._check_schema(connection)

    def close(self) -> None:
        """Release the database's files and connections."""
        self._engine.dispose()

    def __enter__(self) -> "Gradebook":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def begin(self, secret_fingerprint: str, mix: bool = False) -> None:
        """Note that a run with this secret starts; refuses where an earlier run used another, unless `mix`."""
        with self._transaction() as connection:
            known = set(connection.execute(select(tables.secrets.c.fingerprint)).scalars())
            if known - {secret_fingerprint} and not mix:
                problem = f"The gradebook {self._name} holds marks of another secret ({', '.join(sorted(known))})."
                raise GraderError(problem, "Grade with that secret, or into another folder, or ask for a mixture.")
            if secret_fingerprint not in known:
                connection.execute(insert(tables.secrets), {"fingerprint": secret_fingerprint})

    def verdicts(self, key: str) -> dict[str, Verdict]:
        """The verdicts under `key` by the name of their check, in the checks' order.

        Those with the outcome `error` are left out: a fault of ours is to be graded again.
        """
        with self._transaction() as connection:
            found = [Verdict(*row) for row in connection.execute(_VERDICTS, {"key": key})]
        return {verdict.name: verdict for verdict in found if verdict.outcome != "error"}

    def commit(self, *verdicts: tuple[str, Verdict]) -> None:
        """Keep verdicts under their keys, in place of earlier ones of the same checks.

        Once this returns, a kill loses none of them.
        """
        for key, verdict in verdicts:
            for picture in verdict.pictures:
                self._put(_DRAW, {"key": key, "check": verdict.name, "name": picture.name}, asdict(picture))
        rows = [{"key": key, **verdict.plain()} for key, verdict in verdicts]
        if rows and self._engine.dialect.name == "sqlite":  # one statement for all of them
            stored = [{name: _storable(value) for name, value in row.items()} for row in rows]
            with self._transaction() as connection:
                connection.execute(_COMMIT_IN_SQLITE, stored)
            return
        for row in rows:
            self._put(_COMMIT, {"key": row.pop("key"), "name": row["name"]}, row)

    def enrol(self, student: str, members: Sequence[str] = ()) -> None:
        """Note a student, with the members of the group where the folder is a group's."""
        self._put(_ENROL, {"student": student}, {"members": _json(members)})

    def place(
        self,
        student: str,
        exercise: str,
        key: str | None,
        status: str,
        message: str = "",
        notes: Sequence[str] = (),
        isolation: str = "",
    ) -> None:
        """Say what an exercise of a student came to, in place of what was said before; the verdicts are under `key`."""
        if status not in STATUSES:
            raise ValueError(f"status: {status!r} is none of {', '.join(STATUSES)}")
        values = {"key": key, "status": status, "message": message, "notes": _json(notes), "isolation": isolation}
        self._put(_PLACE, {"student": student, "exercise": exercise}, values)

    def import_problem(self, key: str) -> str | None:
        """Why the files behind `key` gave no module, where an earlier run found that; None where it did not."""
        places = tables.places.c
        chosen = select(places.message).where(places.key == key, places.status == "import_error").limit(1)
        with self._transaction() as connection:
            return connection.execute(chosen).scalar()

    def students(self) -> dict[str, tuple[str, ...]]:
        """Every student in order, with the members of a group (empty for a student alone)."""
        with self._transaction() as connection:
            placed = connection.execute(select(tables.places.c.student).distinct()).scalars()
            found: dict[str, tuple[str, ...]] = dict.fromkeys(placed, ())
            for student, members in connection.execute(select(tables.students)):
                found[student] = tuple(json.loads(members))
        return dict(sorted(found.items()))

    def exercise_results(self, student: str) -> dict[str, ExerciseResult]:
        """What each exercise of a student came to, by its name; all verdicts, also those with the outcome `error`."""
        chosen = (
            select(tables.places)
            .where(tables.places.c.student == _storable(student))
            .order_by(tables.places.c.exercise)
        )
        results = {}
        with self._transaction() as connection:
            for row in connection.execute(chosen).all():
                verdicts = self._drawn(connection, row.key) if row.status == "graded" else ()
                results[row.exercise] = ExerciseResult(
                    exercise=row.exercise,
                    status=row.status,
                    message=row.message,
                    notes=tuple(json.loads(row.notes)),
                    isolation=row.isolation,
                    verdicts=verdicts,
                )
        return results

    def _drawn(self, connection: Connection, key: str) -> tuple[Verdict, ...]:
        """The verdicts under `key` with their pictures."""
        pictures: dict[str, list[Picture]] = {}
        columns = tables.pictures.c
        chosen = select(columns.check, columns.name, columns.kind, columns.content).where(columns.key == key)
        for check, *picture in connection.execute(chosen.order_by(columns.name)):
            pictures.setdefault(check, []).append(Picture(*picture))
        found = [Verdict(*row) for row in connection.execute(_VERDICTS, {"key": key})]
        return tuple(replace(verdict, pictures=tuple(pictures.get(verdict.name, ()))) for verdict in found)

    def _put(self, statements: tuple[Any, Any], where: Mapping[str, Any], values: Mapping[str, Any]) -> None:
        """Change the row `where`, or add it."""
        change, add = statements
        row = {name: _storable(value) for name, value in {**where, **values}.items()}
        sought = {f"_{name}": row[name] for name in where}
        changed = {name: value for name, value in row.items() if name not in where}
        try:
            with self._transaction() as connection:
                if connection.execute(change, {**changed, **sought}).rowcount == 0:
                    connection.execute(add, row)
        except IntegrityError:
            # On a server, another process may have added the row in between; then it can be changed.
            with self._transaction() as connection:
                connection.execute(change, {**changed, **sought})

    def _check_schema(self, connection: Connection) -> None:
        present = set(inspect(connection).get_table_names())
        if tables.about.name not in present:
            # A server's database may hold more than marks, a file of ours does not.
            if present and connection.dialect.name == "sqlite":
                raise GraderError(f"{self._name} is a database, but no gradebook.", "Name another file.")
            tables.metadata.create_all(connection)
            connection.execute(insert(tables.about), {"what": "schema", "value": str(tables.SCHEMA)})
            return
        schema = connection.execute(select(tables.about.c.value).where(tables.about.c.what == "schema")).scalar()
        if schema != str(tables.SCHEMA):
            problem = f"The gradebook {self._name} has the format {schema}, and this version knows {tables.SCHEMA}."
            raise GraderError(problem, "Use the version of grader that made it, or name another file.")

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        try:
            with self._engine.begin() as connection:
                yield connection
        except IntegrityError:
            raise
        except SQLAlchemyError as error:
            cause = getattr(error, "orig", None) or error
            problem = f"The gradebook {self._name} cannot be used: {cause}."
            raise GraderError(problem, "See that nothing else holds or has damaged it, or name another.") from error


def _json(texts: Sequence[str]) -> str:
    return json.dumps(list(texts))


def _storable(value: Any) -> Any:
    """Text that every database takes: half characters and NUL, which a student's process may send, are escaped."""
    if isinstance(value, str):
        return value.encode("utf-8", "backslashreplace").decode("utf-8").replace("\0", "\\x00")
    return value
