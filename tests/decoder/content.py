"""Contents of evidence, from the words of `core/PROTOCOL.md`, section 3: what is wished of them, and blocks that prove themselves."""

import struct

from blake3 import BLOCK_BYTES as COMPRESSED_BYTES
from blake3 import CHUNK_BYTES, IV, PARENT, ROOT, blake3, compress, last_of_tree
from frame import need
from statement import read_content

BLOCK_BYTES, PATH_MAX = 65536, 7


def read_wish(reader):
    content = read_content(reader)
    return [content, read_number(reader, content)]


def read_number(reader, content):
    """The number of a block: a content has as many as cover its bytes."""
    return reader.number((content[1] - 1) // BLOCK_BYTES)


def read_block(reader):
    """A block; one that is not of its content is refused, which the product does when it takes it in."""
    content = read_content(reader)
    number = read_number(reader, content)
    path = [reader.raw(32) for _ in range(reader.number(PATH_MAX))]
    block = reader.bytes(BLOCK_BYTES)
    need(root(block, number, content[1], list(path)).hex() == content[0], "a block of another content")
    return {"content": content, "number": number, "path": [value.hex() for value in path], "bytes": block.hex()}


def root(block, number, size, path):
    """The hash of a content of so many bytes, if this is its block of that number, and `path` stands beside the way up."""
    at, sides, length = number * BLOCK_BYTES, [], size
    while length > BLOCK_BYTES:
        left = CHUNK_BYTES << ((length - 1) // CHUNK_BYTES).bit_length() - 1
        sides.append(at >= left)
        at, length = (at - left, length - left) if at >= left else (at, left)
    need(len(block) == length and len(path) == len(sides), "the length of a block or of its path")
    if not sides:
        return blake3(block)
    value = compress(*last_of_tree(block, IV, number * BLOCK_BYTES // CHUNK_BYTES, 0))[:8]
    for step, (is_right, beside) in enumerate(zip(reversed(sides), path)):
        beside = list(struct.unpack("<8I", beside))
        flags = PARENT | (ROOT if step + 1 == len(sides) else 0)
        value = compress(IV, beside + value if is_right else value + beside, 0, COMPRESSED_BYTES, flags)[:8]
    return struct.pack("<8I", *value)
