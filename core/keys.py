"""Keys: a person's own data key, wrapped by a rotating master key; and the blind index for look-up by exact value.

Layout of a sealed value: 12 bytes nonce, then AES-256-GCM ciphertext with tag. The associated data names the column and the
person, so that a value moved to another row or column does not open. Destroying the wrapped key of a person erases the
person's fields everywhere, while hash chains over the ciphertext stay verifiable (DESIGN promise 11).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from core.errors import LingbaoError, WrongSetting
from core.i18n import t
from core.settings import Settings

NONCE = 12
KEY_FILE = Path("keys") / "master.keys"


class KeyGone(LingbaoError):
    """The key of a person was destroyed (erasure), or the master key that wrapped it is not here."""


def seal(key: bytes, text: str, context: str) -> bytes:
    """Encrypt `text` under a 32-byte key. `context` says where the value belongs, e.g. `address.value/17`."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, text.encode(), context.encode())


def seal_bytes(key: bytes, data: bytes, context: str) -> bytes:
    """Encrypt bytes, such as a file, as `seal` does a text."""
    nonce = os.urandom(NONCE)
    return nonce + AESGCM(key).encrypt(nonce, data, context.encode())


def unseal_bytes(key: bytes, sealed: bytes, context: str) -> bytes:
    """Decrypt what `seal_bytes` made. Raises as `unseal`."""
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], context.encode())
    except (InvalidTag, ValueError) as error:
        raise KeyGone(t("A protected value does not open: {context}.", context=context)) from error


def unseal(key: bytes, sealed: bytes, context: str) -> str:
    """Decrypt what `seal` made.

    Raises:
        KeyGone: wrong key, wrong place, or a changed byte.
    """
    try:
        return AESGCM(key).decrypt(sealed[:NONCE], sealed[NONCE:], context.encode()).decode()
    except (InvalidTag, ValueError) as error:  # ValueError: cut off within the nonce
        raise KeyGone(t("A protected value does not open: {context}.", context=context)) from error


class MasterKeys:
    """The master keys at hand: the current one wraps, all of them unwrap.

    Another process may rotate the keys while this one runs. Keys that came from a file are read anew when that file was
    replaced: before a key is wrapped, and when a wrapped key names a master key that is not known yet.
    """

    def __init__(self, keys: Mapping[str, bytes], current: str, file: Path | None = None) -> None:
        """Hold `keys` (name to 32 bytes), of which `current` wraps. `file`: where they came from, if from a file."""
        self._file, self._stamp = file, None if file is None else _stamp(file)
        self._held = _Held(dict(keys), current)

    @classmethod
    def from_file(cls, path: Path) -> MasterKeys:
        """Read a key file.

        Raises:
            WrongSetting: what is in it is no key.
            OSError: it cannot be read.
        """
        stamp = _stamp(path)  # before the text: a file that is replaced in between is then read once more
        held = _parse(path.read_text())
        found = cls(held.keys, held.current, path)
        found._stamp = stamp
        return found

    @property
    def keys(self) -> Mapping[str, bytes]:
        """Return the keys by name."""
        return self._held.keys

    @property
    def current(self) -> str:
        """Return the name of the key that wraps."""
        return self._held.current

    def __eq__(self, other: object) -> bool:
        """Tell whether the same keys are held, wherever they came from."""
        return isinstance(other, MasterKeys) and self._held == other._held

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        """Name the keys and never show them: this may end in a log."""
        return f"MasterKeys({sorted(self.keys)}, {self.current!r})"

    def renew(self) -> None:
        """Read the key file again if it was replaced since. Without a file, or with the file gone, what is held stays.

        Raises:
            WrongSetting: what is in it now is no key.
        """
        stamp = None if self._file is None else _stamp(self._file)
        if self._file is not None and stamp is not None and stamp != self._stamp:
            self._held = _parse(self._file.read_text())
            self._stamp = stamp

    def new_key(self) -> tuple[bytes, bytes]:
        """Make a data key; return it in clear and wrapped as `id:ciphertext`. See `wrap`."""
        key = secrets.token_bytes(32)
        return key, self.wrap(key)

    def wrap(self, key: bytes) -> bytes:
        """Wrap a data key under the current master key.

        To be called within the transaction that writes it: a rotation waits for the transactions that were open when it
        began, and for nothing else that may still hold an old master key.
        """
        self.renew()
        held = self._held
        nonce, name = os.urandom(NONCE), held.current.encode()
        return name + b":" + nonce + held.ciphers[name].encrypt(nonce, key, name)

    def unwrap(self, wrapped: bytes | None) -> bytes:
        """Unwrap a data key.

        Raises:
            KeyGone: the key was destroyed, or its master key is not at hand.
        """
        if wrapped is None:
            raise KeyGone(t("The key of this person was destroyed."))
        label, _, rest = wrapped.partition(b":")
        master = self._held.ciphers.get(label)
        if master is None:
            self.renew()
            master = self._held.ciphers.get(label)
        if master is None:
            raise KeyGone(t("Master key {name} is not here.", name=label.decode(errors="replace")))
        try:
            return master.decrypt(rest[:NONCE], rest[NONCE:], label)
        except (InvalidTag, ValueError) as error:  # ValueError: cut off within the nonce
            name = label.decode(errors="replace")
            raise KeyGone(t("Master key {name} does not open this key.", name=name)) from error


