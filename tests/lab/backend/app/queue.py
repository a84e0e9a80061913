"""The job queue: a plain Redis LIST and a ZSET of jobs that are due later (no rq:* keys)."""

from __future__ import annotations

import json
import logging
import time
from dataclasses import asdict, dataclass

import redis

log = logging.getLogger("app.services.queue")

BLOCK_SECONDS = 1


@dataclass(frozen=True)
class Job:
    """A webhook delivery that waits for the worker."""

    kind: str
    board_id: str
    webhook_id: str
    payload: str


class Queue:
    """Producer and consumer side of one queue name."""

    def __init__(self, redis_url: str, name: str) -> None:
        self._redis = redis.Redis.from_url(redis_url, socket_connect_timeout=5)
        self.name = name
        self.scheduled_name = f"{name}:scheduled"

    def enqueue(self, job: Job) -> bool:
        """Returns false, with a log line, if Redis is away: the API answers all the same."""
        try:
            self._redis.lpush(self.name, json.dumps(asdict(job)))
        except redis.RedisError:
            log.exception("rq.queue.enqueue_failed", extra={"queue_name": self.name})
            return False
        return True

    def dequeue(self) -> Job | None:
        """Wait up to a second for the next job. Raises redis.RedisError."""
        self._promote_due()
        popped = self._redis.brpop([self.name], timeout=BLOCK_SECONDS)
        return Job(**json.loads(popped[1])) if popped else None

    def _promote_due(self) -> None:
        for member in self._redis.zrangebyscore(self.scheduled_name, "-inf", time.time()):
            if self._redis.zrem(self.scheduled_name, member):
                self._redis.lpush(self.name, member)
