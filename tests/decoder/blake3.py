"""BLAKE3, written from its specification (section 2 of the paper): hash, keyed hash, derive-key, output of any length.

Plain and slow: some milliseconds for a kilobyte.
`python3 blake3.py` checks it against published test vectors.
"""

import struct
from functools import cache

IV = (0x6A09E667, 0xBB67AE85, 0x3C6EF372, 0xA54FF53A, 0x510E527F, 0x9B05688C, 0x1F83D9AB, 0x5BE0CD19)
PERMUTATION = (2, 6, 3, 10, 7, 0, 4, 13, 1, 11, 12, 5, 9, 14, 15, 8)
# Which four words of the state each of the eight mixings of a round takes: columns, then diagonals.
MIXINGS = ((0, 4, 8, 12), (1, 5, 9, 13), (2, 6, 10, 14), (3, 7, 11, 15),
           (0, 5, 10, 15), (1, 6, 11, 12), (2, 7, 8, 13), (3, 4, 9, 14))
BLOCK_BYTES, CHUNK_BYTES = 64, 1024
CHUNK_START, CHUNK_END, PARENT, ROOT, KEYED_HASH, DERIVE_KEY_CONTEXT, DERIVE_KEY_MATERIAL = 1, 2, 4, 8, 16, 32, 64


def compress(chain, words, counter, length, flags):
    """The compression function: 16 words of state."""
    state = [*chain, *IV[:4], counter & 0xFFFFFFFF, counter >> 32, length, flags]
    for _ in range(7):
        for at, (a, b, c, d) in enumerate(MIXINGS):
            for word, turn_d, turn_b in ((words[2 * at], 16, 12), (words[2 * at + 1], 8, 7)):
                state[a] = (state[a] + state[b] + word) & 0xFFFFFFFF
                state[d] = rotate_right(state[d] ^ state[a], turn_d)
                state[c] = (state[c] + state[d]) & 0xFFFFFFFF
                state[b] = rotate_right(state[b] ^ state[c], turn_b)
        words = [words[place] for place in PERMUTATION]
    return [low ^ high for low, high in zip(state[:8], state[8:])] + [high ^ old for high, old in zip(state[8:], chain)]


def rotate_right(word, bits):
    return (word >> bits | word << (32 - bits)) & 0xFFFFFFFF


def last_of_chunk(chunk, key, number, flags):
    """What to compress last for a chunk: all arguments of `compress`."""
    chain, start = key, CHUNK_START
    blocks = [chunk[at:at + BLOCK_BYTES] for at in range(0, len(chunk), BLOCK_BYTES)] or [b""]
    for block in blocks[:-1]:
        chain = compress(chain, struct.unpack("<16I", block), number, BLOCK_BYTES, flags | start)[:8]
        start = 0
    words = struct.unpack("<16I", blocks[-1].ljust(BLOCK_BYTES, b"\0"))
    return chain, words, number, len(blocks[-1]), flags | start | CHUNK_END


