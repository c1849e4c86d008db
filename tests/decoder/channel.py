"""The channel between two devices: X25519, written from RFC 7748 (section 5), and the code of a request.

`python3 channel.py` checks the agreement against the RFC's test vectors. Not in constant time: nothing here is secret.
"""

from functools import cache
from hashlib import sha512

from blake3 import derive_key, keyed
from ed25519 import P, montgomery, public_key

A24 = 121665


def x25519(scalar, u):
    """The ladder: scalar (32 bytes, clamped here) times the point with this u-coordinate."""
    k = int.from_bytes(scalar, "little") & (2**254 - 8) | 2**254
    x1 = int.from_bytes(u, "little") & (2**255 - 1)
    x2, z2, x3, z3, swap = 1, 0, x1, 1, 0
    for at in reversed(range(255)):
        bit = k >> at & 1
        if swap != bit:
            x2, z2, x3, z3 = x3, z3, x2, z2
        swap = bit
        a, b, c, d = x2 + z2, x2 - z2, x3 + z3, x3 - z3
        da, cb, aa, bb = d * a, c * b, a * a, b * b
        x3, z3 = (da + cb)**2 % P, x1 * (da - cb)**2 % P
        e = aa - bb
        x2, z2 = aa * bb % P, e * (aa + A24 * e) % P
    if swap:
        x2, z2 = x3, z3
    return (x2 * pow(z2, -1, P) % P).to_bytes(32, "little")


@cache
def channel_key(secret, peer, department):
    """The key that the holder of an Ed25519 secret has in common with the device whose public key is `peer`; None when
    that is no usable key."""
    point = montgomery(peer)
    if point is None:
        return None
    own = public_key(secret)
    shared = x25519(sha512(secret).digest()[:32], point)
    return derive_key("xeploai 2026 channel", department + min(own, peer) + max(own, peer) + shared)


def code(key, covered):
    """Proves a request: `covered` are the version and its payload."""
    return keyed(key, covered, 16)


# RFC 7748, section 5.2: scalar, u-coordinate, output.
VECTORS = (
    ("a546e36bf0527c9d3b16154b82465edd62144c0ac1fc5a18506a2244ba449ac4",
     "e6db6867583030db3594c1a424b15f7c726624ec26b3353b10a903a6d0ab1c4c",
     "c3da55379de9c6908e94ea4df28d084f32eccf03491c71f754b4075577a28552"),
    ("4b66e9d4d1b4673c5ad22691957d6af5c11b6421e0ea01d42ca4169e7918ba0d",
     "e5210f12786811d3f4b7959d0538ae2c31dbe7106fc03c3efc4cd549c715a493",
     "95cbde9476e8907d7aade45cb4b873f88b595a68799fa152e6f8f7647aac7957"),
)


def check():
    """Fails when a published vector does not come out."""
    for scalar, u, out in VECTORS:
        assert x25519(bytes.fromhex(scalar), bytes.fromhex(u)).hex() == out, "the agreement of the RFC"
    return f"channel: {len(VECTORS)} agreements of RFC 7748"


if __name__ == "__main__":
    print(check())
