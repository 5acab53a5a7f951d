"""Acknowledgements are lost: everything is sent again, and stands there once."""

import random

from tests.faults.conftest import Ward
from tests.faults.conversation import agree, conversation
from tests.faults.proxy import Way, everything, heard, proxied

SENDS = 1_000


async def no_acks(way: Way, payload: bytes) -> bool:
    return way is Way.UP or heard(payload)["type"] != "ack"


async def test_a_thousand_sends_whose_acknowledgements_are_all_lost_are_a_thousand_messages(ward: Ward, rounds: int) -> None:
    for seed in range(rounds):
        async with (
            proxied(ward.at(0), no_acks) as proxy,
            conversation(ward.servers[0], ["wang", "zhao"], [lambda: proxy.url, ward.at(1)]) as (wang, zhao),
        ):
            first = (await wang.page.get(f"/api/consultations/{wang.case}"))["last_seq"] + 1
            ids = [wang.note(f"第 {n} 句") for n in range(SENDS)]
            await wang.until(lambda: wang.online, "connection")
            await wang.send(*ids)
            await zhao.reaches(first + SENDS - 1)
            await wang.send(*random.Random(seed).sample(ids, SENDS))
            assert not wang.acked
            await wang.switch_off()
            proxy.rule = everything
            wang.switch_on()
            await wang.until(lambda: wang.online, "connection")
            await wang.send(*ids)
            await wang.until(lambda: len(wang.acked) == SENDS, "acknowledgement of all")
            assert [wang.acked[id_] for id_ in ids] == list(range(first, first + SENDS))
            assert len(await agree(ward.servers, [wang, zhao])) == first + SENDS - 1
