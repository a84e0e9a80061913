"""Log lines of the application: on stdout, as text or as one JSON object a line.

uvicorn keeps its own loggers (lifecycle and tracebacks on stderr, access lines on stdout), so a
JSON log is a mixed stream, as it is on the real system.
"""

from __future__ import annotations

import json
import logging
import sys
from datetime import datetime, timezone

from app import APP_NAME, VERSION

_STANDARD_FIELDS = frozenset(vars(logging.makeLogRecord({}))) | {"message", "asctime", "taskName"}


def _extras(record: logging.LogRecord) -> dict[str, object]:
    """What the caller passed as `extra`, in the order it was passed."""
    return {name: value for name, value in vars(record).items() if name not in _STANDARD_FIELDS}


class TextFormatter(logging.Formatter):
    """Appends the extras at the very end: after a traceback they stand on its last line."""

    def __init__(self) -> None:
        super().__init__(
            f"%(asctime)s %(levelname)s %(name)s %(message)s app={APP_NAME} version={VERSION}"
        )

    def format(self, record: logging.LogRecord) -> str:
        extras = "".join(f" {name}={value}" for name, value in _extras(record).items())
        return super().format(record) + extras


class JsonFormatter(logging.Formatter):
    """One object a line; the time is UTC with its offset, unlike the text form."""

    def format(self, record: logging.LogRecord) -> str:
        entry: dict[str, object] = {
            "timestamp": datetime.fromtimestamp(record.created, timezone.utc).isoformat(),
            "level": record.levelname,
            "logger": record.name,
            "message": record.getMessage(),
            "app": APP_NAME,
            "version": VERSION,
            **_extras(record),
        }
        if record.exc_info:
            entry["exception"] = self.formatException(record.exc_info)
        return json.dumps(entry, default=str)


def configure(level: str, log_format: str) -> None:
    """Install the one handler; uvicorn's own loggers must not reach it a second time."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonFormatter() if log_format == "json" else TextFormatter())
    logging.basicConfig(level=level, handlers=[handler], force=True)
    logging.getLogger("uvicorn").propagate = False
