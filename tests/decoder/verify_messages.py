"""Verifies golden messages: `python3 verify_messages.py FOLDER [--mutate]`; golden frames are in the folder above.

Each file holds bytes, what a reader needs beside them, and in words what is inside: see `core/tests/golden/statements.rs`
and `messages.rs`. With `--mutate`, one bit is flipped in every byte that is signed, and each must be refused.
"""

import json
import sys
from functools import cache
from pathlib import Path

import frame as wire
import message
import statement
from frame import Reader, need
from verify_golden import flipped, is_refused, main
from verify_golden import read as read_frame

SIGNED = {"verdicts": wire.VERDICTS, "epochs": wire.EPOCHS, "snapshot": wire.SNAPSHOT}
WORDS = {"verdicts": statement.verdicts, "epochs": statement.epochs, "snapshot": statement.snapshot}
raw = bytes.fromhex


@cache
def held(name):
    """A golden frame."""
    return read_frame(json.loads((Path(FOLDER) / ".." / f"{name}.json").read_text("utf-8")))[-1]


def department(golden):
    return raw(golden["department"]), raw(golden["department_key"])


def open_signed(golden, kind, data, signature):
    """What the department has signed, in words."""
    name, key = department(golden)
    need(wire.signed_by(key, name, SIGNED[kind], data, signature), f"the signature of {kind}")
    return WORDS[kind](data)


def open_certificate(golden, *read):
    wire.verify_certificate(*department(golden), *read)
    return statement.certificate_in_words(*read)


def certificate(data):
    reader = Reader(data)
    read = statement.read_certificate(reader)
    reader.end()
    return read


def open_proof(golden, others, data):
    """The authors' signatures, when they turn the snapshot that they are of into its frames."""
    reader = Reader(data)
    proof = statement.read_proof(reader)
    reader.end()
    statement.complete(raw(others[golden["of"]]["bytes"]), proof)
    return proof


def verify(golden, others):
    """What is inside is what stands in the file, and all that is signed there is signed by whom it must be."""
    kind, data = golden["kind"], raw(golden["bytes"])
    if kind == "certificate":
        inside = open_certificate(golden, *certificate(data))
    elif kind == "proof":
        inside = open_proof(golden, others, data)
    elif kind in SIGNED:
        inside = open_signed(golden, kind, data, raw(golden["signature"]))
    else:
        inside = open_message(golden, data)
        verify_roots(golden, inside, others)
    need(inside == golden["decoded"], "what is inside")
    return kind


def open_message(golden, data):
    try:
        payload = message.open_envelope(data, raw(golden["payload"]))
    except message.Later as later:
        return {"version": later.args[0]}
    need(payload == raw(golden["payload"]), "what is packed")
    sender, known = None, [certificate(raw(one)) for one in golden["certificates"]]
    if golden["kind"] == "request":
        sender, payload = message.open_request(payload, known, raw(golden["reader_secret"]), department(golden)[0])
    asked = [raw(name) for name in golden.get("asked", [])]
    parts = message.read_sections(payload, sender, asked, [held(name) for name in golden["held"]])
    return in_words(golden, parts, known + parts["certificates"])


def in_words(golden, parts, certificates):
    headers = {wire.stream_id(header): header for header, *_ in certificates}
    words = parts | {"frames": [frame_in_words(frame, headers) for frame in parts["frames"]]}
    words["certificates"] = [open_certificate(golden, *one) for one in parts["certificates"]]
    words["epochs"] = parts["epochs"] and open_signed(golden, "epochs", *parts["epochs"])
    words["verdicts"] = [open_signed(golden, "verdicts", *one) for one in parts["verdicts"]]
    words["snapshots"] = [open_signed(golden, "snapshot", *one) for one in parts["snapshots"]]
    return words


def verify_roots(golden, inside, others):
    """A root for each scope is that of the frames in `scopes`; a root over all, that of the request in `roots_of`."""
    for names, (_, _, root) in zip(golden.get("scopes", []), inside.get("roots", []), strict=True):
        need(message.root(wire.frame_hash(held(name)) for name in names).hex() == root, "the root of a scope")
    if "roots_of" in golden:
        roots = others[golden["roots_of"]]["decoded"]["roots"]
        need(message.root_of_all(roots).hex() == inside["root"], "the root over all scopes")


def frame_in_words(frame, headers):
    need(frame["stream"] in headers, "a frame whose stream nobody has certified")
    wire.verify_frame(frame, headers[frame["stream"]])
    return {"stream": frame["stream"].hex(), "number": frame["number"], "hash": wire.frame_hash(frame).hex(),
            "body": wire.decode_body(frame["body"], frame["scope_kind"], frame["scope_id"])}


def mutate(golden, others):
    """Every mutation of what is signed must be refused; of a message also those with a checksum that fits."""
    kind, data = golden["kind"], raw(golden["bytes"])
    if kind == "certificate":
        changed = [(lambda other=other: open_certificate(golden, *certificate(other))) for other in flipped(data)]
    elif kind == "proof":
        changed = [(lambda other=other: open_proof(golden, others, other)) for other in flipped(data)]
    elif kind in SIGNED:
        signature = raw(golden["signature"])
        changed = [(lambda other=other: open_signed(golden, kind, other, signature)) for other in flipped(data)]
        changed += [(lambda other=other: open_signed(golden, kind, data, other)) for other in flipped(signature)]
    else:
        changed = [(lambda other=other: open_damaged(golden, other)) for other in flipped(data)]
        if kind == "request":
            changed += [(lambda other=other: open_forged(golden, other)) for other in flipped(raw(golden["payload"]))]
    need(all(is_refused(check) for check in changed), "a changed one passed")
    return f"{len(changed)} mutations refused"


def open_damaged(golden, data):
    """A later version is as good as refused: nothing is read."""
    try:
        message.open_envelope(data, raw(golden["payload"]))
    except message.Later:
        need(False, "a later version")


def open_forged(golden, payload):
    known = [certificate(raw(one)) for one in golden["certificates"]]
    message.open_request(payload, known, raw(golden["reader_secret"]), department(golden)[0])


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if argument != "--mutate"]
    if len(arguments) != 1:
        sys.exit(__doc__)
    FOLDER = arguments[0]
    sys.exit(main(FOLDER, mutate if "--mutate" in sys.argv else verify))
