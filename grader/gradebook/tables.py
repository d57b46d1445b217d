"""The tables of a gradebook."""

from sqlalchemy import Column, Double, Integer, LargeBinary, MetaData, String, Table, Text, UniqueConstraint

SCHEMA = 2

metadata = MetaData()

about = Table(
    "grader_about",
    metadata,
    Column("what", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

secrets = Table(
    "grader_secrets",
    metadata,
    Column("fingerprint", String(255), primary_key=True),
)

verdicts = Table(
    "grader_verdicts",
    metadata,
    # Checks are committed in the order in which they are declared, and shown in it.
    Column("id", Integer, primary_key=True, autoincrement=True),
    Column("key", String(255), nullable=False),
    Column("name", String(255), nullable=False),
    Column("score", Double, nullable=False),
    Column("max_score", Double, nullable=False),
    Column("outcome", String(16), nullable=False),
    Column("visibility", String(16), nullable=False),
    Column("goal", Text, nullable=False),
    Column("evidence", String(16), nullable=False),
    Column("message", Text, nullable=False),
    Column("hint", Text, nullable=False),
    Column("seconds", Double, nullable=False),
    UniqueConstraint("key", "name"),
)

pictures = Table(
    "grader_pictures",
    metadata,
    Column("key", String(255), primary_key=True),
    Column("check", String(255), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("kind", String(8), nullable=False),
    Column("content", LargeBinary, nullable=False),
)

# A folder's name has at most 255 bytes, each of which may need four characters to be printable.
students = Table(
    "grader_students",
    metadata,
    Column("student", String(1020), primary_key=True),
    Column("members", Text, nullable=False),  # JSON
)

places = Table(
    "grader_places",
    metadata,
    Column("student", String(1020), primary_key=True),
    Column("exercise", String(255), primary_key=True),
    Column("key", String(255), nullable=True, index=True),
    Column("status", String(16), nullable=False),
    Column("message", Text, nullable=False),
    Column("notes", Text, nullable=False),  # JSON
    Column("isolation", String(255), nullable=False),
)
