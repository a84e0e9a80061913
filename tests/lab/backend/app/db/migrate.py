"""Migrations at start-up, before the port is bound; by hand: `python3 -m app.db.migrate`."""

from __future__ import annotations

import logging
import os
from pathlib import Path

from alembic import command
from alembic.config import Config
from sqlalchemy import select
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from app.core import logging as app_logging
from app.db.models import User
from app.db.session import make_engine

log = logging.getLogger(__name__)

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"


def upgrade(engine: Engine) -> None:
    """Bring the schema to head. Raises CommandError if the database's revision is unknown."""
    log.info("Running database migrations.")
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.attributes["engine"] = engine
    command.upgrade(config, "head")
    log.info("Database migrations complete.")


def require_schema(engine: Engine) -> None:
    """A read that every revision can answer: start-up fails on a database without tables."""
    with Session(engine) as session:
        session.execute(select(User.id).limit(1))


if __name__ == "__main__":
    app_logging.configure("INFO", "text")
    upgrade(make_engine(os.environ["DATABASE_URL"]))
