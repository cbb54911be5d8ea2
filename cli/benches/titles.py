"""Titles read for countries, level and hazards, against a plain scan of the same texts for all country names."""

from __future__ import annotations

import random
import time

import ahocorasick

from cli.benches.measure import Measure
from core.places.names import codes, display
from sources.reading.titles import read_title

FORMS = (
    "提醒中国公民近期暂勿前往{place}",
    "提醒在{place}中国公民注意防范电信诈骗",
    "中国驻{place}使馆提醒中国公民谨慎前往{place}边境地区",
    "{place}发生地震，请中国公民加强安全防范",
    "关于{place}登革热疫情的提醒（示例{number}）",
)


def run(titles: int) -> list[Measure]:
    """Read that many made-up titles, always the same ones; titles per second of CPU."""
    texts = made_up(titles)
    read_title(texts[0])  # the automaton is built on first use
    begun = time.process_time()
    placed = sum(bool(read_title(text).countries) for text in texts)
    whole = time.process_time() - begun
    names = scanner()
    begun = time.process_time()
    hits = sum(1 for text in texts for _ in names.iter(text))
    bare = time.process_time() - begun
    note = f"{titles} titles, {placed} with a country; limit: one pass of an automaton of country names ({hits} hits)"
    return [Measure("classify", titles / whole, "titles/s of CPU", titles / bare, bare / whole, note)]


def made_up(count: int) -> list[str]:
    """Return so many titles over all countries and forms, by a fixed seed."""
    chance = random.Random(7)
    names = [display(code, "zh") for code in sorted(codes())]
    return [chance.choice(FORMS).format(place=chance.choice(names), number=i) for i in range(count)]


def scanner() -> ahocorasick.Automaton:
    """Return an automaton of the Chinese names of all countries and nothing else."""
    automaton = ahocorasick.Automaton()
    for code in codes():
        automaton.add_word(display(code, "zh"), code)
    automaton.make_automaton()
    return automaton
