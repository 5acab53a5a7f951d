"""What every answer carries, whoever gives it: Django, the poll beside it, nginx in front of them; and the cookies."""

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.test import override_settings

from consult.sockets.bare_http import HEADERS
from consult.sockets.handshake import origin_allowed
from tests.deployment import ROOT

NGINX = (ROOT / "deploy" / "nginx.conf").read_text()
STATIC = {
    "Cache-Control",
    "X-Content-Type-Options",
    "Strict-Transport-Security",
    "Cross-Origin-Resource-Policy",
    "Referrer-Policy",
}

ASKED = """
import django, json; django.setup()
from django.conf import settings as s
print(json.dumps([s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_SECURE, s.CSRF_COOKIE_SECURE, s.SESSION_COOKIE_HTTPONLY,
    s.SESSION_COOKIE_PATH, s.SESSION_COOKIE_DOMAIN, s.SECURE_HSTS_SECONDS, s.XINQIAO_STAFF_FACTOR]))
"""


def location(opening: str) -> str:
    """The body of one location, without the locations inside it."""
    start = NGINX.index(opening) + len(opening)
    depth, end = 1, start
    while depth:
        depth += {"{": 1, "}": -1}.get(NGINX[end], 0)
        end += 1
    return re.sub(r"location [^{]+\{[^}]*\}", "", NGINX[start : end - 1])


@pytest.mark.parametrize("opening", ["location /static/ {", "location ~ ^/static/assets/(.*)$ {"])
def test_nginx_says_with_files_what_the_server_would(opening: str) -> None:
    assert set(re.findall(r"add_header ([A-Za-z-]+)", location(opening))) >= STATIC


def test_what_is_answered_before_django_is_as_closed_as_any_other_answer() -> None:
    names = {name.decode() for name, _ in HEADERS}
    assert names >= {"cache-control", "x-content-type-options", "content-security-policy", "cross-origin-resource-policy"}
    assert "Strict-Transport-Security" not in location("location /poll/ {"), "where it is asked for by TLS, the answer has it"


def test_with_tls_cookies_belong_to_this_host_alone(tmp_path: Path) -> None:
    env = {**os.environ, "DJANGO_SETTINGS_MODULE": "chat_server.settings", "XINQIAO_DATA": str(tmp_path)}
    env |= {"XINQIAO_ORIGINS": "https://chat.example.org", "XINQIAO_SECRET_KEY": "x" * 50}
    env.pop("XINQIAO_STAFF_FACTOR", None)
    done = subprocess.run([sys.executable, "-c", ASKED], cwd=ROOT, env=env, capture_output=True, text=True, check=True)
    session, csrf, *rest = json.loads(done.stdout)
    assert (session, csrf) == ("__Host-xinqiao_session", "__Host-xinqiao_csrf")
    assert rest == [True, True, True, "/", None, 31_536_000, "required"], "and staff need a second factor unless told otherwise"
    assert "__Host-xinqiao_session=" in NGINX


def test_with_tls_no_page_without_it_opens_a_socket() -> None:
    def scope(origin: str) -> dict[str, object]:
        return {"headers": [(b"host", b"chat.example.org"), (b"origin", origin.encode())]}

    with override_settings(XINQIAO_HTTPS=True, XINQIAO_ORIGINS=[]):
        origins = ("https://chat.example.org", "http://chat.example.org", "https://chat.example.org.evil.example", "null", "")
        assert [origin_allowed(scope(origin)) for origin in origins] == [True, False, False, False, False]
