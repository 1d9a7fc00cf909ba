"""Bodies of any size without holding them: the same seed, the same bytes."""

import functools
import hashlib
import random

PERIOD = 65537              # a prime: no shift by a power of two goes unseen


@functools.lru_cache(maxsize=64)
def _block(seed):
    return random.Random(seed).randbytes(PERIOD) * 4


def pieces(n, seed=0, size=None):
    """n bytes in pieces of at most size, or of the natural size."""
    block = _block(seed)
    size = min(size or len(block), len(block))
    at = 0
    while n:
        piece = block[at:at + min(n, size)]
        at = (at + len(piece)) % PERIOD
        n -= len(piece)
        yield piece


def digest(n, seed=0):
    sha = hashlib.sha256()
    for piece in pieces(n, seed):
        sha.update(piece)
    return sha.hexdigest()


def data(n, seed=0):
    return b''.join(pieces(n, seed))


def chunk(piece):
    return b'%x\r\n%s\r\n' % (len(piece), piece)


def chunks(parts):
    for piece in parts:
        if piece:
            yield chunk(piece)
