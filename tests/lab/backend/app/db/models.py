"""Tables, at the newest revision of the migrations."""

from __future__ import annotations

from sqlalchemy import Column, DateTime, ForeignKey, Text, func, text
from sqlalchemy.dialects.postgresql import UUID
from sqlalchemy.orm import declarative_base

Base = declarative_base()


def _id() -> Column:
    return Column(
        UUID(as_uuid=False), primary_key=True, server_default=text("gen_random_uuid()")
    )


def _created_at() -> Column:
    return Column(DateTime(timezone=True), nullable=False, server_default=func.now())


class User(Base):
    """A person who has called the API at least once."""

    __tablename__ = "users"
    id = _id()
    subject = Column(Text, nullable=False, unique=True)
    created_at = _created_at()


class Agent(Base):
    """A program that calls with X-Agent-Token."""

    __tablename__ = "agents"
    id = _id()
    name = Column(Text, nullable=False)
    token_hash = Column(Text, nullable=False)
    token_salt = Column(Text, nullable=False)


class Board(Base):
    """What people work on."""

    __tablename__ = "boards"
    id = _id()
    name = Column(Text, nullable=False)
    organization = Column(Text, nullable=False, server_default="default")
    created_at = _created_at()


class Gateway(Base):
    """A WebSocket gateway that runs agents."""

    __tablename__ = "gateways"
    id = _id()
    name = Column(Text, nullable=False)
    url = Column(Text, nullable=False)
    token = Column(Text, nullable=False, server_default="")
    organization = Column(Text, nullable=False, server_default="default")


class BoardWebhook(Base):
    """An address that strangers may post events to."""

    __tablename__ = "board_webhooks"
    id = _id()
    board_id = Column(UUID(as_uuid=False), ForeignKey("boards.id"), nullable=False)
    description = Column(Text, nullable=False, server_default="")


class ActivityEvent(Base):
    """A line of the activity feed."""

    __tablename__ = "activity_events"
    id = _id()
    event_type = Column(Text, nullable=False)
    message = Column(Text, nullable=False)
    organization = Column(Text, nullable=False, server_default="default")
    created_at = _created_at()