@dataclass(frozen=True)
class _Held:
    """The keys as one value, so that a thread never sees half of a change."""

    keys: dict[str, bytes]
    current: str

    @cached_property
    def ciphers(self) -> dict[bytes, AESGCM]:
        return {name.encode(): AESGCM(key) for name, key in self.keys.items()}


def _stamp(path: Path) -> tuple[int, int, int] | None:
    try:
        found = path.stat()
    except FileNotFoundError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size


def blind_index(index_key: bytes, kind: str, value: str) -> bytes:
    """Return a keyed hash (16 bytes) of a value, by which an exact match can be found without storing the value."""
    return hmac.new(index_key, f"{kind}\0{value}".encode(), hashlib.sha256).digest()[:16]


def load_master_keys(settings: Settings, *, create: bool = False) -> MasterKeys:
    """Read the master keys from the setting, else from the key file; with `create`, make the file on first use.

    Raises:
        WrongSetting: there is no key, or it is no 32 bytes in base64.
    """
    text = settings.master_keys.get_secret_value()
    if text:
        return parse_keys(text)
    path = settings.home / KEY_FILE
    if not path.exists():
        if not create:
            raise WrongSetting(
                t(
                    "There is no master key: {path}. Put it back from where it is kept. Only a new office gets one: `lingbao db init`.",
                    path=path,
                )
            )
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        _write(path, fresh_key("k1") + "\n")
    return MasterKeys.from_file(path)


def parse_keys(text: str) -> MasterKeys:
    """Read master keys as the setting has them: `name:base64`, the first in use, by commas or lines.

    Raises:
        WrongSetting: one is no key.
    """
    held = _parse(text)
    return MasterKeys(held.keys, held.current)


def fresh_key(name: str) -> str:
    """Make a master key; return it as the setting and the key file have it: `name:base64`."""
    return f"{name}:{base64.b64encode(secrets.token_bytes(32)).decode()}"


def replace_key_file(path: Path, lines: Sequence[str]) -> None:
    """Put these keys (each as `name:base64`, the first in use) in place of the key file: the old ones or the new ones, never half."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)  # of a process that was killed while it wrote
    _write(draft, "".join(line + "\n" for line in lines))
    draft.replace(path)
    _sync_directory(path.parent)


def _parse(text: str) -> _Held:
    keys: dict[str, bytes] = {}
    for part in filter(None, (part.strip() for part in text.replace("\n", ",").split(","))):
        name, _, value = part.partition(":")
        try:
            key = base64.b64decode(value, validate=True)
        except ValueError as error:
            raise WrongSetting(t("master_keys: key {name} is not base64.", name=name)) from error
        if len(key) != 32 or not name:
            raise WrongSetting(t("master_keys: key {name} must have 32 bytes.", name=name))
        if name in keys:
            raise WrongSetting(t("master_keys: two keys are named {name}.", name=name))
        keys[name] = key
    if not keys:
        raise WrongSetting(t("master_keys: there is no key in it."))
    return _Held(keys, next(iter(keys)))


def _write(path: Path, text: str) -> None:
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as handle:
        handle.write(text)
        handle.flush()
        os.fsync(handle.fileno())  # the database outlives a power cut; without this key it could not be read
    _sync_directory(path.parent)


def _sync_directory(path: Path) -> None:
    """Make the name of a new file as durable as its content."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
