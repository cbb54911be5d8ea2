"""The seal of a backup: age (https://age-encryption.org/v1), to a public key, in a stream.

Whoever writes a backup needs the public half only, and cannot read it afterwards. age proves every 64 kB before it hands them
out, and knows the last of them: a file that was cut off or changed does not open to its end.
"""

from __future__ import annotations

import contextlib
import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import BinaryIO

import pyrage
from pyrage import x25519

from core.backup.faults import BadBackup
from core.errors import WrongSetting
from core.i18n import t

MAGIC = b"age-encryption.org/v1\n"
BLOCK = 1 << 20


@dataclass(frozen=True)
class RecoveryKey:
    """A pair of keys. `secret` opens backups and belongs into a safe; `public` seals them and belongs into the settings."""

    secret: str
    public: str

    def __repr__(self) -> str:
        """Show the public half only: this may end in a log."""
        return f"RecoveryKey({self.public!r})"


def new_recovery_key() -> RecoveryKey:
    """Make a pair of keys."""
    made = x25519.Identity.generate()
    return RecoveryKey(str(made), str(made.to_public()))


def public_of(secret: str) -> str:
    """Return the public half of a secret key. Raises as `unsealed`."""
    return str(_identity(secret).to_public())


@contextmanager
def sealed(target: BinaryIO, recipient: str) -> Iterator[BinaryIO]:
    """Give a file to write to; what is written there arrives in `target` sealed to the public key `recipient` (`age1…`).

    Raises:
        WrongSetting: that is no public key.
        OSError: `target` cannot be written.
    """
    try:
        key = x25519.Recipient.from_str(recipient)
    except pyrage.RecipientError as error:
        raise WrongSetting(t("backup_recipient: this is no public key of age (age1…).")) from error
    inner, outer = os.pipe()
    reader, writer = os.fdopen(inner, "rb"), os.fdopen(outer, "wb", BLOCK)
    with _Pump(lambda: pyrage.encrypt_io(reader, target, [key]), reader) as pump:
        try:
            yield writer
        except BrokenPipeError:
            pump.join()
            pump.tell()
            raise
        finally:
            with contextlib.suppress(BrokenPipeError):
                writer.close()
            pump.join()
        pump.tell()


@contextmanager
def unsealed(source: BinaryIO, secret: str) -> Iterator[BinaryIO]:
    """Give a file to read from: what is in `source`, opened with the secret key (`AGE-SECRET-KEY-1…`). It is read to its end.

    Raises:
        BadBackup: this is no such file, not for this key, cut off or changed.
        WrongSetting: that is no secret key.
    """
    key = _identity(secret)
    inner, outer = os.pipe()
    reader, writer = os.fdopen(inner, "rb", BLOCK), os.fdopen(outer, "wb")
    with _Pump(lambda: pyrage.decrypt_io(source, writer, [key]), writer) as pump:
        try:
            yield reader
            while reader.read(BLOCK):
                pass  # a change in the last block is seen only there
        except BaseException as error:
            reader.close()
            pump.join()
            pump.not_ours()
            if isinstance(error, Exception) and isinstance(pump.fault, Exception):
                raise _bad(pump.fault) from error  # what does not open explains what could not be read
            raise
        reader.close()
        pump.join()
        if pump.fault is not None:
            raise _bad(pump.fault)


def _bad(fault: BaseException) -> BadBackup:
    if isinstance(fault, pyrage.DecryptError) and "matching keys" in str(fault):
        return BadBackup(t("The backup does not open with this key: it was sealed to another one."))
    return BadBackup(
        t("The backup does not open: it is none, or it was cut off or changed ({error}).", error=str(fault))
    )


def _identity(secret: str) -> x25519.Identity:
    try:
        return x25519.Identity.from_str(secret.strip())
    except pyrage.IdentityError as error:
        # The text is not repeated: it may be a key with a slip in it.
        raise WrongSetting(t("This is no secret key of age (AGE-SECRET-KEY-1…).")) from error


class _Pump:
    """A thread that seals or opens while the caller reads or writes at the other end of a pipe."""

    def __init__(self, work: Callable[[], None], end: BinaryIO) -> None:
        self.fault: BaseException | None = None
        self._work, self._end = work, end
        self._thread = threading.Thread(target=self._run, name="backup", daemon=True)

    def __enter__(self) -> _Pump:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.join()

    def join(self) -> None:
        """Wait for its end."""
        self._thread.join()

    def tell(self) -> None:
        """Raise what stopped it."""
        if self.fault is not None:
            raise self.fault

    def not_ours(self) -> None:
        """Forget a fault that came only because the other end was closed."""
        if isinstance(self.fault, BrokenPipeError):
            self.fault = None

    def _run(self) -> None:
        try:
            self._work()
        except (OSError, ValueError, pyrage.EncryptError, pyrage.DecryptError) as error:
            self.fault = error
        finally:
            with contextlib.suppress(OSError, ValueError):
                self._end.close()
