"""The UI, Clerk's stand-in and the files of the lab."""

from __future__ import annotations

import base64
import ssl
import tomllib
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from stack import export, keys, runbook
from stack.client import fetch
from stack.config import write_env_file
from stack.lab import Lab

DOCUMENT = {"Accept": "text/html,application/xhtml+xml"}


def test_publishable_key_decodes_to_the_frontend_api(lab: Lab) -> None:
    kind, flavour, encoded = lab.clerk.publishable_key.split("_")
    padded = encoded + "=" * (-len(encoded) % 4)
    assert (kind, flavour) == ("pk", "test")
    assert base64.b64decode(padded).decode() == f"{urlsplit(lab.addresses.clerk).netloc}$"


def test_key_set_is_real(lab: Lab) -> None:
    url = f"{lab.addresses.clerk}/.well-known/jwks.json"
    [key] = fetch(url, ca=lab.clerk.ca).json()["keys"]
    assert (key["kty"], key["alg"], key["use"]) == ("RSA", "RS256", "sig")
    assert jwt.PyJWK(key).key.key_size == keys.KEY_BITS
    claims = jwt.decode(lab.clerk.token, jwt.PyJWK(key).key, algorithms=["RS256"])
    assert claims["iss"] == lab.addresses.clerk


def test_secret_key_is_needed(lab: Lab) -> None:
    url = f"{lab.addresses.clerk}/v1/jwks"
    refused = fetch(url, headers={"Authorization": "Bearer sk_test_revoked"}, ca=lab.clerk.ca)
    assert refused.status == 401
    assert refused.json()["errors"][0]["code"] == "clerk_key_invalid"


def test_certificate_is_of_the_labs_own_ca(lab: Lab) -> None:
    with pytest.raises(ssl.SSLCertVerificationError):
        fetch(f"{lab.addresses.clerk}/.well-known/jwks.json")


def test_handshake_goes_to_clerk_and_back(lab: Lab) -> None:
    away = fetch(lab.addresses.ui + "/boards", headers=DOCUMENT)
    target = urlsplit(away.header("location"))
    assert (away.status, away.header("x-clerk-auth-reason")) == (307, "dev-browser-missing")
    assert f"{target.scheme}://{target.netloc}" == lab.addresses.clerk
    assert target.path == "/v1/client/handshake"
    assert parse_qs(target.query)["__clerk_hs_reason"] == ["dev-browser-missing"]
    back = fetch(target.geturl(), ca=lab.clerk.ca)
    assert back.status == 307
    landed = fetch(back.header("location"), headers=DOCUMENT)
    assert (landed.status, landed.header("location")) == (307, lab.addresses.ui + "/boards")
    cookie = {"Cookie": landed.header("set-cookie").partition(";")[0]}
    assert fetch(landed.header("location"), headers={**DOCUMENT, **cookie}).status == 200


def test_missing_assets_are_404(lab: Lab) -> None:
    assert fetch(lab.addresses.ui + "/_next/static/chunks/none.js").status == 404


def test_env_files_differ_where_compose_overrides(lab: Lab) -> None:
    backend = (lab.folder / "backend.env").read_text()
    assert f"@db:{lab.addresses.ports['postgres']}/mission_control" in backend
    assert "@db:" not in lab.services["backend"].env["DATABASE_URL"]
    root = (lab.folder / "root.env").read_text()
    assert f"NEXT_PUBLIC_API_URL={lab.addresses.api}\n" in root
    assert "CLERK_SECRET_KEY" not in root


def test_env_file_dialect(lab: Lab) -> None:
    path = lab.folder / "sample.env"
    write_env_file(path, {"PLAIN": "a-b", "EMPTY": "", "ODD": "a b$c#d"})
    assert path.read_text() == "PLAIN=a-b\nEMPTY=\nODD='a b$c#d'\n"


def test_runbook_points_the_bundled_one_at_the_lab(lab: Lab) -> None:
    path = export.variables(lab, ["db-down"])["LAB_RUNBOOK"]
    with open(path, "rb") as file:
        document = tomllib.load(file)
    assert (document["triage"], document["name"]) == (1, "lab")
    [bundled] = document["include"]
    ours = Path(bundled).read_text().splitlines()
    left_out = [line for line in runbook.BUNDLED.read_text().splitlines() if line not in ours]
    assert 3 < len(left_out) < 12 and 'id = "deploy"' in map(str.strip, left_out), left_out
    assert document["vars"]["api"] == lab.addresses.api
    assert document["vars"]["origins"] == [lab.addresses.ui]


def test_readme_lists_every_variable(lab: Lab) -> None:
    readme = (runbook.BUNDLED.parents[1] / "tests/lab/README.md").read_text()
    assert [name for name in export.variables(lab, []) if f"`{name}`" not in readme] == []
