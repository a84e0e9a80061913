"""Boards, their event stream and their webhooks."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

from fastapi import APIRouter, Depends, HTTPException, Request, Response
from fastapi.responses import StreamingResponse
from pydantic import BaseModel
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.core.auth import require_user
from app.db.models import Board, BoardWebhook
from app.db.session import get_session, in_db
from app.queue import Job

router = APIRouter(prefix="/boards")

STREAM_POLL_SECONDS = 2.0


class BoardIn(BaseModel):
    name: str


class WebhookIn(BaseModel):
    description: str = ""


def _board(board: Board) -> dict[str, str]:
    return {"id": board.id, "name": board.name, "organization": board.organization}


def _find_board(session: Session, board_id: str) -> Board:
    """The id is not checked before the query: one that is no UUID ends in a 500, not a 404."""
    board = session.scalars(select(Board).where(Board.id == board_id)).first()
    if board is None:
        raise HTTPException(404, "Not Found")
    return board


@router.get("", dependencies=[Depends(require_user)])
async def list_boards(
    response: Response, session: Session = Depends(get_session)
) -> list[dict[str, str]]:
    boards = await in_db(lambda: session.scalars(select(Board).order_by(Board.name)).all())
    response.headers["X-Total-Count"] = str(len(boards))
    return [_board(board) for board in boards]


@router.post("", status_code=201, dependencies=[Depends(require_user)])
async def create_board(body: BoardIn, session: Session = Depends(get_session)) -> dict[str, str]:
    board = Board(name=body.name)
    await in_db(_save, session, board)
    return _board(board)


@router.get("/{board_id}", dependencies=[Depends(require_user)])
async def read_board(board_id: str, session: Session = Depends(get_session)) -> dict[str, str]:
    return _board(await in_db(_find_board, session, board_id))


@router.get("/{board_id}/tasks/stream", dependencies=[Depends(require_user)])
async def stream_tasks(
    board_id: str, session: Session = Depends(get_session)
) -> StreamingResponse:
    """Server-sent events; the session stays open, idle in transaction, as long as the client."""
    await in_db(_find_board, session, board_id)
    return StreamingResponse(_events(session, board_id), media_type="text/event-stream")


async def _events(session: Session, board_id: str) -> AsyncIterator[str]:
    while True:
        now = await in_db(lambda: session.execute(text("SELECT now()")).scalar_one())
        data = json.dumps({"board_id": board_id, "at": now.isoformat()})
        yield f"event: tick\ndata: {data}\n\n"
        await asyncio.sleep(STREAM_POLL_SECONDS)


@router.post("/{board_id}/webhooks", status_code=201, dependencies=[Depends(require_user)])
async def create_webhook(
    board_id: str, body: WebhookIn, session: Session = Depends(get_session)
) -> dict[str, str]:
    await in_db(_find_board, session, board_id)
    webhook = BoardWebhook(board_id=board_id, description=body.description)
    await in_db(_save, session, webhook)
    return {"id": webhook.id, "board_id": board_id}


@router.post("/{board_id}/webhooks/{webhook_id}", status_code=202)
async def receive_webhook(
    board_id: str, webhook_id: str, request: Request, session: Session = Depends(get_session)
) -> dict[str, bool]:
    """Needs no credential: with ids that do not exist it is a read of the database, then 404."""
    await in_db(_find_board, session, board_id)
    found = await in_db(_has_webhook, session, board_id, webhook_id)
    if not found:
        raise HTTPException(404, "Not Found")
    payload = (await request.body()).decode(errors="replace")
    job = Job("webhook.received", board_id, webhook_id, payload)
    return {"queued": await in_db(request.app.state.queue.enqueue, job)}


def _has_webhook(session: Session, board_id: str, webhook_id: str) -> bool:
    query = select(BoardWebhook).where(
        BoardWebhook.id == webhook_id, BoardWebhook.board_id == board_id
    )
    return session.scalars(query).first() is not None


def _save(session: Session, row: object) -> None:
    session.add(row)
    session.commit()
    session.refresh(row)
