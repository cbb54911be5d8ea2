"""The documents tell the truth: commands, states, policies and links are held to the code."""

from __future__ import annotations

import re
import shlex
import tomllib
from collections.abc import Iterator
from enum import StrEnum
from pathlib import Path

import pytest
import yaml  # type: ignore[import-untyped]

from cli.app import app
from cli.reference import Command, commands, page
from core.tables import Mode
from notify.night import NightStatus
from notify.own.tables import ScheduleState
from notify.policy import POLICIES, load_policy
from notify.safety.model import Means
from notify.safety.tally import State
from notify.tables import AlertStatus, DeliveryState, VersionKind
from registry.asking.rules import Answer, RoundAnswer
from registry.asking.tables import QuestionKind
from registry.coverage import Fault
from registry.rights.model import RequestKind
from registry.roster.model import Outcome
from registry.tables import Ground, PostingStatus, Role
from sources.model import ChangeKind
from sources.read import SourceStatus

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
PAGES = sorted([*ROOT.glob("*.md"), *DOCS.rglob("*.md")])
COMMANDS = {command.words: command for command in commands(app)}
STATES: tuple[type[StrEnum], ...] = (
    DeliveryState, AlertStatus, VersionKind, ChangeKind, SourceStatus, NightStatus, PostingStatus, Outcome, Mode, Role,
    QuestionKind, Answer, RoundAnswer, Fault, Ground, RequestKind, ScheduleState, State, Means,
)  # fmt: skip
LINK = re.compile(r"\]\((?!https?:)([^)\s]+)\)")
FENCE = re.compile(r"^ *```.*?^ *```", re.MULTILINE | re.DOTALL)
SPAN = re.compile(r"(?<!`)`(lingbao [^`\n]+)`(?!`)")
SETTING = re.compile(r"^(?:export\s+|env\s+)?(?:[A-Z_]+=\S*\s+)+")
FIRST_CELL = re.compile(r"^\| `([^`]+)` \|", re.MULTILINE)


def name_of(path: Path) -> str:
    """Name a page as in the repository, for the output of pytest."""
    return path.relative_to(ROOT).as_posix()


def every_page(pages: list[Path]) -> pytest.MarkDecorator:
    """Run a test once for each page."""
    return pytest.mark.parametrize("path", pages, ids=name_of)


def fenced_lines(text: str) -> Iterator[str]:
    """Yield the command lines of code blocks, joined where a backslash ends a line, without comments."""
    for block in FENCE.findall(text):
        for line in block.replace("\\\n", " ").splitlines():
            plain = SETTING.sub("", line.strip())
            if plain.startswith("lingbao "):
                yield plain


def faults(line: str, *, whole: bool) -> list[str]:
    """Return what is wrong with a command line; with `whole`, also what it lacks."""
    words = shlex.split(re.split(r"\s(?:[|>&<#]|2>)", line)[0])[1:]
    words = _after_own_options(words)
    path: tuple[str, ...] = ()
    while words and (*path, words[0]) in {known[: len(path) + 1] for known in COMMANDS}:
        path = (*path, words.pop(0))
    if path not in COMMANDS:
        return [] if path and not words and not whole else [f"{line}: no such command"]
    return [f"{line}: {fault}" for fault in _misfits(COMMANDS[path], words, whole=whole)]


def _after_own_options(words: list[str]) -> list[str]:
    while words and words[0] in {"--as", "--verbose", "--help"}:
        words = words[2:] if words[0] == "--as" else words[1:]
    return words


def _misfits(command: Command, words: list[str], *, whole: bool) -> Iterator[str]:
    flags = {flag: one for one in command.parameters for both in one.flags for flag in both.split("/")}
    arguments = [one for one in command.parameters if not one.flags]
    given: set[str] = set()
    free = 0
    while words:
        word = words.pop(0)
        if not word.startswith("--"):
            free += 1
            continue
        if word not in flags:
            yield f"there is no {word}"
            continue
        one = flags[word]
        given.add(word)
        value = words.pop(0) if one.shown and words else ""
        if whole and one.shown and not value:
            yield f"{word} needs a value"
        if value and one.choices and value not in one.choices:
            yield f"{word} does not take {value}"
    if free > len(arguments) and not any(one.many for one in arguments):
        yield "too many words"
    if whole:
        yield from (f"{one.flags[0]} is missing" for one in flags.values() if one.required and not given & {*one.flags})
        if free < sum(one.required for one in arguments):
            yield "an argument is missing"


