"""How the load generator reads what servers say, cut wherever a network may cut it."""

import asyncio
import json
from collections.abc import Iterable

import pytest

from bench import keepalive
from bench.clients import chat, matrix, xmpp
from bench.clients.words import CHARACTERS, TEXT
from bench.run import Pair, Run, Task

PAIR = Pair("listener0@localhost/bench", "speaker0@localhost/bench secret", "secret")


def a_run(client: str) -> Run:
    """A measurement of nothing, with three messages sent."""
    run = Run(Task(client, "127.0.0.1", 1, [PAIR], [], 1.0, rate=1.0))
    for _ in range(3):
        run.number(0.0)
    return run


def cuts(data: bytes) -> Iterable[tuple[bytes, bytes]]:
    return ((data[:at], data[at:]) for at in range(1, len(data)))


def test_everybody_sends_the_same_text_and_nothing_in_it_needs_escaping() -> None:
    assert len(TEXT) == CHARACTERS
    assert json.dumps(TEXT, ensure_ascii=False) == f'"{TEXT}"'
    assert not set(TEXT) & set("<>&'")


def test_the_product_acknowledges_by_id_and_delivers_by_client_id() -> None:
    product = chat.DIALECTS["product"]
    assert product.acknowledged(b'{"type":"ack","id":"00000007","seq":3}') == 7
    assert product.acknowledged(b'{"type":"ack","id":"follow"}') == -1
    events = (
        b'{"type":"timeline","events":[{"client_id":"abcd00000001"},{"client_id":"else00000002"},{"client_id":"abcd00000003"}]}'
    )
    assert list(product.delivered(events, b"abcd")) == [1, 3]


async def test_an_answer_of_ejabberd_acknowledges_all_messages_up_to_its_count() -> None:
    run = a_run("ejabberd")
    speaker = xmpp.XmppSpeaker(run, PAIR)
    speaker._waiting.extend([0, 1, 2])
    speaker.heard(b"<a h='2' xmlns='urn:xmpp:sm:3'")
    assert list(run.acks) == [1, 1, 0]
    speaker.heard(b"<a xmlns='urn:xmpp:sm:3' h='3'")
    assert list(run.acks) == [1, 1, 1]
    assert run.errors == []


async def test_a_message_of_ejabberd_counts_once_wherever_the_stream_is_cut() -> None:
    mark = a_run("ejabberd").mark
    message = "<message id='{}{}'><stanza-id xmlns='urn:xmpp:sid:0' id='17'/><body>早</body></message>"
    data = (message.format(mark, "00000001") + message.format(mark, "00000002")).encode()
    for first, second in cuts(data):
        run = a_run("ejabberd")
        run.mark = mark
        speaker, stream = xmpp.XmppSpeaker(run, PAIR), xmpp.Stream(run.failed)
        stream.live(b"</message>", speaker.listened)
        stream.data_received(first)
        stream.data_received(second)
        assert list(run.hears) == [0, 1, 1]
        assert run.errors == []


async def test_a_message_that_ejabberd_did_not_archive_is_an_error() -> None:
    run = a_run("ejabberd")
    xmpp.XmppSpeaker(run, PAIR).listened(f"<message id='{run.mark}00000001'><body>早</body>".encode())
    assert len(run.errors) == 1


async def test_setting_up_a_stream_waits_for_the_end_of_what_it_expects() -> None:
    stream = xmpp.Stream(print)
    waiting = asyncio.ensure_future(stream.until(b"</stream:features>"))
    await asyncio.sleep(0)
    stream.data_received(b"<stream:stream><stream:feat")
    stream.data_received(b"ures/></stream:features><success/>")
    assert await waiting == b"<stream:stream><stream:features/>"
    assert await stream.until(b"/>") == b"<success"


@pytest.mark.parametrize(
    "data",
    [
        b'HTTP/1.1 200 OK\r\ncontent-LENGTH: 9\r\nServer: x\r\n\r\n{"a": 12}',
        b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\n{"a\r\n6;x=y\r\n": 12}\r\n0\r\n\r\n',
    ],
    ids=["length", "chunks"],
)
def test_an_http_answer_is_whole_only_when_its_last_byte_is_there(data: bytes) -> None:
    assert keepalive.parse(data) == (200, b'{"a": 12}')
    assert all(keepalive.parse(first) is None for first, _ in cuts(data))


def test_an_http_request_carries_its_length() -> None:
    assert keepalive.request("PUT", "/x", {"Host": "h"}, b"{}") == b"PUT /x HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\n\r\n{}"
    assert keepalive.request("GET", "/x", {"Host": "h"}) == b"GET /x HTTP/1.1\r\nHost: h\r\n\r\n"


async def test_a_message_to_synapse_is_one_whole_request() -> None:
    speaker = matrix.MatrixSpeaker(a_run("synapse"), Pair("!room:bench.invalid", "token", "other 0"))
    before, between, after = speaker._parts
    data = b"".join((before, b"00000007", between, b"00000007", after))
    head, _, body = data.partition(b"\r\n\r\n")
    assert f"Content-Length: {len(body)}".encode() in head
    assert json.loads(body) == {"msgtype": "m.text", "client_id": f"{speaker.run.mark}00000007", "body": TEXT}
    assert head.split(b"\r\n")[0] == (
        f"PUT /_matrix/client/v3/rooms/%21room%3Abench.invalid/send/m.room.message/{speaker.run.mark}00000007 HTTP/1.1".encode()
    )


def test_a_sync_of_synapse_delivers_what_carries_the_mark() -> None:
    body = b'{"rooms":{"e":[{"content":{"client_id":"abcd00000001"}},{"content":{"client_id":"else00000001"}}]}}'
    assert list(matrix.delivered(body, b"abcd")) == [1]
