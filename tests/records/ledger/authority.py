"""A time-stamping authority: certificates of its own, `openssl ts` behind HTTP on a port of its own."""

import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CONFIGURATION = """
[tsa]
default_tsa = here
[here]
serial = {place}/serial
signer_cert = {place}/tsa.pem
signer_key = {place}/tsa.key
signer_digest = sha256
default_policy = 1.2.3.4.1
digests = sha256
accuracy = secs:1
ess_cert_id_alg = sha256
"""


@dataclass(frozen=True)
class Stamper:
    """`root` is the file of the certificate that its stamps are to be believed under."""

    place: Path
    root: Path

    def reply(self, query: bytes) -> bytes:
        (self.place / "query.tsq").write_bytes(query)
        words = [
            "openssl",
            "ts",
            "-reply",
            "-config",
            "tsa.cnf",
            "-section",
            "here",
            "-queryfile",
            "query.tsq",
            "-out",
            "reply.tsr",
        ]
        subprocess.run(words, cwd=self.place, check=True, capture_output=True)
        return (self.place / "reply.tsr").read_bytes()

    def another(self, purposes: list[x509.ObjectIdentifier], *, critical: bool) -> x509.Certificate:
        """A certificate for its key, with the issuer, the number and the days of its own, signed by that key."""
        own = x509.load_pem_x509_certificate((self.place / "tsa.pem").read_bytes())
        key = serialization.load_pem_private_key((self.place / "tsa.key").read_bytes(), None)
        assert isinstance(key, ec.EllipticCurvePrivateKey)
        builder = x509.CertificateBuilder(own.issuer, own.subject, key.public_key(), own.serial_number)
        builder = builder.not_valid_before(own.not_valid_before_utc).not_valid_after(own.not_valid_after_utc)
        return builder.add_extension(x509.ExtendedKeyUsage(purposes), critical=critical).sign(key, hashes.SHA256())


def stamper(place: Path, *, days: int = 1) -> Stamper:
    """An authority whose certificate ends in so many days; one that has ended signs all the same."""
    place.mkdir()
    now = datetime.now(UTC)
    root_key, key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    root = _certificate("Test root", root_key, None, root_key, now + timedelta(days=10))
    own = _certificate("Test TSA", key, root, root_key, now + timedelta(days=days))
    (place / "root.pem").write_bytes(root.public_bytes(serialization.Encoding.PEM))
    (place / "tsa.pem").write_bytes(own.public_bytes(serialization.Encoding.PEM))
    pem, plain = serialization.Encoding.PEM, serialization.NoEncryption()
    (place / "tsa.key").write_bytes(key.private_bytes(pem, serialization.PrivateFormat.PKCS8, plain))
    (place / "serial").write_text("01\n")
    (place / "tsa.cnf").write_text(CONFIGURATION.format(place=place))
    return Stamper(place, place / "root.pem")


@contextmanager
def listening(answer: "Stamper | bytes") -> Iterator[str]:
    """Yield the address of an authority; of one that always answers the same, for bytes."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            query = self.rfile.read(int(self.headers["Content-Length"]))
            body = answer if isinstance(answer, bytes) else answer.reply(query)
            self.send_response(200)
            self.send_header("Content-Type", "application/timestamp-reply")
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base class's name
            """Tests print nothing."""

    with HTTPServer(("127.0.0.1", 0), Handler) as server:
        thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        thread.start()
        try:
            yield f"http://127.0.0.1:{server.server_port}/tsa"
        finally:
            server.shutdown()
            thread.join()


def _certificate(
    name: str, key: ec.EllipticCurvePrivateKey, issuer: x509.Certificate | None, by: ec.EllipticCurvePrivateKey, until: datetime
) -> x509.Certificate:
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(until - timedelta(days=20))
        .not_valid_after(until)
        .add_extension(x509.BasicConstraints(ca=issuer is None, path_length=None), critical=True)
    )
    if issuer is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.TIME_STAMPING]), critical=True)
    return builder.sign(by, hashes.SHA256())
