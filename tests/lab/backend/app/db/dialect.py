"""SQLAlchemy dialect `postgresql+psycopg` on top of psycopg2.

The real backend uses psycopg 3, for which Debian's SQLAlchemy 1.4 has no dialect. psycopg2 talks to
the same libpq, so faults are real; only names and wording of errors are brought to what psycopg 3
prints, because logs are read by text.
"""

from __future__ import annotations

import re
from contextlib import contextmanager
from functools import lru_cache
from typing import Any, Iterator

import psycopg2
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.postgresql.psycopg2 import PGDialect_psycopg2

_UNRESOLVED = re.compile(r'could not translate host name "([^"]*)" to address: (.*)')


@lru_cache(maxsize=None)
def _renamed(cls: type[Exception]) -> type[Exception]:
    """A subclass that calls itself psycopg.X or psycopg.errors.X."""
    module = cls.__module__.replace("psycopg2", "psycopg")
    return type(cls.__name__, (cls,), {"__module__": module})


def _connect_text(error: Exception) -> str:
    text = str(error).rstrip("\n")
    unresolved = _UNRESOLVED.search(text)
    if unresolved:
        return f"failed to resolve host '{unresolved[1]}': [Errno -2] {unresolved[2]}"
    return f"connection failed: {text}"


@contextmanager
def _psycopg_errors() -> Iterator[None]:
    try:
        yield
    except psycopg2.Error as error:
        raise _renamed(type(error))(str(error).rstrip("\n")) from None


class PsycopgDialect(PGDialect_psycopg2):
    """Same wire behaviour as psycopg2, psycopg 3's error texts."""

    driver = "psycopg"
    supports_statement_cache = True

    def connect(self, *args: Any, **kwargs: Any) -> Any:
        try:
            return super().connect(*args, **kwargs)
        except psycopg2.OperationalError as error:
            raise _renamed(type(error))(_connect_text(error)) from None

    def do_execute(self, *args: Any, **kwargs: Any) -> None:
        with _psycopg_errors():
            super().do_execute(*args, **kwargs)

    def do_commit(self, dbapi_connection: Any) -> None:
        with _psycopg_errors():
            super().do_commit(dbapi_connection)


def register() -> None:
    """Makes `postgresql+psycopg://` URLs known to create_engine."""
    registry.register("postgresql.psycopg", __name__, "PsycopgDialect")
