"""Liveness: constant answers that say nothing about the database, as on the real system."""

from fastapi import APIRouter

router = APIRouter()


@router.get("/health")
@router.get("/healthz")
@router.get("/readyz")
def alive() -> dict[str, bool]:
    """A plain `def`: it needs a thread of the shared pool, so starvation makes it hang."""
    return {"ok": True}
