"""Streams, frames and their bodies, decoded from the words of `core/PROTOCOL.md`, section 3. Shares no code with the product.

Anything that is not such bytes raises `Refused`; nothing else is ever raised. A body of a later version is no fault of
its frame: it comes back with its version alone.
"""

import datetime

from blake3 import derive_key
from ed25519 import verify

VERSION = 1
BODY_BYTES_MAX, CHANGES_MAX, REPLACES_MAX = 65536, 1024, 64
TEXT_CHARS_MAX, CODE_BYTES_MAX, DEVICE_NAME_MAX = 4000, 64, 120
CERTIFICATE, FRAME, VERDICTS, EPOCHS, RENEWAL, SNAPSHOT, BUNDLE, DELEGATION = range(1, 9)
UNIT, POST = 1, 2
# 2020-01-01T00:00:00Z: where claimed times count from.
TIME_ORIGIN = 1577836800
COLUMNS = ("own", "superior", "appraised")
MEASURES = (
    ("assigned", "completed", "quality_ok", "on_time"),
    ("faults", "delays", "excused_faults", "excused_delays"),
)
MINUTES = ("delegation", "place", "arrived", "left", "remarks", "representative", "opinion")
MEDIA = ("image/jpeg", "image/png", "image/webp", "application/pdf")
SLOTS, NAME_CHARS_MAX = 10, 120
ACTS = ("submit", "withdraw", "approve", "return", "adopt", "retract", "signfordelegation", "signforunit")
# Ten-thousandths of a point in one step of each scale, and the largest magnitude: one hundred million points.
SCALES = (10_000, 5_000, 2_500, 1_000, 100, 1)
POINTS_LIMIT = 100_000_000 * 10_000


class Refused(Exception):
    """The bytes are not what they should be, or not signed by whom they should be."""


def need(condition, what):
    if not condition:
        raise Refused(what)


def pick(names, number, what):
    need(0 <= number < len(names), what)
    return names[number]


class Reader:
    """Takes values from the front of bytes."""

    def __init__(self, data):
        self.data, self.at = data, 0

    def more(self):
        return self.at < len(self.data)

    def raw(self, count):
        need(count <= len(self.data) - self.at, "cut short")
        self.at += count
        return self.data[self.at - count:self.at]

    def byte(self):
        return self.raw(1)[0]

    def number(self, limit=2**64 - 1):
        """LEB128: seven bits a byte, lowest first; the shortest form alone is valid."""
        number = shift = 0
        while True:
            byte = self.byte()
            number |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
            need(shift < 70, "a number that is too long")
        need(byte or shift == 7, "a number not in its shortest form")
        need(number <= limit, "a number over its limit")
        return number

    def signed(self):
        """Zigzag: 0, -1, 1, -2, 2 ... are 0, 1, 2, 3, 4."""
        number = self.number()
        return number >> 1 ^ -(number & 1)

    def bytes(self, limit):
        return self.raw(self.number(limit))

    def text(self, limit):
        try:
            return self.bytes(limit).decode("utf-8")
        except UnicodeDecodeError:
            raise Refused("a text that is not UTF-8") from None

    def note(self):
        text = self.text(4 * TEXT_CHARS_MAX)
        need(len(text) <= TEXT_CHARS_MAX, "a text over its limit")
        return text

    def column(self, count):
        """Runs of equal steps from 0. The step is shifted left by one, then written zigzag."""
        values, value = [], 0
        while len(values) < count:
            run = self.signed()
            repeats = self.number() + 2 if run & 1 else 1
            need(repeats <= count - len(values), "a run longer than its column")
            for _ in range(repeats):
                value += run >> 1
                values.append(value)
        return values

    def end(self):
        need(not self.more(), "something follows the end")


# Streams and signatures.

def read_header(data):
    reader = Reader(data)
    need(reader.byte() == VERSION, "a header of another version")
    header = {name: reader.raw(size).hex() for name, size in
              (("department", 16), ("author", 16), ("key", 32), ("nonce", 16))}
    header["device"] = reader.text(DEVICE_NAME_MAX)
    reader.end()
    return header


def stream_id(header):
    return derive_key("xeploai 2026 stream", header)


def signed_by(key, department, kind, data, signature):
    return verify(key, b"xeploai" + bytes([VERSION]) + department + bytes([kind]) + data, signature)


def verify_certificate(department, department_key, header, signature, renewal=None, delegation=None):
    """The header's fields, when the department has signed the id of the enrolled stream, or the issuer of a delegation (time,
    certificate) with the time behind it; that is the header's own, or for a renewal (nonce, signature) that of the header
    with another nonce, and then the device has signed the header's own."""
    fields = read_header(header)
    need(fields["department"] == department.hex(), "a header of another department")
    enrolled = stream_id(enrolled_header(header, renewal))
    if delegation:
        issued_at, issuer = delegation
        need(issuer[3] is None and fields["author"] != "00" * 16, "who is delegated, and by whom")
        key = bytes.fromhex(verify_certificate(department, department_key, *issuer)["key"])
        need(signed_by(key, department, DELEGATION, enrolled + issued_at.to_bytes(8, "little", signed=True), signature),
             "the issuer's signature")
    else:
        need(signed_by(department_key, department, CERTIFICATE, enrolled, signature), "the certificate's signature")
    if renewal:
        need(renewal[0].hex() != fields["nonce"], "a renewal of a stream to itself")
        key = bytes.fromhex(fields["key"])
        need(signed_by(key, department, RENEWAL, stream_id(header), renewal[1]), "the renewal's signature")
    return fields


