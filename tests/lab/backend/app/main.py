"""The application: `uvicorn app.main:app`.

Settings are validated on import, so a bad configuration ends the process with status 1 before
uvicorn says a word; migrations run in the lifespan, so their failure ends it with status 3.
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial

from fastapi import FastAPI
from starlette.middleware.cors import CORSMiddleware

from app import VERSION
from app.api import activity, boards, gateways, health
from app.core import config, error_handling
from app.core import logging as app_logging
from app.core.auth import Authenticator
from app.db import migrate
from app.db.session import make_engine
from app.queue import Queue

log = logging.getLogger(__name__)

API_PREFIX = "/api/v1"
CORS_MAX_AGE_SECONDS = 600


def create_app(settings: config.Settings) -> FastAPI:
    app_logging.configure(settings.log_level, settings.log_format)
    app = FastAPI(title="Mission Control API", version=VERSION)
    app.state.engine = make_engine(settings.database_url)
    app.state.authenticator = Authenticator(settings)
    app.state.queue = Queue(settings.rq_redis_url, settings.rq_queue_name)
    _install_cors(app, settings.origins)
    error_handling.install(app, settings.request_log_slow_ms)
    app.include_router(health.router)
    for module in (boards, gateways, activity):
        app.include_router(module.router, prefix=API_PREFIX)
    app.router.on_startup.append(partial(_prepare_database, app, settings.db_auto_migrate))
    return app


def _install_cors(app: FastAPI, origins: list[str]) -> None:
    if not origins:
        log.info("app.cors.disabled")
        return
    app.add_middleware(
        CORSMiddleware,
        allow_origins=origins,
        allow_credentials=True,
        allow_methods=["*"],
        allow_headers=["*"],
        expose_headers=["X-Total-Count", "X-Limit", "X-Offset"],
        max_age=CORS_MAX_AGE_SECONDS,
    )
    log.info("app.cors.enabled", extra={"origins_count": len(origins)})


async def _prepare_database(app: FastAPI, auto_migrate: bool) -> None:
    if auto_migrate:
        await asyncio.to_thread(migrate.upgrade, app.state.engine)
    await asyncio.to_thread(migrate.require_schema, app.state.engine)


app = create_app(config.load())
