"""Opening addresses with keys of their own, against the bare cipher on values of the same size."""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from cli.benches.measure import Measure
from core.keys import NONCE, MasterKeys, seal, unseal

PLACE = "address.value/{id}"
TRIES = 5
MICRO = 1e6


def run(addresses: int) -> list[Measure]:
    """Open that many numbers, each under a person's key of its own; the best of five rounds, in microseconds an address.

    The two measures: a number with the person's key at hand, and the same with that key still wrapped, as a dispatcher
    finds them. Bare is the cipher alone, made anew for each key, over the same bytes.
    """
    keys = MasterKeys({"bench": secrets.token_bytes(32)}, "bench")
    rows = []
    for number in range(addresses):
        key, wrapped = keys.new_key()
        rows.append((number, key, wrapped, seal(key, f"+99290{number:07d}", PLACE.format(id=number))))
    shut = [(key, sealed) for _, key, _, sealed in rows]
    wraps = [wrapped.partition(b":")[2] for _, _, wrapped, _ in rows]
    master, label = AESGCM(keys.keys["bench"]), b"bench"

    def ours() -> None:
        """Open every address with its data key at hand."""
        for number, key, _, sealed in rows:
            unseal(key, sealed, PLACE.format(id=number))

    def whole() -> None:
        """Unwrap every data key and open its address."""
        for number, _, wrapped, sealed in rows:
            unseal(keys.unwrap(wrapped), sealed, PLACE.format(id=number))

    def bare() -> None:
        """Do the same with the cipher alone."""
        for number, (key, sealed) in enumerate(shut):
            AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], b"address.value/%d" % number)

    def bare_whole() -> None:
        """Do both with the cipher alone."""
        bare()
        for rest in wraps:
            master.decrypt(rest[:NONCE], rest[NONCE:], label)

    note = f"{addresses} addresses, each under a key of its own; at most 4 µs"
    found = []
    for name, mine, limit in (("address", ours, bare), ("address with its key", whole, bare_whole)):
        value, least = (_best(act) / addresses * MICRO for act in (mine, limit))
        found.append(Measure(name, value, "µs", least, least / value, note))
    return found


def _best(act: Callable[[], None]) -> float:
    took = []
    for _ in range(TRIES):
        begun = time.perf_counter()
        act()
        took.append(time.perf_counter() - begun)
    return min(took)
