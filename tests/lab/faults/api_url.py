"""Faults of the API address that is baked into the UI."""

from __future__ import annotations

from faults.registry import Fault
from stack.client import is_refused
from stack.health import baked_api_url, expect
from stack.lab import Lab


def _bake_closed_port(lab: Lab) -> None:
    """The environment file is right: the image was built with another value and not rebuilt."""
    lab.config.baked_api_url = lab.addresses.closed


def _baked_url_is_dead(lab: Lab) -> None:
    baked = baked_api_url(lab)
    expect(baked != lab.addresses.api, "another URL baked than the API's", baked)
    expect(is_refused(baked), f"{baked} to refuse connections", "something listening there")


FAULTS = (
    Fault(
        "ui-api-url-wrong",
        "the UI's JavaScript calls an address where nothing listens; .env and the API are fine",
        prepare=_bake_closed_port,
        assert_present=_baked_url_is_dead,
        breaks=frozenset({"ui-api"}),
        needs=frozenset({"ui"}),
    ),
)