def enrolled_header(header, renewal):
    """Before the nonce stand the version, two ids of 16 bytes and a key of 32."""
    return header[:65] + renewal[0] + header[81:] if renewal else header


# Frames: dictionaries of stream, scope_kind, scope_id, number, previous, body, signature.

def position_and_body(frame):
    """What the frame's signature covers, and the first part of what its hash covers."""
    return (frame["stream"] + bytes([frame["scope_kind"]]) + frame["scope_id"]
            + frame["number"].to_bytes(8, "little") + frame["previous"] + frame["body"])


def frame_hash(frame):
    return derive_key("xeploai 2026 frame", position_and_body(frame) + frame["signature"])


def verify_frame(frame, header):
    """`header` are the verified bytes of the stream's header."""
    need(frame["stream"] == stream_id(header), "a frame of another stream")
    need(frame["number"] > 0, "a frame without a number")
    need(frame["number"] > 1 or not any(frame["previous"]), "a first frame that follows another")
    fields = read_header(header)
    key, department = bytes.fromhex(fields["key"]), bytes.fromhex(fields["department"])
    need(signed_by(key, department, FRAME, position_and_body(frame), frame["signature"]), "the frame's signature")


def read_frames(data, sender=None, held=(), limit=4096):
    """The list of frames in a message. Left out is what follows from the frame before, from the sender's stream (for the
    first one), or from frames that the reader holds, which are named by the first 8 bytes of a hash."""
    reader, frames = Reader(data), []
    by_name = {frame_hash(frame)[:8]: frame for frame in held}
    streams = {frame["stream"][:8]: frame["stream"] for frame in held}
    for _ in range(reader.number(limit)):
        flags, before = reader.byte(), frames[-1] if frames else None
        if flags == 7:
            frame = following(before)
        elif flags == 8:
            frame = following(by_name.get(reader.raw(8)))
        else:
            frame = read_position(reader, flags, before, sender, streams)
        need(0 < frame["number"] < 2**64, "a frame without a number")
        frame["body"], frame["signature"] = reader.bytes(BODY_BYTES_MAX), reader.raw(64)
        frames.append(frame)
    reader.end()
    return frames


def following(before):
    need(before, "what a frame follows is not here")
    return before | {"number": before["number"] + 1, "previous": frame_hash(before)}


def read_position(reader, flags, before, sender, streams):
    """Flags: 1 the stream before, 16 a stream that the reader knows, 2 the scope before."""
    need(flags in (0, 1, 2, 3, 16, 18) and (before or not flags & 2), "flags of a frame")
    if flags & 16:
        stream = streams.get(reader.raw(8))
    elif flags & 1:
        stream = before["stream"] if before else sender
    else:
        stream = reader.raw(32)
    need(stream, "a frame's stream is not here")
    kind, scope = (before["scope_kind"], before["scope_id"]) if flags & 2 else (reader.byte(), reader.raw(16))
    number = reader.number()
    previous = reader.raw(32) if number > 1 else bytes(32)
    return {"stream": stream, "scope_kind": kind, "scope_id": scope, "number": number, "previous": previous}


# Bodies.

def decode_body(data, scope_kind, scope_id):
    """The body of a frame of this scope; the place of a change in `changes` is its index."""
    need(len(data) <= BODY_BYTES_MAX, "a body over its limit")
    reader = Reader(data)
    version = reader.byte()
    need(version >= VERSION, "a body of no version")
    if version > VERSION:
        return {"version": version}
    body = {"version": version, "counter": reader.number(), "sealed_at": TIME_ORIGIN + reader.signed(),
            "revision": reader.number(), "changes": []}
    frames = [reader.raw(32).hex() for _ in range(reader.number(CHANGES_MAX))]
    while reader.more():
        kind, section = reader.number(), Reader(reader.bytes(BODY_BYTES_MAX))
        count = section.number(CHANGES_MAX - len(body["changes"]))
        if kind in (1, 2):
            sheets = read_sheets(section, scope_kind, scope_id)
            changes = read_scores(section, count, sheets, frames) if kind == 1 else read_acts(section, count, sheets)
            body["changes"] += changes
        elif kind in (3, 4):
            body["changes"] += [read_document(section) if kind == 3 else read_witness(section) for _ in range(count)]
        else:
            body["changes"] += [{"change": "unknown"}] * count
            continue
        section.end()
    return body


