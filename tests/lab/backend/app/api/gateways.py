"""Gateways and their live status."""

from __future__ import annotations

from dataclasses import asdict

from fastapi import APIRouter, Depends
from pydantic import BaseModel
from sqlalchemy import select
from sqlalchemy.orm import Session

from app import gateway_client
from app.core.auth import require_user
from app.db.models import Gateway
from app.db.session import get_session, in_db

router = APIRouter(prefix="/gateways", dependencies=[Depends(require_user)])


class GatewayIn(BaseModel):
    name: str
    url: str
    token: str = ""


def _gateways(session: Session) -> list[Gateway]:
    return session.scalars(select(Gateway).order_by(Gateway.name)).all()


@router.get("")
async def list_gateways(session: Session = Depends(get_session)) -> list[dict[str, str]]:
    rows = await in_db(_gateways, session)
    return [{"id": row.id, "name": row.name, "url": row.url} for row in rows]


@router.post("", status_code=201)
async def create_gateway(
    body: GatewayIn, session: Session = Depends(get_session)
) -> dict[str, str]:
    gateway = Gateway(name=body.name, url=body.url, token=body.token)
    await in_db(_save, session, gateway)
    return {"id": gateway.id, "name": gateway.name, "url": gateway.url}


@router.get("/status")
async def status(session: Session = Depends(get_session)) -> dict[str, object]:
    """Always 200: whether the first gateway answers is in the body."""
    rows = await in_db(_gateways, session)
    if not rows:
        return {"connected": False, "gateway_url": None, "error": "No gateway is configured"}
    return asdict(await gateway_client.check(rows[0].url, rows[0].token))


def _save(session: Session, row: Gateway) -> None:
    session.add(row)
    session.commit()
    session.refresh(row)
