"""What Twilio is told to say in a call: TwiML. Pure.

The text is spoken twice within one question for a digit; the digit 1 proves that somebody listened, because "completed" does
not (an answering machine completes calls too). Where the notice asks, 1 says "I am safe" as well, and 2 "I need help". Our own
sentences are spoken in Chinese or English, whatever the notice is in. Inline TwiML may have 4,000 characters (Twilio's page on
the Call resource).
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from twilio.twiml.voice_response import Gather, VoiceResponse

from core.i18n import t
from core.languages import words_in
from notify.texts.further import VOICES

LONGEST = 4000
"""Characters of inline TwiML."""

CONFIRMING, HELP = "1", "2"
WAIT = 8
"""Seconds without a key until the question is over."""

ROUNDS = 2
"""How often a wrong key is answered by asking again."""

_SENTENCES = re.compile(r".+?(?:[。！？；!?;]+|\.(?=\s)|$)\s*")
_CLAUSES = re.compile(r".+?(?:[，、。！？；!?;]+|[.,](?=\s)|$)\s*")


class TooLong(Exception):
    """The text does not fit into one call, not even shortened: it is one sentence without an end."""


def notice_call(body: str, ref: str, language: str, action: str, *, ask: bool = False) -> str:
    """Return the TwiML of a notice: the text twice, or once if twice is too long, or else shortened at ends of sentences.

    The reference code is spoken sign by sign, where it stands in the text and, if it stands nowhere, at the end.

    Args:
        ref: the reference code; empty: none is spoken.
        action: address that gets the digit.
        ask: it asks whether the listener is safe.

    Raises:
        TooLong: not even its first clause fits.
    """
    spelled = spell(ref)
    text = body.replace(ref, spelled) if ref and ref in body else body
    if ref and ref not in body:
        text = f"{body} {_said('ref', language, ref=spelled)}"
    for words, times in _shorter(" ".join(text.split()), spelled):
        if len(words) * times > LONGEST:
            continue
        made = _asking(words, times, language, action, ask=ask)
        if len(made) <= LONGEST:
            return made
    raise TooLong


def again(language: str, action: str, *, ask: bool = False) -> str:
    """Return the TwiML that asks once more for the right key."""
    return _asking("", 0, language, action, ask=ask)


def thanks(language: str) -> str:
    """Return the TwiML after the right key."""
    return _farewell("thanks", language)


def answered(language: str, *, help_wanted: bool) -> str:
    """Return the TwiML after somebody said that they are safe, or that they need help."""
    return _farewell("help" if help_wanted else "safe", language)


def goodbye(language: str) -> str:
    """Return the TwiML after too many wrong keys."""
    return _farewell("goodbye", language)


def spell(ref: str) -> str:
    """Return a code so that each sign is spoken by itself."""
    return ", ".join(ref)


def _shorter(text: str, spelled: str) -> Iterator[tuple[str, int]]:
    """Yield a text and how often it is spoken: as long as can be first. What holds the code is never taken away."""
    yield text, 2
    yield text, 1
    for cut in (_SENTENCES, _CLAUSES):
        parts = cut.findall(text.replace(spelled, "\0") if spelled else text)
        last = next((i for i, part in enumerate(parts) if "\0" in part), len(parts))
        head, tail = parts[:last], parts[last : last + 1]
        for kept in range(len(head) - 1, 0, -1):
            yield "".join([*head[:kept], *tail]).strip().replace("\0", spelled), 1


def _asking(words: str, times: int, language: str, action: str, *, ask: bool) -> str:
    press = _said("ask" if ask else "press", language)
    response = VoiceResponse()
    gather = Gather(num_digits=1, action=action, method="POST", timeout=WAIT)
    for turn in range(times):
        if turn:
            gather.pause(length=1)
        _say(gather, words, language)
        _say(gather, press, words_in(language))
    if not times:
        _say(gather, press, words_in(language))
    response.append(gather)
    _say(response, _said("goodbye", language), words_in(language))
    return str(response)


def _farewell(which: str, language: str) -> str:
    response = VoiceResponse()
    _say(response, _said(which, language), words_in(language))
    response.hangup()
    return str(response)


def _say(to: VoiceResponse | Gather, words: str, language: str) -> None:
    code, voice = VOICES.get(language, VOICES[words_in(language)])
    to.say(words, language=code, voice=voice)


def _said(which: str, language: str, **values: str) -> str:
    sentences = {
        "press": t("Press 1 to confirm that you have heard this."),
        "ask": t("If you are safe, press 1. If you need help, press 2."),
        "safe": t("Thank you. We have noted that you are safe. Goodbye."),
        "help": t(
            "We have noted that you need help. The duty officer is told now and will call you. If your life is in danger, "
            "call the local police, or the hotline 12308. Stay on a line that can be reached."
        ),
        "thanks": t("Thank you. Your answer was recorded. Stay safe. Goodbye."),
        "goodbye": t("We have not heard that you confirmed. Stay safe. Goodbye."),
        "ref": t("Reference {ref}.", **values),
    }
    return sentences[which].render(words_in(language))
