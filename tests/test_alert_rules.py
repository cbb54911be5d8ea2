"""The alert rules that are shipped: well formed, over figures that exist, and each with a page that says what to do.

Prometheus' own checker (promtool) is no Python program; what it checks of the form of a file is checked here by hand.
"""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest
import yaml  # type: ignore[import-untyped]

ROOT = Path(__file__).resolve().parents[1]
FILE = ROOT / "deploy" / "prometheus" / "lingbao.rules.yml"
DURATION = re.compile(r"(\d+(ms|[smhdwy]))+")
ALLOWED = {"alert", "expr", "for", "labels", "annotations"}
FIGURE = re.compile(r"\blingbao_[a-z_]+")
CHINESE = re.compile(r"[一-鿿]")
VARIABLE = re.compile(r"{{ (\$value( \| (humanizeDuration|humanizePercentage|humanize1024))?|\$labels\.[a-z]+) }}")


@cache
def rules() -> list[dict[str, Any]]:
    """Return every rule of the file."""
    found = yaml.safe_load(FILE.read_text(encoding="utf-8"))
    assert set(found) == {"groups"}
    names = [group["name"] for group in found["groups"]]
    assert len(names) == len(set(names))
    assert all(set(group) == {"name", "rules"} for group in found["groups"])
    return [rule for group in found["groups"] for rule in group["rules"]]


@cache
def figures() -> frozenset[str]:
    """Return the names of all figures that the code can show."""
    files = sorted((ROOT / "console").glob("metrics*.py"))
    return frozenset(
        name for file in files for name in re.findall(r'"(lingbao_[a-z_]+)"', file.read_text(encoding="utf-8"))
    )


def test_every_rule_has_a_name_of_its_own() -> None:
    """Prometheus takes two rules of one name; a person who is woken would not know which."""
    names = [rule["alert"] for rule in rules()]
    assert len(names) == len(set(names)) > 10


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: str(rule["alert"]))
def test_a_rule_is_well_formed(rule: dict[str, Any]) -> None:
    """Its fields, times and brackets are those that Prometheus takes, and how urgent it is is one of two words."""
    assert set(rule) <= ALLOWED
    assert re.fullmatch(r"Lingbao[A-Za-z]+", rule["alert"])
    assert DURATION.fullmatch(rule.get("for", "1m"))
    assert rule["labels"] in ({"severity": "page"}, {"severity": "ticket"})
    for opens, closes in ("()", "{}", "[]"):
        assert rule["expr"].count(opens) == rule["expr"].count(closes)
    assert rule["expr"].count('"') % 2 == 0


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: str(rule["alert"]))
def test_a_rule_looks_at_figures_that_exist(rule: dict[str, Any]) -> None:
    """A misspelt figure is no error for Prometheus: the alarm would only never ring."""
    assert set(FIGURE.findall(rule["expr"])) <= figures()
    assert "lingbao_" in rule["expr"] or 'job="lingbao"' in rule["expr"]


@pytest.mark.parametrize("rule", rules(), ids=lambda rule: str(rule["alert"]))
def test_a_rule_says_in_two_languages_what_is_wrong_and_where_to_read_on(rule: dict[str, Any]) -> None:
    """Chinese first; the page is there, in Chinese too; and only such gaps are used as Prometheus fills."""
    notes = rule["annotations"]
    assert set(notes) == {"summary", "description", "runbook"}
    for text in (notes["summary"], notes["description"]):
        chinese, english = CHINESE.search(text), re.search(r"[A-Z][a-z]+ [a-z]+|[a-z]+ [a-z]+", VARIABLE.sub("", text))
        assert chinese is not None, text
        assert english is not None, text
        assert chinese.start() < text.index(english.group())
        assert "{{" not in VARIABLE.sub("", text)
    page = ROOT / notes["runbook"]
    assert page.is_file()
    assert page.with_suffix(".zh-CN.md").is_file()


def test_every_figure_of_the_office_is_explained() -> None:
    """The page on monitoring names each figure, and none that is not there."""
    page = (ROOT / "docs" / "how-to" / "monitoring.md").read_text(encoding="utf-8")
    assert set(FIGURE.findall(page)) == figures()