def read_sheets(reader, scope_kind, scope_id):
    sheets = []
    for _ in range(reader.number(CHANGES_MAX)):
        need(scope_kind in (UNIT, POST), "a sheet in a scope of no unit and no post")
        sheets.append({"subject": "post" if scope_kind == POST else "unit", "id": scope_id.hex(),
                       "period": period(reader.number()), "ruleset": reader.text(CODE_BYTES_MAX),
                       "ruleset_version": reader.number(2**32 - 1)})
    return sheets


def period(number):
    """(year - 2000) · 128 + part: 0 the year, 1 to 12 a month, 17 to 20 a quarter, 65 to 117 an ISO week."""
    year, part = 2000 + number // 128, number % 128
    need(year < 3000 and part in (*range(13), *range(17, 21), *range(65, 118)), "a period")
    if part > 64:
        # 28 December is always in the last week of its year.
        need(part - 64 <= datetime.date(year, 12, 28).isocalendar()[1], "a week of the year")
        return f"{year}-W{part - 64:02}"
    return str(year) if part == 0 else f"{year}-{part:02}" if part < 13 else f"{year}-Q{part - 16}"


def read_scores(reader, count, sheets, frames):
    sheet, criterion, column, field, minutes, replaced, kinds = (reader.column(count) for _ in range(7))
    values = read_values(reader, kinds)
    scores = []
    for at in range(count):
        need(0 <= criterion[at] < 2**16 and 0 <= minutes[at] < 2**32 and 0 <= replaced[at] <= REPLACES_MAX, "a score")
        scores.append({"change": "score", "sheet": pick(sheets, sheet[at], "a sheet's index"),
                       "criterion": criterion[at], "column": pick(COLUMNS, column[at], "a column"),
                       "field": field_name(field[at]), "minutes_before": minutes[at], **values[at],
                       "replaces": [read_change_id(reader, frames) for _ in range(replaced[at])]})
    return scores


def field_name(number):
    if -16 - SLOTS <= number <= -17:
        return f"evidence {-17 - number}"
    if number < 0:
        return f"minutes {pick(MINUTES, -1 - number, 'a field')}"
    if number < 2:
        return ("points", "note")[number]
    bank, rest = divmod(number - 2, 4 * 2**16)
    need(bank < len(MEASURES), "a field")
    product, measure = divmod(rest, 4)
    return f"product {product} {MEASURES[bank][measure]}"


def read_values(reader, kinds):
    """Points first, in a column of their own; then texts and evidence. What is empty has neither."""
    scale = pick(SCALES, reader.byte(), "a scale")
    points = iter(reader.column(kinds.count(0)))
    return [read_value(reader, kind, points, scale) for kind in kinds]


def read_value(reader, kind, points, scale):
    need(0 <= kind <= 3, "a kind of value")
    if kind == 3:
        return {"evidence": read_evidence(reader)}
    if kind == 0:
        return {"points": decimal(next(points) * scale)}
    return {"text": reader.note()} if kind == 1 else {"empty": True}


def read_evidence(reader):
    evidence = {"content": read_content(reader), "media": pick(MEDIA, reader.byte(), "a type of file"),
                "name": reader.text(4 * NAME_CHARS_MAX), "thumbnail": None}
    need(len(evidence["name"]) <= NAME_CHARS_MAX, "a name over its limit")
    small = reader.byte()
    need(small <= 1, "whether there is a thumbnail")
    if small:
        evidence["thumbnail"] = read_content(reader)
    return evidence


def read_content(reader, limit=2**32 - 1):
    return [reader.raw(32).hex(), reader.number(limit)]


def decimal(value):
    need(abs(value) <= POINTS_LIMIT, "points over their limit")
    whole, rest = divmod(abs(value), 10_000)
    return ("-" if value < 0 else "") + f"{whole}.{rest:04}".rstrip("0").rstrip(".")


def read_change_id(reader, frames):
    frame = pick(frames, reader.number(), "a frame's index")
    return {"frame": frame, "index": reader.number(CHANGES_MAX)}


def read_acts(reader, count, sheets):
    return [{"change": "act", "sheet": pick(sheets, reader.number(), "a sheet's index"),
             "kind": pick(ACTS, reader.byte(), "an act"), "digest": reader.raw(16).hex(),
             "minutes_before": reader.number(2**32 - 1), "reason": reader.note()} for _ in range(count)]


def read_document(reader):
    return {"change": "document", "kind": reader.number(2**16 - 1), "id": reader.raw(16).hex(),
            "json": reader.text(BODY_BYTES_MAX)}


def read_witness(reader):
    witness = {"change": "witness", "epoch": reader.raw(16).hex(), "batch": reader.number(),
               "beacon_at": TIME_ORIGIN + reader.signed(), "boot": reader.raw(8).hex()}
    known = reader.byte()
    need(known <= 1, "whether the elapsed time is known")
    witness["elapsed_s"] = reader.number() if known else None
    witness["frames"] = [reader.raw(32).hex() for _ in range(reader.number(CHANGES_MAX))]
    return witness
