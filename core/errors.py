"""One small tree of errors. Which class it is, not its wording, says what can be done about it."""

from __future__ import annotations

from core.i18n import Message


class LingbaoError(Exception):
    """Anything this program refuses to do, with a sentence for the person who asked."""

    exit_code = 1

    def __init__(self, message: Message) -> None:
        """Keep the sentence; it is put into words where it is shown."""
        super().__init__(message)
        self.message = message

    def __str__(self) -> str:
        """Return the English form, for logs."""
        return str(self.message)


class WrongUse(LingbaoError):
    """The command, a parameter or a setting is wrong: nothing was done, and trying again will not help."""

    exit_code = 2


class WrongSetting(WrongUse):
    """A setting is missing or makes no sense. The sentence names it."""


class NotAllowed(LingbaoError):
    """This actor may not do this."""

    exit_code = 2


class NotFound(WrongUse):
    """What was named does not exist, or not for this actor."""


class BadInput(LingbaoError):
    """A file, a row or a field given by a person cannot be read. The sentence names the place."""


class SourceBroken(LingbaoError):
    """A source could not be read this time: nothing of it is believed, and yesterday's reading stands with its age."""


class SourceSkipped(SourceBroken):
    """A source was not asked, because the captures being replayed hold nothing of it at that time."""


class SourceTransient(SourceBroken):
    """A source could not be reached; another try may well work."""


class StoreBusy(LingbaoError):
    """The database is locked or gone. Nothing was changed; try again."""
