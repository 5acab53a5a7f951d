"""The documents in docs/protocol say what the server does."""

from chat_server.documents import DIRECTORY, documents, openapi
from consult.protocol import BODIES, COMMANDS, FRAMES


def test_the_written_documents_are_those_of_this_code() -> None:
    for name, text in documents().items():
        assert (DIRECTORY / name).read_text(encoding="utf-8") == text, f"{name} is stale: manage.py write_protocol"


def test_every_command_frame_and_event_is_in_the_components() -> None:
    schemas = openapi()["components"]["schemas"]
    for kind in [*COMMANDS.values(), *FRAMES]:
        assert kind.__name__ in schemas
    kinds = {alternative["properties"]["kind"]["const"] for alternative in schemas["TimelineEvent"]["oneOf"]}
    assert kinds == BODIES.keys()


def test_every_operation_names_its_action() -> None:
    operations = [op for path in openapi()["paths"].values() for op in path.values()]
    assert operations
    assert all("x-action" in operation for operation in operations)
