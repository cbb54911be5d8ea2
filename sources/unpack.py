"""Unpacking an answer piece by piece. Pure.

The client's own decoder unpacks whatever the network brought at once: 64 kB on the wire may be 64 MB, twice over. Here no
piece is larger than `PIECE`, so that whoever counts bytes can stop in time.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Iterator

PIECE = 1 << 18
"""Bytes unpacked at a time."""
PLAIN, GZIP = frozenset({"", "identity"}), frozenset({"gzip", "x-gzip"})
_GZIP_WINDOW = 31


def unpacked(parts: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Yield the bytes of an answer in pieces.

    Args:
        encoding: its `Content-Encoding`; we ask for gzip only.

    Raises:
        zlib.error: it is packed otherwise, or damaged, or ends too soon.
    """
    said = encoding.strip().casefold()
    if said in PLAIN:
        yield from parts
    elif said in GZIP:
        yield from _of_gzip(parts)
    else:
        raise zlib.error(f"Content-Encoding: {encoding}")


def _of_gzip(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Unpack gzip, also of several members one after the other (RFC 1952, section 2.2)."""
    member, begun = zlib.decompressobj(_GZIP_WINDOW), False
    for part in parts:
        rest = part
        while rest:
            if member.eof:
                if not rest.startswith(b"\x1f"):
                    return  # zeros to fill a block, as some servers send
                member = zlib.decompressobj(_GZIP_WINDOW)
            begun = True
            yield member.decompress(rest, PIECE)
            rest = member.unconsumed_tail or member.unused_data
    # What is unpacked, but did not fit into the last piece, needs no more input.
    while begun and not member.eof:
        piece = member.decompress(b"", PIECE)
        if not piece:
            raise zlib.error("incomplete")
        yield piece
