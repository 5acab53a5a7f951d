"""The interface as documents: OpenAPI 3.1 for REST (with the socket's frames among its components) and AsyncAPI 3.0 for the socket.

Both are generated from the code that serves them; a test fails when the files in docs/protocol are stale.
"""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any, Final

import msgspec

from chat_server.api import api
from consult import protocol
from consult.sockets import polling, tickets

DIRECTORY: Final = Path(__file__).resolve().parent.parent / "docs" / "protocol"
REF: Final = "#/components/schemas/{name}"
POLL_MESSAGES: Final = {
    name: {"name": title, "payload": {"$ref": REF.format(name=name)}}
    for name, title in {"Poll": "poll", "PollAnswer": "news"}.items()
}


def documents() -> dict[str, str]:
    """File name to text, for every document."""
    rest, socket = openapi(), asyncapi()
    return {f"{name}.json": _text(document) for name, document in (("openapi", rest), ("asyncapi", socket))}


def openapi() -> dict[str, Any]:
    """The REST interface; its components also hold the socket's frames, so that one generator types both."""
    document = json.loads(json.dumps(api.get_openapi_schema(), default=str))
    for operation in (one for methods in document["paths"].values() for one in methods.values()):
        operation["summary"] = _first_sentence(operation.get("description") or operation["summary"])
    components = document["components"].setdefault("schemas", {})
    frames = socket_schemas()
    if clash := components.keys() & frames.keys():
        raise ValueError(f"two schemas of one name: {sorted(clash)}")
    components.update(frames)
    document["components"]["schemas"] = dict(sorted(components.items()))
    return dict(document)


def _first_sentence(text: str) -> str:
    return " ".join(re.split(r"(?<=[.?!])\s", text.strip(), maxsplit=1)[0].split())


def asyncapi() -> dict[str, Any]:
    """The socket, what each side may send; and polling, which answers with the same frames."""
    commands = {_name(command): command for command in protocol.COMMANDS.values()}
    frames = {_name(frame): frame for frame in protocol.FRAMES}
    messages = {name: _message(name, str(kind.__struct_config__.tag)) for name, kind in {**commands, **frames}.items()}
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Xinqiao socket", "version": "1", "description": (protocol.__doc__ or "").strip()},
        "defaultContentType": "application/json",
        "channels": {
            "socket": {
                "address": "/ws/",
                "description": tickets.__doc__,
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in messages},
                "bindings": {"ws": {"method": "GET"}},
            },
            "poll": {
                "address": "/poll/",
                "description": polling.__doc__,
                "messages": {name: {"$ref": f"#/components/messages/{name}"} for name in ("Poll", "PollAnswer")},
            },
        },
        "operations": {
            "commands": _operation("receive", commands),
            "frames": _operation("send", frames),
            "poll": {
                "action": "receive",
                "channel": {"$ref": "#/channels/poll"},
                "messages": [{"$ref": "#/channels/poll/messages/Poll"}],
                "bindings": {"http": {"method": "POST"}},
                "reply": {
                    "channel": {"$ref": "#/channels/poll"},
                    "messages": [{"$ref": "#/channels/poll/messages/PollAnswer"}],
                },
            },
        },
        "components": {"messages": {**messages, **POLL_MESSAGES}, "schemas": {**socket_schemas(), **_poll_schemas()}},
    }


def _poll_schemas() -> dict[str, Any]:
    _, schemas = msgspec.json.schema_components([polling.Poll], ref_template=REF)
    frames = {"type": "array", "items": {"$ref": REF.format(name="Frame")}}
    return {**schemas, "PollAnswer": {"type": "object", "required": ["frames"], "properties": {"frames": frames}}}


def socket_schemas() -> dict[str, Any]:
    """JSON Schema of every command, frame and event body, and the two unions that a client switches on."""
    commands, frames, bodies = list(protocol.COMMANDS.values()), list(protocol.FRAMES), set(protocol.BODIES.values())
    ordered = sorted(bodies, key=lambda body: body.__name__)
    _, components = msgspec.json.schema_components([*commands, *frames, *ordered, protocol.Receipt], ref_template=REF)
    schemas: dict[str, Any] = dict(components)
    schemas["TimelineEvent"] = _events(schemas.pop("Event"))
    schemas["Timeline"]["properties"]["events"]["items"] = {"$ref": REF.format(name="TimelineEvent")}
    schemas["Ack"]["properties"]["receipt"] = {"$ref": REF.format(name="Receipt")}
    schemas["Command"] = _union(commands)
    schemas["Frame"] = _union(frames)
    return dict(sorted(schemas.items()))


def _events(event: dict[str, Any]) -> dict[str, Any]:
    """One alternative for each kind of event, with the body that belongs to it."""
    alternatives = []
    for kind, body in protocol.BODIES.items():
        own = {"kind": {"type": "string", "const": kind}, "body": {"$ref": REF.format(name=body.__name__)}}
        alternatives.append({**event, "title": kind, "properties": {**event["properties"], **own}})
    return {"title": "TimelineEvent", "oneOf": alternatives}


def _union(kinds: list[Any]) -> dict[str, Any]:
    refs = {str(kind.__struct_config__.tag): REF.format(name=_name(kind)) for kind in kinds}
    alternatives = [{"$ref": ref} for ref in refs.values()]
    return {"oneOf": alternatives, "discriminator": {"propertyName": "type", "mapping": refs}}


def _message(name: str, title: str) -> dict[str, Any]:
    return {"name": title, "payload": {"$ref": REF.format(name=name)}}


def _operation(action: str, messages: dict[str, Any]) -> dict[str, Any]:
    refs = [{"$ref": f"#/channels/socket/messages/{name}"} for name in messages]
    return {"action": action, "channel": {"$ref": "#/channels/socket"}, "messages": refs}


def _name(kind: Any) -> str:
    return str(kind.__name__)


def _text(document: dict[str, Any]) -> str:
    return json.dumps(document, ensure_ascii=False, indent=1) + "\n"
