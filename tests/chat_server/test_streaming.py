"""Bodies of requests: whole, in order, bounded, and never on disk."""

import hashlib
import http.client
import os
import secrets
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.deployment import ROOT, wait_until

MIB = 1024 * 1024


class CountServer:
    """The program `count_server`, with a temporary directory of its own."""

    def __init__(self, temporary: Path) -> None:
        self.temporary = temporary
        self.process = subprocess.Popen(
            [sys.executable, "-m", "tests.chat_server.count_server"],
            cwd=ROOT,
            env={**os.environ, "TMPDIR": str(temporary), "DJANGO_SETTINGS_MODULE": "chat_server.settings"},
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.output = self.process.stdout
        self.place = self.output.readline().strip().removeprefix("http://")

    def connect(self) -> http.client.HTTPConnection:
        return http.client.HTTPConnection(self.place, timeout=20)

    def post(self, path: str, body: bytes, *, chunked: bool = False) -> tuple[int, bytes]:
        connection = self.connect()
        parts = [body[at : at + 60_000] for at in range(0, len(body), 60_000)]
        connection.request(
            "POST", path, iter(parts) if chunked else body, encode_chunked=chunked, headers=self.headers(chunked)
        )
        response = connection.getresponse()
        answer = response.status, response.read()
        connection.close()
        return answer

    @staticmethod
    def headers(chunked: bool) -> dict[str, str]:
        return {"Transfer-Encoding": "chunked"} if chunked else {}

    def memory(self) -> int:
        """Resident bytes of the process."""
        return int(Path(f"/proc/{self.process.pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")

    def files(self) -> set[str]:
        """What the process has open, deleted files included."""
        links = [str(entry.readlink()) for entry in Path(f"/proc/{self.process.pid}/fd").iterdir()]
        return {link for link in links if link.startswith(str(self.temporary))}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[CountServer]:
    made = CountServer(tmp_path_factory.mktemp("temporary"))
    yield made
    made.process.kill()
    made.process.wait()
    made.output.close()


def counted(body: bytes) -> bytes:
    return f"{len(body)} {hashlib.sha256(body).hexdigest()}".encode()


@pytest.mark.parametrize("chunked", [False, True])
@pytest.mark.parametrize("size", [0, 1, 8192, 256 * 1024, 256 * 1024 + 1, 5 * MIB])
def test_every_body_arrives_whole_and_in_order(server: CountServer, size: int, chunked: bool) -> None:
    body = secrets.token_bytes(size)
    status, answer = server.post("/", body, chunked=chunked)
    assert status == 200
    assert answer.startswith(counted(body))


def test_a_long_body_starts_its_application_before_it_has_ended_and_never_touches_the_disk(server: CountServer) -> None:
    connection = server.connect()
    connection.putrequest("POST", "/")
    connection.putheader("Content-Length", str(4 * MIB))
    connection.endheaders()
    body = secrets.token_bytes(4 * MIB)
    connection.send(body[: 3 * MIB])
    assert server.files() == set()
    connection.send(body[3 * MIB :])
    answer = connection.getresponse().read()
    assert answer.startswith(counted(body))
    assert int(answer.split()[2]) > 3, "it came as one message"
    connection.close()


def test_a_client_far_ahead_of_the_application_is_held_back(server: CountServer) -> None:
    before = server.memory()
    body = bytes(24 * MIB)
    connection = server.connect()
    connection.putrequest("POST", "/slow")
    connection.putheader("Content-Length", str(len(body)))
    connection.endheaders()
    connection.sock.settimeout(1.0)
    with pytest.raises(TimeoutError):  # the server has stopped reading
        connection.sock.sendall(body)
    assert server.memory() - before < 12 * MIB
    connection.close()


def test_a_sender_that_goes_away_is_noticed_by_the_application(server: CountServer) -> None:
    connection = server.connect()
    connection.putrequest("POST", "/")
    connection.putheader("Content-Length", str(4 * MIB))
    connection.endheaders()
    connection.send(bytes(2 * MIB))
    connection.close()
    wait_until(lambda: server.output.readline().startswith("gone after"), what="the disconnect")


def test_an_answer_before_the_end_of_the_body_reaches_a_client_that_sends_first(server: CountServer) -> None:
    connection = server.connect()
    for _ in range(2):  # the connection stays usable
        connection.request("POST", "/early", bytes(6 * MIB))
        response = connection.getresponse()
        assert response.status == 200
        assert response.read().startswith(b"0 ")
    connection.close()


@pytest.mark.parametrize("chunked", [False, True])
def test_a_body_over_the_bound_is_answered_with_a_coded_bilingual_413(server: CountServer, chunked: bool) -> None:
    status, answer = server.post("/bounded", bytes(2 * MIB), chunked=chunked)
    assert status == 413
    assert b'"code": "too_big"' in answer
    assert "内容太大".encode() in answer


def test_a_body_under_the_bound_passes(server: CountServer) -> None:
    body = secrets.token_bytes(MIB)
    assert server.post("/bounded", body)[1].startswith(counted(body))


def test_a_body_that_announces_more_than_anything_takes_is_cut_off(server: CountServer) -> None:
    connection = server.connect()
    connection.putrequest("POST", "/")
    connection.putheader("Content-Length", str(1024 * MIB))
    connection.endheaders()
    with pytest.raises((http.client.RemoteDisconnected, ConnectionError)):
        connection.getresponse()
    connection.close()
    assert server.post("/", b"still here")[0] == 200