def test_the_page_of_commands_is_the_one_made_from_the_commands() -> None:
    """`docs/commands.md` says what the program says."""
    assert (DOCS / "commands.md").read_text(encoding="utf-8") == page(app), "write docs/commands.md anew: see its head"


@pytest.mark.parametrize("command", COMMANDS.values(), ids=lambda one: " ".join(one.words) or "lingbao")
def test_commands_explain_themselves_in_both_languages(command: Command) -> None:
    """Every command and every option has a help text, in Chinese and English."""
    for text in (command.help, *(one.help for one in command.parameters)):
        assert re.search(r"[\u4e00-\u9fff]", text), text
        assert re.search(r"[A-Za-z]", text), text


@every_page([path for path in PAGES if path.name != "commands.md"])
def test_command_lines_in_the_documents_can_be_typed(path: Path) -> None:
    """Every `lingbao …` line of a code block is complete, and every one in running text names what exists."""
    text = path.read_text(encoding="utf-8")
    found = [fault for line in fenced_lines(text) for fault in faults(line, whole=True)]
    spans = [span for span in SPAN.findall(FENCE.sub("", text)) if "…" not in span]
    found += [fault for span in spans for fault in faults(span, whole=False)]
    assert found == []


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("lingbao alert sned 1", "no such command"),
        ("lingbao alert send", "an argument is missing"),
        ("lingbao alert send 1 2", "too many words"),
        ("lingbao alert new --level 4 --title x", "--country is missing"),
        ("lingbao prove --everything", "there is no --everything"),
        ("lingbao ledger export --format pdf", "--format does not take pdf"),
        ("lingbao dispatch --alert", "--alert needs a value"),
    ],
)
def test_a_wrong_command_line_would_be_found(line: str, said: str) -> None:
    """The check of command lines finds each kind of mistake."""
    assert [said in fault for fault in faults(line, whole=True)] == [True]


@every_page(PAGES)
def test_links_between_documents_lead_somewhere(path: Path) -> None:
    """Every link to a file leads to one that exists, and to a heading that exists."""
    for link in LINK.findall(FENCE.sub("", path.read_text(encoding="utf-8"))):
        file, _, anchor = link.partition("#")
        target = (path.parent / file).resolve() if file else path
        assert target.exists(), link
        assert not anchor or anchor in anchors(target), link


