"""Request ids, request log lines and the shape of error answers.

The 500 handler runs in Starlette's ServerErrorMiddleware, outside CORSMiddleware: its answers carry
an x-request-id but no CORS headers, so that a browser reports a "CORS error" for a database fault.
"""

from __future__ import annotations

import logging
import time
import uuid
from typing import Any

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.types import ASGIApp, Message, Receive, Scope, Send

log = logging.getLogger(__name__)

REQUEST_ID_HEADER = "x-request-id"
QUIET_PATHS = ("/health", "/healthz", "/readyz")


class RequestContextMiddleware:
    """Gives each request an id, returns it as a header, and logs the completed request."""

    def __init__(self, app: ASGIApp, slow_ms: int) -> None:
        self.app = app
        self.slow_ms = slow_ms

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = uuid.uuid4().hex
        scope.setdefault("state", {})["request_id"] = request_id
        started = time.monotonic()
        status_code = 500

        async def send_with_id(message: Message) -> None:
            nonlocal status_code
            if message["type"] == "http.response.start":
                status_code = message["status"]
                MutableHeaders(scope=message)[REQUEST_ID_HEADER] = request_id
            await send(message)

        try:
            await self.app(scope, receive, send_with_id)
        finally:
            self._log(scope, status_code, int((time.monotonic() - started) * 1000), request_id)

    def _log(self, scope: Scope, status_code: int, duration_ms: int, request_id: str) -> None:
        fields = {
            "method": scope["method"],
            "path": scope["path"],
            "status_code": status_code,
            "duration_ms": duration_ms,
            "client_ip": (scope.get("client") or ("-",))[0],
            "request_id": request_id,
        }
        if status_code >= 400 or scope["path"] not in QUIET_PATHS:
            log.log(_level(status_code), "http.request.complete", extra=fields)
        if duration_ms >= self.slow_ms:
            fields = {**fields, "slow_threshold_ms": self.slow_ms}
            fields["request_id"] = fields.pop("request_id")  # stays the last field of the line
            log.warning("http.request.slow", extra=fields)


def _level(status_code: int) -> int:
    if status_code >= 500:
        return logging.ERROR
    return logging.WARNING if status_code >= 400 else logging.INFO


def _answer(request: Request, status_code: int, detail: Any, headers: Any = None) -> JSONResponse:
    request_id = request.state.request_id
    headers = {**(headers or {}), REQUEST_ID_HEADER: request_id}
    return JSONResponse({"detail": detail, "request_id": request_id}, status_code, headers)


async def _on_http_error(request: Request, error: HTTPException) -> JSONResponse:
    return _answer(request, error.status_code, error.detail, error.headers)


async def _on_invalid_request(request: Request, error: RequestValidationError) -> JSONResponse:
    return _answer(request, 422, error.errors())


async def _on_unhandled(request: Request, error: Exception) -> JSONResponse:
    fields = {
        "request_id": request.state.request_id,
        "method": request.method,
        "path": request.url.path,
    }
    log.error("unhandled_exception", exc_info=error, extra=fields)
    return _answer(request, 500, "Internal Server Error")


def install(app: FastAPI, slow_ms: int) -> None:
    """Must be called after CORSMiddleware was added, so that ids are outermost."""
    app.add_middleware(RequestContextMiddleware, slow_ms=slow_ms)
    app.add_exception_handler(HTTPException, _on_http_error)
    app.add_exception_handler(RequestValidationError, _on_invalid_request)
    app.add_exception_handler(Exception, _on_unhandled)
