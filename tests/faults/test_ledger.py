"""`kill -9` of the server that sequences, while people talk: who watches the log over HTTP never sees it lie, and all is logged soon."""

import asyncio
import time

from records.ledger import notes
from records.ledger.monitoring import WELL, Memory, Policy, Report, watch
from tests.deployment import PATIENCE_SECONDS, Server, wait_until
from tests.faults.conftest import Ward
from tests.faults.people import Sender, some_time
from tests.faults.tables import rows

PATIENTS = ["wang", "li"]
PROMISE_S = 1.0  # after which an act that was committed is under a signed checkpoint
FEW = 2
POSTED = "SELECT count(*) FROM records_leaf WHERE kind = 'message.posted'"


def look(ward: Ward, server: Server, seen: Memory | None) -> Report:
    """As `manage.py monitor` does, with what it remembers."""
    key = notes.parse_signer((ward.hospital.data / "keys" / "ledger.key").read_text()).verifier
    return watch(server.url, Policy(key), seen, int(time.time()))


def until_logged(ward: Ward) -> float:
    """Wait until nothing waits for its place in the tree; return how long that took, in seconds."""
    began = time.monotonic()
    wait_until(
        lambda: rows(ward.hospital, "SELECT count(*) FROM records_pendingleaf") == [(0,)],
        what="the logging of what was acknowledged",
    )
    return time.monotonic() - began


async def watched_and_killed(ward: Ward, senders: list[Sender], seen: Memory | None, seconds: float) -> Report:
    """Look at the log while everybody talks, kill the server `seconds` later; return what was seen."""
    server, until = ward.servers[0], asyncio.Event()
    for sender in senders:
        sender.heard.clear()
    talking = [asyncio.create_task(sender.talk(server, until)) for sender in senders]
    async with asyncio.timeout(PATIENCE_SECONDS):
        await asyncio.gather(*(sender.heard.wait() for sender in senders))
    report = await asyncio.to_thread(look, ward, server, seen)
    await asyncio.sleep(seconds)
    await ward.kill(0)
    until.set()
    await asyncio.gather(*talking)
    return report


async def test_after_each_kill_the_log_continues_what_a_stranger_saw(ward: Ward, rounds: int) -> None:
    senders, seen, waited = [Sender(who) for who in PATIENTS], None, list[float]()
    before = rows(ward.hospital, POSTED)[0][0]
    for seed in range(rounds):
        during = await watched_and_killed(ward, senders, seen, some_time(seed + 100, 0.0, 0.6))
        assert (during.status, during.sentences("en")) == (WELL, [])
        await ward.restart(0)
        waited.append(await asyncio.to_thread(until_logged, ward))
        after = await asyncio.to_thread(look, ward, ward.servers[0], during.seen)
        assert (after.status, after.sentences("en")) == (WELL, [])
        seen = after.seen
    await asyncio.to_thread(ward.hospital.manage, "verify_ledger")
    places = rows(ward.hospital, 'SELECT count(*), count(DISTINCT leaf_id), max("index") + 1 FROM records_treeentry')[0]
    assert len(set(places)) == 1, "every leaf has one place, and no place is empty"
    acknowledged, logged = sum(sender.said for sender in senders), rows(ward.hospital, POSTED)[0][0] - before
    assert acknowledged <= logged <= acknowledged + len(senders), "each act once; the last of each may not have been told so"
    print(
        f"{rounds} kills, {acknowledged} acts acknowledged, {logged} logged, all of them {max(waited):.2f} s after each at most"
    )
    if rounds > FEW:  # beside the whole suite a machine may be slower than the promise once
        assert max(waited) <= PROMISE_S, waited