def last_of_tree(data, key, number, flags):
    """What to compress last for chunks from `number` on; the left side has the largest power of two that leaves a rest."""
    if len(data) <= CHUNK_BYTES:
        return last_of_chunk(data, key, number, flags)
    chunks = 1 << ((len(data) - 1) // CHUNK_BYTES).bit_length() - 1
    cut = chunks * CHUNK_BYTES
    left = compress(*last_of_tree(data[:cut], key, number, flags))[:8]
    right = compress(*last_of_tree(data[cut:], key, number + chunks, flags))[:8]
    return key, left + right, 0, BLOCK_BYTES, flags | PARENT


def output(data, key, flags, length):
    """The root is compressed again for each 64 bytes of output."""
    chain, words, _, size, flags = last_of_tree(data, key, 0, flags)
    blocks = (compress(chain, words, at, size, flags | ROOT) for at in range((length + 63) // 64))
    return b"".join(struct.pack("<16I", *block) for block in blocks)[:length]


def blake3(data, length=32):
    """The hash of bytes."""
    return output(data, IV, 0, length)


def keyed(key, data, length=32):
    """The hash of bytes under a key of 32 bytes."""
    return output(data, struct.unpack("<8I", key), KEYED_HASH, length)


@cache
def context_key(context):
    return struct.unpack("<8I", output(context.encode(), IV, DERIVE_KEY_CONTEXT, 32))


def derive_key(context, material, length=32):
    """Derive-key mode: the context is hashed to the key under which the material is hashed."""
    return output(material, context_key(context), DERIVE_KEY_MATERIAL, length)


# From test_vectors.json of the BLAKE3 project: length of the input (0, 1, ..., 250, 0, 1, ...), hash, derived key.
CONTEXT = "BLAKE3 2019-12-27 16:29:52 test vectors context"
VECTORS = (
    (0,
     "af1349b9f5f9a1a6a0404dea36dcc9499bcb25c9adc112b7cc9a93cae41f3262",
     "2cc39783c223154fea8dfb7c1b1660f2ac2dcbd1c1de8277b0b0dd39b7e50d7d"),
    (1,
     "2d3adedff11b61f14c886e35afa036736dcd87a74d27b5c1510225d0f592e213",
     "b3e2e340a117a499c6cf2398a19ee0d29cca2bb7404c73063382693bf66cb06c"),
    (1023,
     "10108970eeda3eb932baac1428c7a2163b0e924c9a9e25b35bba72b28f70bd11",
     "74a16c1c3d44368a86e1ca6df64be6a2f64cce8f09220787450722d85725dea5"),
    (1024,
     "42214739f095a406f3fc83deb889744ac00df831c10daa55189b5d121c855af7",
     "7356cd7720d5b66b6d0697eb3177d9f8d73a4a5c5e968896eb6a689684302706"),
    (1025,
     "d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444",
     "effaa245f065fbf82ac186839a249707c3bddf6d3fdda22d1b95a3c970379bcb"),
    (2048,
     "e776b6028c7cd22a4d0ba182a8bf62205d2ef576467e838ed6f2529b85fba24a",
     "7b2945cb4fef70885cc5d78a87bf6f6207dd901ff239201351ffac04e1088a23"),
    (2049,
     "5f4d72f40d7a5f82b15ca2b2e44b1de3c2ef86c426c95c1af0b6879522563030",
     "2ea477c5515cc3dd606512ee72bb3e0e758cfae7232826f35fb98ca1bcbdf273"),
    (3073,
     "7124b49501012f81cc7f11ca069ec9226cecb8a2c850cfe644e327d22d3e1cd3",
     "72613c9ec9ff7e40f8f5c173784c532ad852e827dba2bf85b2ab4b76f7079081"),
    (5121,
     "628bd2cb2004694adaab7bbd778a25df25c47b9d4155a55f8fbd79f2fe154cff",
     "b07f01e518e702f7ccb44a267e9e112d403a7b3f4883a47ffbed4b48339b3c34"),
    (31744,
     "62b6960e1a44bcc1eb1a611a8d6235b6b4b78f32e7abc4fb4c6cdcce94895c47",
     "39772aef80e0ebe60596361e45b061e8f417429d529171b6764468c22928e28e"),
)
# From the same file: the key, and length of the input and keyed hash.
KEY = b"whats the Elvish word for friend"
KEYED = (
    (0, "92b2b75604ed3c761f9d6f62392c8a9227ad0ea3f09573e783f1498a4ed60d26"),
    (1, "6d7878dfff2f485635d39013278ae14f1454b8c0a3a2d34bc1ab38228a80c95b"),
    (1025, "357dc55de0c7e382c900fd6e320acc04146be01db6a8ce7210b7189bd664ea69"),
)
# The first 131 bytes of both for 1025 bytes.
LONG = (
    ("d00278ae47eb27b34faecf67b4fe263f82d5412916c1ffd97c8cb7fb814b8444f4c4a22b4b399155358a994e"
     "52bf255de60035742ec71bd08ac275a1b51cc6bfe332b0ef84b409108cda080e6269ed4b3e2c3f7d722aa4cd"
     "c98d16deb554e5627be8f955c98e1d5f9565a9194cad0c4285f93700062d9595adb992ae68ff12800ab67a"),
    ("effaa245f065fbf82ac186839a249707c3bddf6d3fdda22d1b95a3c970379bcb5d31013a167509e9066273ab"
     "6e2123bc835b408b067d88f96addb550d96b6852dad38e320b9d940f86db74d398c770f462118b35d2724efa"
     "13da97194491d96dd37c3c09cbef665953f2ee85ec83d88b88d11547a6f911c8217cca46defa2751e7f3ad"),
)


def check():
    """Fails when a published vector does not come out."""
    def data(length):
        return bytes(at % 251 for at in range(length))
    for length, hashed, derived in VECTORS:
        assert blake3(data(length)).hex() == hashed, f"hash of {length} bytes"
        assert derive_key(CONTEXT, data(length)).hex() == derived, f"derived key of {length} bytes"
    for length, hashed in KEYED:
        assert keyed(KEY, data(length)).hex() == hashed, f"keyed hash of {length} bytes"
    assert blake3(data(1025), 131).hex() == "".join(LONG[0]), "long output of the hash"
    assert derive_key(CONTEXT, data(1025), 131).hex() == "".join(LONG[1]), "long output of the derived key"
    return f"blake3: {len(VECTORS)} lengths and one long output"


if __name__ == "__main__":
    print(check())
