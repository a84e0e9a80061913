"""Faults of what is baked into the UI when it is built: the API's address, the mode of signing in.

The environment files are right: the image was built with other values and not rebuilt.
"""

from __future__ import annotations

from faults.registry import Fault
from stack import web
from stack.client import fetch, is_refused
from stack.health import baked_api_url, expect
from stack.lab import Lab

INTERNAL = "http://backend:8000"  # as containers call it


def _bake_closed_port(lab: Lab) -> None:
    lab.config.baked_api_url = lab.addresses.closed


def _baked_url_is_dead(lab: Lab) -> None:
    baked = baked_api_url(lab)
    expect(baked != lab.addresses.api, "another URL baked than the API's", baked)
    expect(is_refused(baked), f"{baked} to refuse connections", "something listening there")


def _bake_internal_name(lab: Lab) -> None:
    lab.config.baked_api_url = INTERNAL


def _internal_name_is_baked(lab: Lab) -> None:
    baked = baked_api_url(lab)
    expect(baked == INTERNAL, "the name that containers use", baked)


def _bake_path(lab: Lab) -> None:
    lab.config.baked_api_url = lab.addresses.api + "/api/v1/"


def _path_is_doubled(lab: Lab) -> None:
    called = baked_api_url(lab).rstrip("/") + "/api/v1/activity"
    answer = fetch(called)
    expect(answer.status == 404, f"404 at {called}", answer)


def _bake_auto(lab: Lab) -> None:
    lab.config.baked_api_url = "auto"


def _auto_is_baked(lab: Lab) -> None:
    baked = baked_api_url(lab)
    expect(baked == "auto" and lab.addresses.ports["api"] != 8000, "auto, and another port", baked)


def _bake_local_mode(lab: Lab) -> None:
    lab.config.baked_auth_mode = "local"


def _local_mode_is_baked(lab: Lab) -> None:
    chunk = fetch(lab.addresses.ui + web.CHUNK_PATH)
    expect(b'return"local"===' in chunk.body, "the mode local in the UI", chunk)
    mode = lab.config.root_env["AUTH_MODE"]
    expect(mode == "clerk", "the mode clerk in the backend", mode)


UI_API = frozenset({"ui-api"})
FAULTS = (
    Fault(
        "ui-api-url-wrong",
        "the UI's JavaScript calls an address where nothing listens; .env and the API are fine",
        prepare=_bake_closed_port,
        assert_present=_baked_url_is_dead,
        breaks=UI_API,
        needs=frozenset({"ui"}),
    ),
    Fault(
        "ui-api-url-internal",
        "the UI's JavaScript calls http://backend:8000, a name that only containers know",
        prepare=_bake_internal_name,
        assert_present=_internal_name_is_baked,
        breaks=UI_API,
        needs=frozenset({"ui"}),
    ),
    Fault(
        "ui-api-url-path",
        "the UI's JavaScript has the API's address with /api/v1/, and adds that once more",
        prepare=_bake_path,
        assert_present=_path_is_doubled,
        breaks=UI_API,
        needs=frozenset({"ui", "api"}),
    ),
    Fault(
        "ui-api-url-auto",
        "the UI's JavaScript takes port 8000 for the API's, which is another",
        prepare=_bake_auto,
        assert_present=_auto_is_baked,
        breaks=UI_API,
        needs=frozenset({"ui"}),
    ),
    Fault(
        "ui-auth-mode-local",
        "the UI was built for AUTH_MODE=local, the backend runs with clerk",
        prepare=_bake_local_mode,
        assert_present=_local_mode_is_baked,
        needs=frozenset({"ui"}),
    ),
)
