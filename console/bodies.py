"""Bodies of requests that anybody may send: read within measure."""

from __future__ import annotations

from fastapi import Request


async def read_body(request: Request, largest: int) -> bytes | None:
    """Return the body; None as soon as it is larger than `largest` bytes, before the rest of it is read."""
    raw = bytearray()
    async for part in request.stream():
        raw += part
        if len(raw) > largest:
            return None
    return bytes(raw)
