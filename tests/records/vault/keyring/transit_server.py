"""The wire format of Vault's transit engine, for a contract test: no package carries Vault itself.

Written from the engine's published HTTP API: real AES-GCM, versions, tokens, and the refusals whose words the client goes by.
"""

import base64
import json
import secrets
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

DECRYPTION = "min_decryption_version"


class Refuse(Exception):
    def __init__(self, status: int, *errors: str) -> None:
        super().__init__(status)
        self.status, self.errors = status, errors


class Transit:
    """The engine at `transit/`. `token` is the one that is taken now; `asked` what was called."""

    def __init__(self) -> None:
        self.token = "first-token"
        self.keys: dict[str, dict[int, tuple[int, bytes]]] = {}
        self.least: dict[tuple[str, str], int] = {}
        self.asked: list[str] = []

    def answer(self, method: str, path: str, token: str | None, body: dict[str, Any]) -> dict[str, Any] | None:
        if token != self.token:
            raise Refuse(403, "permission denied")
        root, what, name, *more = path.strip("/").removeprefix("v1/").split("/")
        if root != "transit":
            raise Refuse(404, f'no handler for route "{path}"')
        self.asked.append("/".join([what, *more]))
        if what == "keys" and method in {"POST", "PUT"} and not more:
            self.keys.setdefault(name, {1: (int(time.time()), secrets.token_bytes(32))})
            self.least.setdefault((name, DECRYPTION), 1)
            return None
        if name not in self.keys:
            raise Refuse(404)
        work = getattr(self, "_" + "_".join([what, *more]))
        answer: dict[str, Any] | None = work(name, body)
        return answer

    def _keys(self, name: str, _body: dict[str, Any]) -> dict[str, Any]:
        versions = {str(number): since for number, (since, _) in self.keys[name].items()}
        least = {DECRYPTION: self.least[name, DECRYPTION], "min_available_version": min(self.keys[name])}
        return {"name": name, "type": "aes256-gcm96", "latest_version": max(self.keys[name]), "keys": versions, **least}

    def _keys_rotate(self, name: str, _body: dict[str, Any]) -> None:
        self.keys[name][max(self.keys[name]) + 1] = (int(time.time()), secrets.token_bytes(32))

    def _keys_config(self, name: str, body: dict[str, Any]) -> None:
        for what, number in body.items():
            self.least[name, what] = number

    def _keys_trim(self, name: str, body: dict[str, Any]) -> None:
        least: int = body["min_available_version"]
        if "min_encryption_version" not in {what for of, what in self.least if of == name}:
            raise Refuse(400, "minimum available version cannot be set when minimum encryption version is not set")
        if least > min(self.least[name, DECRYPTION], self.least[name, "min_encryption_version"]):
            raise Refuse(400, "minimum available version cannot be higher than minimum decryption and encryption version")
        self.keys[name] = {number: key for number, key in self.keys[name].items() if number >= least}

    def _encrypt(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        version, nonce = max(self.keys[name]), secrets.token_bytes(12)
        plain, extra = base64.b64decode(body["plaintext"]), base64.b64decode(body["associated_data"])
        sealed = nonce + AESGCM(self.keys[name][version][1]).encrypt(nonce, plain, extra)
        return {"ciphertext": f"vault:v{version}:{base64.b64encode(sealed).decode()}", "key_version": version}

    def _decrypt(self, name: str, body: dict[str, Any]) -> dict[str, Any]:
        _, version, text = body["ciphertext"].split(":")
        number, sealed, extra = int(version[1:]), base64.b64decode(text), base64.b64decode(body["associated_data"])
        if number < self.least[name, DECRYPTION] or number not in self.keys[name]:
            raise Refuse(400, "ciphertext or signature version is disallowed by policy (too old)")
        try:
            plain = AESGCM(self.keys[name][number][1]).decrypt(sealed[:12], sealed[12:], extra)
        except InvalidTag:
            raise Refuse(400, "cipher: message authentication failed") from None
        return {"plaintext": base64.b64encode(plain).decode()}


@contextmanager
def served(engine: Transit) -> Iterator[str]:
    """Answer on a free port of loopback; gives the address."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length) or b"{}")
            try:
                data = engine.answer(self.command, self.path, self.headers.get("X-Vault-Token"), body)
                status, sent = (200, json.dumps({"data": data}).encode()) if data is not None else (204, b"")
            except Refuse as refused:
                status, sent = refused.status, json.dumps({"errors": list(refused.errors)}).encode()
            self.send_response(status)
            self.send_header("Content-Type", "application/json")
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        def do_POST(self) -> None:
            self.do_GET()

        def log_message(self, *_: object) -> None: ...

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,))
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
