"""Engine and sessions.

The pool has 5 + 10 connections and makes a caller wait 30 s for one. Database calls block in
threads of their own: waiting for the pool must not use up the threads that serve `/healthz`.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from fastapi import Request
from sqlalchemy import create_engine
from sqlalchemy.engine import Engine
from sqlalchemy.orm import Session

from app.db import dialect

POOL_SIZE = 5
POOL_OVERFLOW = 10
POOL_TIMEOUT_SECONDS = 30
DATABASE_THREADS = 256

T = TypeVar("T")

_threads = ThreadPoolExecutor(DATABASE_THREADS, thread_name_prefix="db")


def make_engine(database_url: str) -> Engine:
    """An engine that connects on first use only."""
    dialect.register()
    return create_engine(
        database_url,
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=POOL_TIMEOUT_SECONDS,
        pool_pre_ping=True,
    )


async def in_db(work: Callable[..., T], *args: object) -> T:
    """Run blocking database work; if cancelled, wait for it, as a session is not thread-safe."""
    future = asyncio.get_running_loop().run_in_executor(_threads, lambda: work(*args))
    try:
        return await asyncio.shield(future)
    except asyncio.CancelledError:
        await asyncio.wait([future])
        raise


async def get_session(request: Request) -> AsyncIterator[Session]:
    """A session for the whole response: a stream keeps its connection until it ends."""
    session = Session(request.app.state.engine, expire_on_commit=False)
    try:
        yield session
    finally:
        await in_db(session.close)
