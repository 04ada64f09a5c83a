"""Makes docs/asyncapi.yaml: the topics and payloads of docs/PROTOCOL.md for machines.

    python -m tests.sync.asyncapi > docs/asyncapi.yaml

What a payload holds comes from the records that this software reads and writes.
"""

import sys
from collections.abc import Mapping
from types import MappingProxyType

import msgspec
import yaml

from daemon.ledger.messages import DOWN_KINDS, DownMessage
from daemon.ledger.signed import Ack
from daemon.sync import content
from daemon.sync.batch import Header
from daemon.sync.pipe import DOWN_QOS, KEEPALIVE_S, UP_QOS
from daemon.sync.wire import Ask, Hello, Letter, Nack, Post, State, Turn, Want, down, up

LETTERS: Mapping[str, type[msgspec.Struct]] = MappingProxyType(
    {
        "hello": Hello,
        "state": State,
        "ask": Ask,
        "want": Want,
        "ack": Ack,
        "nack": Nack,
        "turn": Turn,
    }
)
SCHEMAS: Mapping[str, type[msgspec.Struct]] = MappingProxyType(
    {"letter": Letter, **LETTERS, "header": Header, "post": Post, "part": content.Header}
)
BODY = "body-"  # of messages: what stands before the name of its record
UP = ("hello", "journal", "ask", "want", "state")
CHANNELS: Mapping[str, tuple[str, tuple[str, ...]]] = MappingProxyType(
    {
        "hello": ("on every connect; again when pack, devices or incarnation change", ("hello",)),
        "journal": ("entries of the box's journal, as they were committed", ("batch",)),
        "ask": ("a question during a sale, answered by messages on log", ("ask",)),
        "want": ("the next part of a content that a message has named", ("want",)),
        "state": ("idle every 30 s; the will says offline", ("state",)),
        "ack": (
            "what headquarters has stored durably, or refuses; and how much may be on its way",
            ("ack", "nack", "turn"),
        ),
        "log": ("messages of headquarters' log for this box, and members' keys", ("post",)),
        "content": ("parts of contents that this box wanted", ("part",)),
    }
)


def document() -> dict[str, object]:
    """Return the AsyncAPI 3 document."""
    return {
        "asyncapi": "3.0.0",
        "info": {
            "title": "memberbox: box and headquarters",
            "version": "1.0.0",
            "description": "Two logs and two marks over MQTT 3.1.1 (5 as an option): clean"
            " sessions, QoS 1 up, QoS 0 down, nothing retained. Every payload is signed; a broker"
            " is believed nothing. Meaning, rules and signatures: PROTOCOL.md.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "application/json",
        "servers": {
            "broker": {
                "host": "hq.example:8883",
                "protocol": "mqtts",
                "description": "Any broker that takes messages of 1 MiB. Mutual TLS, CN = box id.",
                "bindings": {"mqtt": {"cleanSession": True, "keepAlive": KEEPALIVE_S}},
            }
        },
        "channels": {name: _channel(name) for name in CHANNELS},
        "operations": {name: _operation(name) for name in CHANNELS},
        "components": {
            "messages": _messages(),
            "schemas": {name: _schema(record) for name, record in SCHEMAS.items()} | _down(),
        },
    }


def text() -> str:
    made: str = yaml.dump(document(), sort_keys=False, width=100, allow_unicode=True)
    return made


def _channel(name: str) -> dict[str, object]:
    said, messages = CHANNELS[name]
    topic = up if name in UP else down
    return {
        "address": topic("{box}", name),
        "description": said,
        "parameters": {"box": {"description": "1 to 16 of A-Z a-z 0-9 -; client id and CN"}},
        "messages": {one: {"$ref": f"#/components/messages/{one}"} for one in messages},
    }


def _operation(name: str) -> dict[str, object]:
    mine = name in UP
    return {
        "action": "send" if mine else "receive",
        "channel": {"$ref": f"#/channels/{name}"},
        "summary": "A box publishes." if mine else "A box listens.",
        "bindings": {"mqtt": {"qos": UP_QOS if mine else DOWN_QOS, "retain": False}},
    }


def _messages() -> dict[str, object]:
    letters: dict[str, object] = {
        name: {
            "contentType": "application/json",
            "description": f"A letter: its text is the statement, signed under memberbox/{name}/1.",
            "payload": {"$ref": "#/components/schemas/letter"},
            "x-statement": {"$ref": f"#/components/schemas/{name}"},
        }
        for name in LETTERS
    }
    return letters | {
        "batch": {
            "contentType": "application/octet-stream",
            "description": "4-byte length of the header, big-endian; the header, canonical JSON;"
            " one zstd frame of the entries, joined by line feeds. At most 64 KiB, or one entry.",
            "payload": {"type": "string", "format": "binary"},
            "x-header": {"$ref": "#/components/schemas/header"},
        },
        "part": {
            "contentType": "application/octet-stream",
            "description": "4-byte length of the header, big-endian; the header, canonical JSON,"
            " signed under memberbox/content/1; the bytes of this part, at most 64 KiB.",
            "payload": {"type": "string", "format": "binary"},
            "x-header": {"$ref": "#/components/schemas/part"},
        },
        "post": {
            "contentType": "application/json",
            "description": "Messages as headquarters signed them, each under memberbox/down/1.",
            "payload": {"$ref": "#/components/schemas/post"},
            "x-message": {"$ref": "#/components/schemas/message"},
        },
    }


def _down() -> dict[str, object]:
    """Return what the text of a message in a post may be: its envelope, and each kind's body.

    Kinds of one shape name the same schema.
    """
    envelope = msgspec.convert(_schema(DownMessage), dict[str, object])
    properties = msgspec.convert(envelope["properties"], dict[str, object])
    properties["kind"] = {"enum": [kind for kind, _ in DOWN_KINDS]}
    properties["body"] = {"type": "object"}
    bodies = {record.__name__: record for _, record in DOWN_KINDS}
    which = [
        {
            "properties": {
                "kind": {"const": kind},
                "body": {"$ref": f"#/components/schemas/{BODY}{record.__name__}"},
            }
        }
        for kind, record in DOWN_KINDS
    ]
    return {
        "message": envelope | {"properties": properties, "oneOf": which},
        **{f"{BODY}{name}": _schema(record) for name, record in bodies.items()},
    }


def _schema(record: type[msgspec.Struct]) -> object:
    (made,), parts = msgspec.json.schema_components((record,), ref_template="{name}")
    return _whole(made, parts)


def _whole(value: object, parts: Mapping[str, object]) -> object:
    """Return a schema without names that only Python has: parts stand where they are used."""
    match value:
        case {"$ref": str(name)}:
            return _whole(parts[name], parts)
        case dict():
            return {
                key: _fields(inner, parts) if key == "properties" else _whole(inner, parts)
                for key, inner in value.items()
                if key not in ("title", "description")
            }
        case list() | tuple():
            return [_whole(inner, parts) for inner in value]
        case _:
            return value


def _fields(value: object, parts: Mapping[str, object]) -> dict[str, object]:
    """Fields may have any name, also one that means something in a schema."""
    fields = msgspec.convert(value, dict[str, object])
    return {name: _whole(inner, parts) for name, inner in fields.items()}


if __name__ == "__main__":
    sys.stdout.write(
        "# Made by `python -m tests.sync.asyncapi`. Meaning, rules and signatures: PROTOCOL.md.\n"
    )
    sys.stdout.write(text())
