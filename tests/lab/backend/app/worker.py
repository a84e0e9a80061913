"""The queue worker: `python3 -m app.worker`.

It has no pause after a failed dequeue, as the real one: without Redis it floods its log.
"""

from __future__ import annotations

import logging

import redis
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from app.core import config
from app.core import logging as app_logging
from app.db.models import ActivityEvent
from app.db.session import make_engine
from app.queue import Job, Queue

log = logging.getLogger("app.services.queue_worker")


def deliver(session: Session, job: Job) -> None:
    """Record the delivery in the activity feed."""
    session.add(ActivityEvent(event_type=job.kind, message=f"webhook {job.webhook_id} received"))
    session.commit()


def main() -> None:
    settings = config.load()
    app_logging.configure(settings.log_level, settings.log_format)
    engine = make_engine(settings.database_url)
    queue = Queue(settings.rq_redis_url, settings.rq_queue_name)
    fields = {"queue_name": queue.name}
    log.info("queue.worker.started", extra=fields)
    while True:
        try:
            job = queue.dequeue()
        except redis.RedisError:
            log.exception("queue.worker.dequeue_failed", extra=fields)
            continue
        if job is None:
            continue
        try:
            with Session(engine) as session:
                deliver(session, job)
        except SQLAlchemyError:
            log.exception("queue.worker.failed", extra=fields)
        else:
            log.info("queue.worker.success", extra={**fields, "kind": job.kind})


if __name__ == "__main__":
    main()
