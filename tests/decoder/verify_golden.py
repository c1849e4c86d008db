"""Verifies golden frames: `python3 verify_golden.py FOLDER [--mutate]`.

Each file holds a frame, the certificate of its stream, the department's key, and in words what is inside: see
`core/tests/golden/main.rs`. With `--mutate`, one bit is flipped in every byte that is signed, and each must be refused.
"""

import json
import sys
from pathlib import Path

import frame as wire
from frame import Refused, need

FIELDS = ("stream", "scope_id", "previous", "body", "signature")


def read(golden):
    """Department, its key, header and its signature, and the frame: in bytes."""
    raw = bytes.fromhex
    frame = {name: raw(value) if name in FIELDS else value for name, value in golden["frame"].items() if name != "hash"}
    certificate = golden["certificate"]
    return (raw(golden["department"]), raw(golden["department_key"]), raw(certificate["header"]),
            raw(certificate["signature"]), frame)


def verify(golden, others):
    """`others` are all golden files by name."""
    if "frames" in golden:
        return verify_list(golden, others)
    *certificate, frame = read(golden)
    fields = wire.verify_certificate(*certificate)
    wire.verify_frame(frame, certificate[2])
    need(wire.frame_hash(frame).hex() == golden["frame"]["hash"], "the frame's hash")
    before = ("stream", "scope_kind", "scope_id", "number")
    place = [golden["frame"][name] for name in before[:3]] + [frame["number"] - 1]
    hashes = [other["frame"]["hash"] for other in others.values()
              if "frame" in other and [other["frame"][name] for name in before] == place]
    need(frame["number"] == 1 or golden["frame"]["previous"] in hashes, "the hash of the frame before")
    body = wire.decode_body(frame["body"], frame["scope_kind"], frame["scope_id"])
    need({"header": fields, "body": body} == golden["decoded"], "what is inside")
    return f"{len(body['changes'])} changes" if "changes" in body else f"body of version {body['version']}"


def verify_list(golden, others):
    held, listed = ([read(others[name])[-1] for name in golden[names]] for names in ("held", "frames"))
    frames = wire.read_frames(bytes.fromhex(golden["bytes"]), bytes.fromhex(golden["sender"]), held)
    need(frames == listed, "the frames of the list")
    return f"{len(frames)} frames"


def flipped(data):
    """The bytes with one bit flipped in each place in turn; which bit goes with the place."""
    for at, byte in enumerate(data):
        yield data[:at] + bytes([byte ^ 1 << at % 8]) + data[at + 1:]


def is_refused(check, *arguments):
    try:
        check(*arguments)
    except Refused:
        return True
    return False


def mutate(golden, others):
    """Every mutation must be refused by its signature, and a frame's must give it another hash."""
    if "frames" in golden:
        return "nothing signed of its own"
    department, key, header, signature, frame = read(golden)
    certificates = [(department, key, other, signature) for other in flipped(header)]
    certificates += [(department, key, header, other) for other in flipped(signature)]
    certificates += [(other, key, header, signature) for other in flipped(department)]
    # Once for each certificate is enough.
    if golden is not next(other for other in others.values() if other.get("certificate") == golden["certificate"]):
        certificates = []
    for certificate in certificates:
        need(is_refused(wire.verify_certificate, *certificate), "a changed certificate passed")
    frames = [frame | {name: other} for name in FIELDS for other in flipped(frame[name])]
    frames += [frame | {"scope_kind": frame["scope_kind"] ^ 1}]
    frames += [frame | {"number": frame["number"] ^ 1 << bit} for bit in range(0, 64, 7)]
    for other in frames:
        need(is_refused(wire.verify_frame, other, header), "a changed frame passed")
        need(wire.frame_hash(other).hex() != golden["frame"]["hash"], "a changed frame has the same hash")
        # Inside, changed bytes may mean something else or nothing; they raise nothing but `Refused`.
        is_refused(wire.decode_body, other["body"], other["scope_kind"], other["scope_id"])
    return f"{len(certificates) + len(frames)} mutations refused"


def main(folder, check):
    files = sorted(Path(folder).glob("*.json"))
    golden = {path.stem: json.loads(path.read_text("utf-8")) for path in files}
    failed = 0
    for name, one in golden.items():
        try:
            need(one["name"] == name, "the file's name")
            print(f"ok      {name}: {check(one, golden)}", flush=True)
        except Refused as why:
            failed += 1
            print(f"FAILED  {name}: {why}", flush=True)
    print(f"{len(golden) - failed} passed, {failed} failed")
    return 0 if golden and not failed else 1


if __name__ == "__main__":
    arguments = [argument for argument in sys.argv[1:] if argument != "--mutate"]
    if len(arguments) != 1:
        sys.exit(__doc__)
    sys.exit(main(arguments[0], mutate if "--mutate" in sys.argv else verify))
