"""The activity feed, and the one route for agents."""

from __future__ import annotations

from fastapi import APIRouter, Depends
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.core.auth import require_agent, require_user
from app.db.models import ActivityEvent, Agent
from app.db.session import get_session, in_db

router = APIRouter()

PAGE_ROWS = 50


@router.get("/activity", dependencies=[Depends(require_user)])
async def list_activity(session: Session = Depends(get_session)) -> dict[str, object]:
    query = select(ActivityEvent).order_by(ActivityEvent.created_at.desc()).limit(PAGE_ROWS)
    rows = await in_db(lambda: session.scalars(query).all())
    items = [
        {"id": row.id, "event_type": row.event_type, "message": row.message} for row in rows
    ]
    return {"items": items, "total": len(items)}


@router.get("/agent/me")
async def agent_me(agent: Agent = Depends(require_agent)) -> dict[str, str]:
    return {"id": agent.id, "name": agent.name}