def anchors(path: Path) -> set[str]:
    """Return the anchors of a page's headings, as code hosts make them."""
    heads = re.findall(r"^#+ (.+)$", FENCE.sub("", path.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", head.lower()).replace(" ", "-") for head in heads}


def test_the_two_readmes_have_the_same_parts() -> None:
    """The Chinese and the English README have the same headings, code blocks, list entries and links, in number and kind."""
    english, chinese = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", "README.zh-CN.md"))
    for kind in (r"^#+ ", r"^ *```", r"^- ", r"^\d+\. ", r"^\| "):
        assert len(re.findall(kind, english, re.MULTILINE)) == len(re.findall(kind, chinese, re.MULTILINE)), kind
    links = [{link.replace(".zh-CN.md", ".md") for link in LINK.findall(text)} for text in (english, chinese)]
    assert links[0] == links[1]
    assert list(fenced_lines(english)) == list(fenced_lines(chinese))


@pytest.mark.parametrize("states", STATES, ids=lambda one: one.__name__)
def test_every_state_is_documented_and_no_other(states: type[StrEnum]) -> None:
    """The table of each noun on the page of states lists exactly the states of the code, in its order."""
    text = (DOCS / "states.md").read_text(encoding="utf-8")
    section = next(part for part in text.split("\n## ") if f"`{states.__name__}`" in part.partition("\n")[0])
    assert FIRST_CELL.findall(section) == [str(one.value) for one in states]


def test_every_deployment_is_documented() -> None:
    """The page on the Prefect server lists each deployment of `prefect.yaml`, and no other."""
    page = (DOCS / "how-to" / "run-on-a-prefect-server.md").read_text(encoding="utf-8")
    told = {name.partition("/")[2] for name in FIRST_CELL.findall(page) if "/" in name}
    assert told == {one["name"] for one in yaml.safe_load((ROOT / "prefect.yaml").read_text())["deployments"]}


def test_states_only_become_states() -> None:
    """The column "may become" names states of the same noun only."""
    text = (DOCS / "states.md").read_text(encoding="utf-8")
    for states in (DeliveryState, AlertStatus):
        section = next(part for part in text.split("\n## ") if f"`{states.__name__}`" in part.partition("\n")[0])
        known = {str(one.value) for one in states}
        for row in re.findall(r"^\| `[^`]+` \|[^|]+\|[^|]+\|([^|]+)\|$", section, re.MULTILINE):
            assert set(re.findall(r"`([^`]+)`", row)) <= known, row


def test_every_route_of_the_policy_is_explained() -> None:
    """The page of the policy lists the routes of the default policy in order, each with its action, and all actions."""
    text = (DOCS / "policy.md").read_text(encoding="utf-8")
    listed = re.findall(r"^\| `([^`]+)` \|[^|]+\|[^|]+\| `([^`]+)`", text, re.MULTILINE)
    routes = load_policy(None).route
    assert listed == [(route.name, route.action.value) for route in routes]
    actions = text.partition("| action |")[2]
    assert {route.action.value for route in routes} == set(FIRST_CELL.findall(actions))


def test_the_open_policy_differs_only_as_said() -> None:
    """The open policy differs from the default in the route `peer-high` alone, as its page says."""
    default, open_ = (tomllib.loads((POLICIES / f).read_text())["route"] for f in ("policy.toml", "policy.open.toml"))
    assert [new["name"] for old, new in zip(default, open_, strict=True) if old != new] == ["peer-high"]


def test_the_words_of_the_house_are_explained() -> None:
    """The glossary has every noun of the design, each once and with its Chinese form."""
    rows = re.findall(r"^\| (\w+) \| ([^|]+) \|", (DOCS / "glossary.md").read_text(encoding="utf-8"), re.MULTILINE)
    nouns = [
        "Source", "Capture", "Advisory", "AdvisoryChange", "Level", "Situation", "Alert", "Employer", "Registrant", "Posting",
        "Address", "Recipient", "Notice", "Delivery", "Attempt", "Receipt", "Reply", "Gap",
    ]  # fmt: skip
    words = [word for word, _ in rows]
    assert [word for word in words if word in nouns] == nouns
    assert all(re.search(r"[\u4e00-\u9fff]", chinese) for word, chinese in rows if word != "word")


def test_the_checklist_of_security_names_tests_that_are_there() -> None:
    """Whoever reads what holds a line of the ASVS finds the test."""
    named = set(re.findall(r"`([a-z_/]+/test_[a-z_]+\.py)`", (ROOT / "docs/security.md").read_text(encoding="utf-8")))
    assert len(named) > 30
    assert {one for one in named if not (ROOT / "tests" / one).is_file()} == set()


def test_decisions_are_numbered_without_a_gap() -> None:
    """Decision records are numbered in order, and each has its context, decision and consequences."""
    files = sorted((DOCS / "decisions").glob("*.md"))
    assert [int(path.name[:4]) for path in files] == list(range(1, len(files) + 1))
    for path in files:
        text = path.read_text(encoding="utf-8")
        assert text.startswith(f"# {path.name[:4]} "), path.name
        assert all(f"**{part}.**" in text for part in ("Context", "Decision", "Consequences")), path.name
