"""What a used system has: a board, and the gateway; made through the API, as a person would."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from stack.client import fetch
from stack.errors import LabError

if TYPE_CHECKING:
    from stack.lab import Lab


def fill(lab: Lab) -> None:
    """Sets lab.board_id."""
    lab.board_id = _create(lab, "boards", {"name": "Lab"})["id"]
    gateway = {"url": lab.addresses.gateway, "token": lab.passwords.gateway}
    _create(lab, "gateways", {"name": "lab", **gateway})


def _create(lab: Lab, collection: str, values: dict[str, str]) -> dict[str, Any]:
    url = f"{lab.addresses.api_direct}/api/v1/{collection}"
    headers = {"Content-Type": "application/json", **lab.authorization()}
    answer = fetch(url, "POST", headers, json.dumps(values))
    if answer.status != 201:
        raise LabError(f"POST {url}: 201 expected, found {answer}\n"
                       + lab.services["backend"].tail())
    return answer.json()
