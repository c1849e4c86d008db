"""What the department or a device signs beside frames, decoded from the words of `core/PROTOCOL.md`, section 3:
certificates, verdicts, epochs, snapshots; and proofs, which are the authors' signatures behind a snapshot.

What is decoded comes back in words, as it stands under `decoded` in the golden files.
"""

import frame as wire
from frame import Reader, need

VERDICTS_MAX, EXCEPTIONS_MAX, EPOCHS_MAX, ENTRIES_MAX = 4096, 65536, 16384, 4096
SNAPSHOT_BYTES_MAX = 2097152
CONTENTS_MAX, CONTENT_BYTES_MAX = 64, 8388608
STATUSES = range(7)


# Certificates: tuples (header, signature, renewal, delegation), the renewal being (enrolled nonce, signature) or None,
# the delegation (issued at, the issuer's certificate) or None.

def read_certificate(reader):
    header, signature, parts = reader.bytes(256), reader.raw(64), reader.byte()
    need(parts <= 3, "the parts of a certificate")
    renewal = (reader.raw(16), reader.raw(64)) if parts & 1 else None
    return header, signature, renewal, read_delegation(reader) if parts & 2 else None


def read_delegation(reader):
    issued_at, issuer = reader.signed(), Reader(reader.bytes(512))
    certificate = read_certificate(issuer)
    issuer.end()
    need(certificate[3] is None, "an issuer who was delegated himself")
    return issued_at, certificate


def certificate_in_words(header, signature, renewal, delegation):
    return {"delegation": delegation and {"issued_at": delegation[0], "issuer": certificate_in_words(*delegation[1])},
            "header": wire.read_header(header), "stream": wire.stream_id(header).hex(),
            "enrolled": wire.stream_id(wire.enrolled_header(header, renewal)).hex(), "signature": signature.hex(),
            "renewal": renewal and {"enrolled": renewal[0].hex(), "signature": renewal[1].hex()}}


# Verdicts.

def verdicts(data):
    reader = Reader(data)
    batch = verdicts_head(reader)
    hashes = [reader.raw(32).hex() for _ in range(batch.pop("count"))]
    batch["frames"], batch["contents"] = outcomes(reader, hashes), []
    if reader.more():
        batch["contents"] = [read_content(reader) for _ in range(reader.number(CONTENTS_MAX))]
        need(batch["contents"], "a list of no contents")
    reader.end()
    return batch


def read_content(reader):
    content = wire.read_content(reader, CONTENT_BYTES_MAX)
    need(content[1] > 0, "a content of no bytes")
    return content


def verdicts_head(reader):
    """What stands before the hashes, their count included."""
    return {"epoch": reader.raw(16).hex(), "epoch_order": reader.number(2**32 - 1), "number": reader.number(),
            "received_at": reader.signed(), "count": reader.number(VERDICTS_MAX)}


def outcomes(reader, hashes):
    statuses, reasons, counts = (reader.column(len(hashes)) for _ in range(3))
    need(all(count >= 0 for count in counts) and sum(counts) <= EXCEPTIONS_MAX, "a number of exceptions")
    exceptions = list(zip(*(reader.column(sum(counts)) for _ in range(3))))
    need(all(status in STATUSES for status in statuses + [status for _, status, _ in exceptions]), "a status")
    need(all(0 <= index < 2**16 for index, _, _ in exceptions), "the index of a change")
    frames = []
    for name, status, reason, count in zip(hashes, statuses, reasons, counts):
        frames.append({"frame": name, "status": status, "reason": reason,
                       "exceptions": [list(exception) for exception in exceptions[:count]]})
        exceptions = exceptions[count:]
    return frames


def read_verdicts(reader, named):
    """A batch as it stands in a message, where `named` are the hashes that it may name by their place: its bytes, as
    signed, and its signature."""
    head, count = reader.bytes(64), reader.number(VERDICTS_MAX)
    hashes = b""
    for place in reader.column(count):
        hashes += reader.raw(32) if place == 0 else wire.pick(named, place - 1, "a frame of a verdict")
    return head + hashes + reader.bytes(2**20), reader.raw(64)


# Epochs.

def epochs(data):
    reader = Reader(data)
    chain = {"epoch": reader.raw(16).hex(), "order": reader.number(2**32 - 1)}
    chain["ended"] = [[reader.raw(16).hex(), reader.number()] for _ in range(reader.number(EPOCHS_MAX))]
    reader.end()
    return chain


