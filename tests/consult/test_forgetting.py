"""A key that one process shreds leaves the memory of the others that serve sockets, without waiting for the next look."""

from collections.abc import Callable
from typing import TypeVar
from uuid import uuid4

import pytest
from asgiref.sync import sync_to_async
from django.db import connection, transaction

from consult.doorbell import Ring
from consult.sockets.hub import Hub
from records import vault
from records.vault import Retention, keys
from tests.consult.test_doorbell import listener, until

T = TypeVar("T")


async def worker(run: Callable[[], T]) -> T:
    def closed() -> T:
        try:
            return run()
        finally:
            connection.close()

    return await sync_to_async(closed)()


def made() -> vault.OpenKey:
    with transaction.atomic():
        return vault.data_key(uuid4(), Retention.DIALOGUE)


@pytest.mark.django_db(transaction=True)
async def test_whoever_shreds_a_key_rings_and_whoever_hears_it_forgets() -> None:
    async with listener() as said:
        key = await worker(made)
        await worker(lambda: vault.shred([key.id]))
        await until(lambda: said)
    assert Ring("shred", key.id) in [Ring.unpack(packed) for message in said for packed in message["rings"]]
    keys.cache.put(key, newest=True)  # another process has it open
    hub = Hub()
    try:
        hub.answer([Ring("shred", key.id)])
    finally:
        hub.close()
    with pytest.raises(vault.KeyShredded):
        await worker(lambda: vault.open_key(key.id))
