"""Who is calling: a Clerk session, the shared local token, or an agent.

Every refusal is the same 401 without WWW-Authenticate. A request without a token is refused before
the database is looked at, so an unauthenticated probe says nothing about the database.
"""

from __future__ import annotations

import hashlib
import hmac
from collections import deque
from time import monotonic

from fastapi import Depends, HTTPException, Request
from fastapi.concurrency import run_in_threadpool
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.clerk import ClerkVerifier, InvalidToken
from app.core.config import Settings
from app.db.models import Agent, User
from app.db.session import get_session, in_db

AGENT_ATTEMPTS = 20
AGENT_WINDOW_SECONDS = 60.0
PBKDF2_ROUNDS = 200_000
LOCAL_SUBJECT = "local-auth-user"


class Authenticator:
    """Turns a bearer token into a subject, according to AUTH_MODE."""

    def __init__(self, settings: Settings) -> None:
        self._local_token = settings.local_auth_token if settings.auth_mode == "local" else None
        self._clerk = ClerkVerifier(
            settings.clerk_api_url, settings.clerk_secret_key, settings.clerk_leeway
        )

    async def subject(self, token: str) -> str:
        if self._local_token is not None:
            if not hmac.compare_digest(token.encode(), self._local_token.encode()):
                raise InvalidToken
            return LOCAL_SUBJECT
        return await run_in_threadpool(self._clerk.subject, token)


class AttemptLimit:
    """A sliding window shared by all callers, as the real one: a stranger can use it up."""

    def __init__(self, attempts: int, window_seconds: float) -> None:
        self._attempts = attempts
        self._window_seconds = window_seconds
        self._times: deque[float] = deque()

    def admit(self) -> bool:
        now = monotonic()
        while self._times and now - self._times[0] > self._window_seconds:
            self._times.popleft()
        if len(self._times) >= self._attempts:
            return False
        self._times.append(now)
        return True


_agent_limit = AttemptLimit(AGENT_ATTEMPTS, AGENT_WINDOW_SECONDS)


def _unauthorized() -> HTTPException:
    return HTTPException(401, "Unauthorized")


def _bearer(request: Request) -> str:
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token.strip():
        raise _unauthorized()
    return token.strip()


def _get_or_create_user(session: Session, subject: str) -> User:
    user = session.scalars(select(User).where(User.subject == subject)).first()
    if user is None:
        user = User(subject=subject)
        session.add(user)
    session.commit()
    return user


async def require_user(request: Request, session: Session = Depends(get_session)) -> User:
    """The calling user; the first call of a new one writes a row."""
    token = _bearer(request)
    try:
        subject = await request.app.state.authenticator.subject(token)
    except InvalidToken as error:
        raise _unauthorized() from error
    return await in_db(_get_or_create_user, session, subject)


def hash_agent_token(token: str, salt: str) -> str:
    """The stored form of an agent's token; slow on purpose."""
    return hashlib.pbkdf2_hmac("sha256", token.encode(), salt.encode(), PBKDF2_ROUNDS).hex()


def _find_agent(session: Session, token: str) -> Agent | None:
    for agent in session.scalars(select(Agent)):
        if hmac.compare_digest(agent.token_hash, hash_agent_token(token, agent.token_salt)):
            return agent
    return None


async def require_agent(request: Request, session: Session = Depends(get_session)) -> Agent:
    """The calling agent: every agent's hash is tried, behind one shared attempt limit."""
    token = request.headers.get("x-agent-token", "")
    if not token:
        raise _unauthorized()
    if not _agent_limit.admit():
        raise HTTPException(429, "Too Many Requests")
    agent = await in_db(_find_agent, session, token)
    if agent is None:
        raise _unauthorized()
    return agent