# Snapshots and proofs.

def snapshot_parts(data):
    """A snapshot with its bodies in bytes: an entry is a frame as in `frame.py` without its signature, and what the server
    said of it."""
    need(len(data) <= SNAPSHOT_BYTES_MAX, "a snapshot over its limit")
    reader = Reader(data)
    need(reader.byte() == wire.VERSION, "a snapshot of another version")
    parts = {"unit": reader.raw(16).hex(), "period": wire.period(reader.number())}
    entries = read_places(reader)
    read_what_is_left(reader, entries)
    batch = verdicts(reader.bytes(SNAPSHOT_BYTES_MAX))
    need(len(batch["frames"]) == len(entries), "the verdicts of a snapshot")
    for entry, verdict in zip(entries, batch["frames"]):
        entry["verdict"], entry["body"] = verdict, reader.bytes(wire.BODY_BYTES_MAX)
    reader.end()
    parts["cut"] = {name: batch[name] for name in ("epoch_order", "epoch", "number")}
    return parts | {"entries": entries}


def read_places(reader):
    streams = [reader.raw(32) for _ in range(reader.number(ENTRIES_MAX))]
    scopes = [(reader.byte(), reader.raw(16)) for _ in range(reader.number(ENTRIES_MAX))]
    count = reader.number(ENTRIES_MAX)
    of_stream, of_scope, numbers, received, named = (reader.column(count) for _ in range(5))
    entries = []
    for at in range(count):
        stream = wire.pick(streams, of_stream[at], "a stream of a snapshot")
        kind, scope = wire.pick(scopes, of_scope[at], "a scope of a snapshot")
        need(numbers[at] > 0, "a frame without a number")
        entries.append({"stream": stream, "scope_kind": kind, "scope_id": scope, "number": numbers[at],
                        "received_at": received[at], "previous": reader.raw(32) if named[at] == 1 else None})
    return entries


def read_what_is_left(reader, entries):
    """Of each entry the indexes of its changes that are left, None when all are."""
    counts = reader.column(len(entries))
    need(all(0 <= count <= wire.CHANGES_MAX + 1 for count in counts), "a number of changes")
    left = iter(reader.column(sum(count - 1 for count in counts if count)))
    for entry, count in zip(entries, counts):
        entry["kept"] = [next(left) for _ in range(count - 1)] if count else None
        need(not count or entry["kept"] == sorted(set(entry["kept"])), "the indexes of changes")


def snapshot(data):
    parts = snapshot_parts(data)
    entries = []
    for entry in parts["entries"]:
        body = wire.decode_body(entry["body"], entry["scope_kind"], entry["scope_id"])
        need(entry["kept"] is None or len(entry["kept"]) == len(body["changes"]), "the changes of a snapshot")
        previous = entry["previous"] and entry["previous"].hex()
        entries.append(entry | {"stream": entry["stream"].hex(), "scope_id": entry["scope_id"].hex(),
                                "previous": previous, "body": body})
    return parts | {"entries": entries}


def read_proof(reader):
    return {"unit": reader.raw(16).hex(), "period": wire.period(reader.number()),
            "signatures": [reader.raw(64).hex() for _ in range(reader.number(ENTRIES_MAX))]}


def complete(data, proof):
    """The frames of a snapshot, from a proof: each has the hash that the server has signed."""
    parts, frames, before = snapshot_parts(data), [], {}
    need(all(parts[name] == proof[name] for name in ("unit", "period")), "a proof of another snapshot")
    whole = [entry for entry in parts["entries"] if entry["kept"] is None]
    need(len(whole) == len(proof["signatures"]), "the signatures of a proof")
    signatures = iter(proof["signatures"])
    for entry in parts["entries"]:
        lane, first = (entry["stream"], entry["scope_kind"], entry["scope_id"]), entry["number"] == 1
        previous = entry["previous"] or (bytes(32) if first else before.get(lane, bytes(32)))
        before[lane] = bytes.fromhex(entry["verdict"]["frame"])
        if entry["kept"] is None:
            frame = entry | {"previous": previous, "signature": bytes.fromhex(next(signatures))}
            need(wire.frame_hash(frame) == before[lane], "a signature that gives another hash")
            frames.append(frame)
    return frames
