"""An OpenID Connect provider in a thread of the test: real HTTP, real keys, real signatures."""

import hashlib
import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
from cryptography.hazmat.primitives.asymmetric import ec

from tests.cast import Browser

CLIENT, SECRET = "xinqiao", "a secret between the two"


class Provider:
    """Signs in whoever `login` names. `changed` alters what the token says, `key` who signs it."""

    def __init__(self) -> None:
        self.key = self.published = ec.generate_private_key(ec.SECP256R1())
        self.login = "D1001"
        self.asked: dict[str, str] = {}  # the authorization request
        self.changed: Callable[[dict[str, Any]], dict[str, Any]] = dict
        self.algorithm = "ES256"
        self.server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self.issuer = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        provider = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                places = {"authorization_endpoint": "authorize", "token_endpoint": "token", "jwks_uri": "keys"}
                if self.path.startswith("/authorize"):
                    return self._send_back()
                known = {name: f"{provider.issuer}/{path}" for name, path in places.items()}
                return self._answer(provider.keys() if self.path == "/keys" else {"issuer": provider.issuer, **known})

            def _send_back(self) -> None:
                """Somebody whom the provider knows already: straight back, with a code."""
                provider.hear(self.path)
                self.send_response(302)
                self.send_header(
                    "Location", f"{provider.asked['redirect_uri']}?state={provider.asked['state']}&code=the%20code"
                )
                self.end_headers()

            def do_POST(self) -> None:
                form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
                sent = {name: values[0] for name, values in form.items()}
                self._answer({"id_token": provider.token(sent), "token_type": "Bearer"})

            def _answer(self, body: dict[str, Any]) -> None:
                data = json.dumps(body).encode()
                self.send_response(200)
                self.send_header("Content-Type", "application/json")
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data)

            def log_request(self, code: int | str = "-", size: int | str = "-") -> None:
                """Say nothing."""

        return Handler

    def hear(self, address: str) -> None:
        """Remember an authorization request."""
        self.asked = {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}

    def keys(self) -> dict[str, Any]:
        public = json.loads(jwt.algorithms.ECAlgorithm.to_jwk(self.published.public_key()))
        return {"keys": [{**public, "kid": "1", "alg": "ES256", "use": "sig"}]}

    def token(self, sent: dict[str, str]) -> str:
        """Checks what a provider checks: the code, the client, and that whoever began it ends it (RFC 7636)."""
        challenge = jwt.utils.base64url_encode(hashlib.sha256(sent["code_verifier"].encode()).digest())
        right = (sent["code"], sent["client_id"], sent["client_secret"], challenge.decode(), sent["redirect_uri"])
        if right != ("the code", CLIENT, SECRET, self.asked["code_challenge"], self.asked["redirect_uri"]):
            return ""
        now = int(time.time())
        claims = {"iss": self.issuer, "aud": CLIENT, "sub": "42", "iat": now, "exp": now + 60, "nonce": self.asked["nonce"]}
        claims |= {"preferred_username": self.login}
        key: Any = self.key if self.algorithm == "ES256" else "a string that is no key but long enough for one"
        return jwt.encode(self.changed(claims), key, self.algorithm, {"kid": "1"})

    def visit(self, browser: Browser) -> Any:
        """Go to the provider and come back, as a browser does; returns the product's last answer."""
        sent = browser.get("/api/session/sso")
        assert sent.status_code == 302, sent.content
        self.hear(sent["Location"])
        return browser.get(f"/api/session/sso/callback?state={self.asked['state']}&code=the%20code")
