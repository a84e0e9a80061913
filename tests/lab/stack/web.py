"""nginx: one listener serves the UI, another proxies the API, a third is an https front of both."""

from __future__ import annotations

import signal
from pathlib import Path

from stack import front, keys
from stack.config import Addresses, Config
from stack.process import Service

UI_SOURCES = Path(__file__).resolve().parent.parent / "ui"
PUBLISHED = {
    "index.html": "index.html",
    "style.css": "_next/static/css/7c1d0e5b2f94a863.css",
    "framework.js": "_next/static/chunks/framework-4be3c1a07d52f689.js",
    "app.js": "_next/static/chunks/974-5d0f2a91c37be846.js",
}
CHUNK_PATH = "/" + PUBLISHED["app.js"]

# A document request without a Clerk session is sent to Clerk and back once, as the real UI's
# middleware does; API-like requests (curl's Accept: */*) get the page.
NGINX_CONF = """\
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log info;
worker_processes 1;
events {{ worker_connections 512; }}
http {{
  types {{ text/html html; text/css css; application/javascript js; }}
  default_type application/octet-stream;
  access_log {folder}/access.log;
  client_body_temp_path {folder}/body;
  proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi;
  scgi_temp_path {folder}/scgi;
  map "{auth_mode}:$http_sec_fetch_dest:$http_accept" $document {{
    default 0; "~^clerk:(document|iframe):" 1; "~^clerk::text/html" 1;
  }}
  map "$document:$arg___clerk_handshake:$cookie___clerk_db_jwt" $handshake {{
    default ""; "~^1::$" begin; "~^1:.+:" finish;
  }}
  server {{
    listen 127.0.0.1:{ui_port};
    access_log {folder}/ui-access.log;
    root {folder}/site;
    location /_next/ {{ }}
    location / {{
      {ui_location}
      if ($handshake = begin) {{
        add_header x-clerk-auth-status handshake always;
        add_header x-clerk-auth-reason dev-browser-missing always;
        return 307 "{handshake_url}";
      }}
      if ($handshake = finish) {{
        add_header Set-Cookie "__clerk_db_jwt=$arg___clerk_handshake; Path=/; SameSite=Lax";
        return 307 $scheme://$http_host$uri;
      }}
      try_files $uri /index.html;
    }}
  }}
  server {{
    listen 127.0.0.1:{api_port};
    access_log {folder}/api-access.log;
    location / {{
      proxy_pass {upstream};
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
      proxy_set_header X-Forwarded-Proto $scheme;
      proxy_buffering off;
      proxy_connect_timeout 2s;
      proxy_read_timeout {api_read_timeout};
      {api_location}
    }}
  }}
  server {{
    listen 127.0.0.1:{front_port} {front_listen};
    ssl_certificate {folder}/front.pem;
    ssl_certificate_key {folder}/front.key;
    access_log {folder}/front-access.log;
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-Proto $scheme;
    {front_directives}
    location ~ ^/(api/|health|healthz$|readyz$|openapi.json$) {{ proxy_pass {api}; }}
    location / {{
      {front_location}
      proxy_pass {ui};
    }}
  }}
}}
"""


def write(folder: Path, addresses: Addresses, config: Config) -> None:
    """Build the site and the configuration; both are read by nginx's unprivileged worker."""
    site = folder / "site"
    publishable_key = config.frontend_env["NEXT_PUBLIC_CLERK_PUBLISHABLE_KEY"]
    has_clerk = config.baked_auth_mode == "clerk" and keys.is_publishable(publishable_key)
    values = {
        "@API_URL@": config.baked_api_url,
        "@AUTH_MODE@": config.baked_auth_mode,
        "@PUBLISHABLE_KEY@": publishable_key,
    }
    for source, target in PUBLISHED.items():
        text = (UI_SOURCES / source).read_text()
        for placeholder, value in values.items():
            text = text.replace(placeholder, value)
        path = site / target
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    front.write(folder, config.front)
    (folder / "nginx.conf").write_text(
        NGINX_CONF.format(
            folder=folder,
            auth_mode="clerk" if has_clerk else "none",
            ui_port=addresses.ports["ui"],
            api_port=addresses.ports["api"],
            front_port=addresses.ports["front"],
            api=addresses.api,
            ui=addresses.ui,
            upstream=config.api_upstream,
            api_location=config.api_location,
            api_read_timeout=config.api_read_timeout,
            front_listen=config.front.listen,
            front_directives="\n".join(config.front.directives),
            front_location=config.front.location,
            ui_location=config.ui_location,
            handshake_url=(
                f"{config.handshake_at}/v1/client/handshake?redirect_url={config.own_url}$uri"
                "&__clerk_hs_reason=dev-browser-missing"
            ),
        )
    )


def service(folder: Path) -> Service:
    log = folder / "error.log"
    argv = ["/usr/sbin/nginx", "-p", str(folder), "-e", str(log), "-c", str(folder / "nginx.conf")]
    return Service("nginx", argv, (log, log), stop_signal=signal.SIGTERM)
