"""What the writer packs by itself, PostgreSQL reads as psycopg would have sent it."""

from typing import Any

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from psycopg import Cursor

from consult.writing import postgresql_arrays as arrays

pytestmark = [pytest.mark.django_db, pytest.mark.production]

COLUMNS: dict[str, tuple[Any, st.SearchStrategy[Any]]] = {
    "uuid": (arrays.uuids, st.uuids()),
    "bigint": (arrays.bigints, st.integers(-(2**63), 2**63 - 1)),
    "int": (arrays.ints, st.integers(-(2**31), 2**31 - 1)),
    "text": (arrays.texts, st.none() | st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))),
    "bytea": (arrays.blobs, st.binary(max_size=300)),
    "bool": (arrays.flags, st.booleans()),
}


@pytest.mark.parametrize("kind", COLUMNS)
@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_the_server_reads_what_was_packed(kind: str, data: st.DataObject) -> None:
    pack, values = COLUMNS[kind]
    column = data.draw(st.lists(values, max_size=130))
    connection.ensure_connection()
    raw: Any = connection.connection
    arrays.adopt(raw)
    found = Cursor(raw).execute(f"SELECT %b::{kind}[]", [pack(column)], binary=True).fetchone()
    assert found == (column,)
