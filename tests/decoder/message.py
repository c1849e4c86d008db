"""Messages, decoded from the words of `core/PROTOCOL.md`, section 3: envelope, channel, sections.

A packed payload needs Zstandard, which Python has from 3.14 on; before it, the caller says what was packed.
"""

try:
    from compression import zstd
except ImportError:
    zstd = None

import content
import frame as wire
import statement
from blake3 import derive_key
from channel import channel_key, code
from frame import Reader, need
from statement import read_certificate, read_proof, read_verdicts

MESSAGE_BYTES_MAX, FRAMES_MAX, CURSOR_BYTES_MAX = 4194304, 4096, 256
CERTIFICATES_MAX, SNAPSHOTS_MAX, SCOPES_MAX, NAMES_MAX, BLOCKS_MAX = 4096, 1024, 65536, 65536, 1024
PACKED = 1
MORE, FULL, BEACON = 1, 2, 4
CODE_BYTES = 16


class Later(Exception):
    """A message of a later version, with its number: nothing of it can be read."""


def checksum(payload):
    return derive_key("xeploai 2026 message", payload, 4)


def open_envelope(data, packed=None):
    """The payload; `packed` is what it holds where Python can't unpack."""
    need(len(data) <= MESSAGE_BYTES_MAX, "a message over its limit")
    reader = Reader(data)
    need(reader.raw(4) == b"XLSY", "not a message")
    version, flags, stated = reader.byte(), reader.byte(), reader.raw(4)
    if version > wire.VERSION:
        raise Later(version)
    need(version == wire.VERSION and flags <= PACKED, "the version or the flags of a message")
    payload = data[reader.at:]
    need(checksum(payload) == stated, "the checksum")
    return unpack(Reader(payload), packed) if flags & PACKED else payload


def unpack(reader, packed):
    length = reader.number(MESSAGE_BYTES_MAX)
    rest = reader.data[reader.at:]
    need(rest[:4] == b"\x28\xb5\x2f\xfd", "not Zstandard")
    payload = zstd.decompress(rest) if zstd else packed
    need(payload is not None and len(payload) == length, "the length of what is packed")
    return payload


def open_request(payload, certificates, secret, department):
    """Who asks, and the sections of his request: when its code is that of his channel with the holder of `secret`.
    `certificates` are those that the reader holds; he may bring his own."""
    need(len(payload) >= 8 + CODE_BYTES, "a request that is cut")
    name, sections, stated = payload[:8], payload[8:-CODE_BYTES], payload[-CODE_BYTES:]
    brought = dict(split(sections)).get(6)
    known = [*certificates, *(many(Reader(brought), CERTIFICATES_MAX, read_certificate) if brought else [])]
    headers = [header for header, *_ in known if wire.stream_id(header)[:8] == name]
    need(headers, "a request of an unknown device")
    key = channel_key(secret, bytes.fromhex(wire.read_header(headers[0])["key"]), department)
    need(key and code(key, bytes([wire.VERSION]) + payload[:-CODE_BYTES]) == stated, "the code of a request")
    return wire.stream_id(headers[0]), sections


def split(data):
    """The sections: kind and bytes. Those of a kind that this version knows stand once."""
    reader, sections = Reader(data), []
    while reader.more():
        kind, inside = reader.number(), reader.bytes(MESSAGE_BYTES_MAX)
        need(kind > 17 or kind not in dict(sections), "a section twice")
        sections.append((kind, inside))
    return sections


def many(reader, limit, read):
    items = [read(reader) for _ in range(reader.number(limit))]
    reader.end()
    return items


def signed(limit):
    """Reads bytes of which the department has signed all, and its signature."""
    return lambda reader: (reader.bytes(limit), reader.raw(64))


def read_scope(reader):
    return [reader.byte(), reader.raw(16).hex()]


def read_name(reader):
    return reader.raw(8).hex()


def read_sections(data, sender=None, asked=(), held=()):
    """The parts of a message, signed ones in bytes. `asked` are the hashes of the request's frames."""
    parts = dict(split(data))
    need(all(len(parts.get(kind, b"")) <= CURSOR_BYTES_MAX for kind in (1, 2)), "a cursor over its limit")
    frames = wire.read_frames(parts[7], sender, held, FRAMES_MAX) if 7 in parts else []
    named = [*asked, *(wire.frame_hash(frame) for frame in frames)]
    flags = (parts.get(3) or b"\0")[0]
    return {"cursor": parts.get(1, b"").hex(), "history": parts.get(2, b"").hex(),
            "more": bool(flags & MORE), "full": bool(flags & FULL), "beacon": bool(flags & BEACON),
            "capabilities": one(parts, 4, Reader.number) or 0,
            "epochs": one(parts, 5, signed(statement.EPOCHS_MAX * 26 + 64)),
            "certificates": listed(parts, 6, CERTIFICATES_MAX, read_certificate), "frames": frames,
            "verdicts": listed(parts, 8, FRAMES_MAX, lambda reader: read_verdicts(reader, named)),
            "snapshots": listed(parts, 9, SNAPSHOTS_MAX, signed(statement.SNAPSHOT_BYTES_MAX)),
            "root": one(parts, 10, lambda reader: reader.raw(16).hex()),
            "roots": listed(parts, 11, SCOPES_MAX, lambda reader: [*read_scope(reader), reader.raw(16).hex()]),
            "have": listed(parts, 12, SCOPES_MAX, lambda reader: [*read_scope(reader), read_names(reader)]),
            "want": listed(parts, 13, NAMES_MAX, read_name), "proofs": listed(parts, 14, SNAPSHOTS_MAX, read_proof),
            "offers": listed(parts, 15, statement.CONTENTS_MAX, statement.read_content),
            "wishes": listed(parts, 16, statement.CONTENTS_MAX, content.read_wish),
            "blocks": listed(parts, 17, BLOCKS_MAX, content.read_block)}


def listed(parts, kind, limit, read):
    """What a section holds that is a list."""
    return many(Reader(parts[kind]), limit, read) if kind in parts else []


def read_names(reader):
    return [read_name(reader) for _ in range(reader.number(NAMES_MAX))]


def root(hashes):
    """The root of a scope that holds frames with these hashes."""
    return (sum(int.from_bytes(name[:16], "little") for name in hashes) % 2**128).to_bytes(16, "little")


def root_of_all(roots):
    """The root over scopes; each is kind, id and root in hexadecimal, in the order of kinds and ids."""
    parts = (bytes([kind]) + bytes.fromhex(scope + root) for kind, scope, root in sorted(roots))
    return derive_key("xeploai 2026 inventory", b"".join(parts), 16)


def one(parts, kind, read):
    """What a section holds that is no list."""
    if kind not in parts:
        return None
    reader = Reader(parts[kind])
    value = read(reader)
    reader.end()
    return value
