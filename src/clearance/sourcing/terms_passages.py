"""Mark the passages of terms that speak of scraping, mining, AI or automated access, in five languages.

A suggestion of where to read first, and no verdict: a text without marks may still prohibit. All work is
substring search in bounded sentences, so that no text makes it slow.

Source: C1.4; the words of Directive (EU) 2019/790 article 4 and its transpositions.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from clearance.sourcing.terms_cues import CUES, STOP_WORDS, Cue, Topic

MAX_TEXT_CHARS = 1 << 20
"""Longer texts are not marked beyond it."""
_MAX_SENTENCE_CHARS = 800
"""A sentence of terms may be a paragraph; what is longer is a list, and is cut where it can be."""
_MAX_PASSAGES = 500
"""More is no help to the person who reads."""
_START_CHARS = 3
"""Letters by which cues are sorted; a word shorter than that is taken whole."""

_BREAK = re.compile(r"[.!?…][\"'”’»)\]]{0,3}\s+|\n\s*")
_WORD = re.compile(r"[^\W_]+")
_ABBREVIATIONS = frozenset(
    {
        *("art", "arts", "no", "nos", "nr", "abs", "ziff", "bzw", "ggf", "inkl", "etc", "inc", "ltd", "co"),
        *("sec", "par", "cf", "ej", "num", "lett", "vgl", "usw", "sog", "st", "al", "pag", "segg", "ca"),
    }
)
_FOLDED: dict[int, str | None] = {
    code: unicodedata.normalize("NFKD", chr(code)).encode("ascii", "ignore").decode()
    for code in range(0xC0, 0x180)
    if unicodedata.normalize("NFKD", chr(code)).encode("ascii", "ignore")
}
_FOLDED |= {0xDF: "ss", 0xE6: "ae", 0x153: "oe", **dict.fromkeys(range(0x300, 0x370))}


@dataclass(frozen=True, slots=True, kw_only=True)
class Passage:
    """One sentence that speaks of one topic."""

    start: int
    end: int
    sentence: str
    topic: Topic
    language: str
    """Of the sentence, as far as its small words tell: en, fr, de, es or it."""


def passages(text: str) -> tuple[Passage, ...]:
    """Return the sentences that speak of our doings, in their order; one for each topic that they touch."""
    bounded = text[:MAX_TEXT_CHARS]
    whole = _spoken(bounded)
    live = _by_start(cue for cue in CUES if _speaks(cue, *whole))
    if not live:
        return ()
    language = _language(whole[0]) or "en"
    found: list[Passage] = []
    for start, end in sentences(bounded):
        sentence = bounded[start:end]
        touched = _touched(_spoken(sentence), live)
        found += [
            Passage(start=start, end=end, sentence=sentence, topic=topic, language=touched[topic] or language)
            for topic in Topic
            if topic in touched
        ]
        if len(found) >= _MAX_PASSAGES:
            break
    return tuple(found[:_MAX_PASSAGES])


def sentences(text: str) -> Iterator[tuple[int, int]]:
    """Cut a text into sentences: beginnings and ends, without the space around them; none is endless."""
    start = 0
    for found in _BREAK.finditer(text):
        if not _ends_sentence(text, found):
            continue
        yield from _pieces(text, start, found.end())
        start = found.end()
    yield from _pieces(text, start, len(text))


def folded_words(text: str) -> list[str]:
    """Return a text's words in small letters, without accents."""
    return _WORD.findall(_folded(text).lower())


def _ends_sentence(text: str, found: re.Match[str]) -> bool:
    following = text[found.end() : found.end() + 1]
    if found[0].strip():
        # "Art. 4" and "z. B." go on; so does what continues in a small letter.
        before = _WORD.findall(text[max(0, found.start() - 12) : found.start()])
        last = before[-1].lower() if before else ""
        is_short = last in _ABBREVIATIONS or (len(last) == 1 and last.isalpha())
        return not following.islower() and not (is_short and found[0].startswith("."))
    # A line that goes on in a small letter was only wrapped.
    return found[0].count("\n") > 1 or not following.islower()


def _pieces(text: str, start: int, end: int) -> Iterator[tuple[int, int]]:
    while start < end:
        if text[start].isspace():
            start += 1
            continue
        stop = end if end - start <= _MAX_SENTENCE_CHARS else start + _cut(text, start)
        yield start, start + len(text[start:stop].rstrip())
        start = stop


def _cut(text: str, start: int) -> int:
    """Return how much of a long sentence is one piece: up to its last semicolon, line or word."""
    window = text[start : start + _MAX_SENTENCE_CHARS]
    cut = max(window.rfind(mark) for mark in (";", "\n")) + 1
    # Where that leaves a piece hardly worth reading, between two words.
    return cut if cut >= _MAX_SENTENCE_CHARS // 2 else window.rfind(" ") + 1 or _MAX_SENTENCE_CHARS


def _folded(text: str) -> str:
    return text if text.isascii() else text.translate(_FOLDED)


def _spoken(text: str) -> tuple[str, str]:
    """Return the words with one space around each: in small letters, and with the capitals that are there."""
    plain = f" {' '.join(_WORD.findall(_folded(text)))} "
    return plain.lower(), plain


def _by_start(cues: Iterable[Cue]) -> dict[str, list[tuple[str, Cue]]]:
    """Sort stems by the letters that their first word begins with: most sentences have none of them."""
    sorted_in: dict[str, list[tuple[str, Cue]]] = {}
    for cue in cues:
        for stem in cue.any_of:
            sorted_in.setdefault(stem.split()[0][:_START_CHARS].lower(), []).append((stem, cue))
    return sorted_in


def _touched(spoken: tuple[str, str], live: dict[str, list[tuple[str, Cue]]]) -> dict[Topic, str]:
    """Return the topics that a sentence touches, with its language as far as that shows."""
    small, plain = spoken
    starts = {word[:_START_CHARS] for word in small.split()}
    cues = [
        cue
        for start in starts
        for stem, cue in live.get(start, ())
        if _holds(stem, small, plain) and (not cue.near or any(_holds(n, small, plain) for n in cue.near))
    ]
    own = _language(small) if cues else ""
    # Where the sentence is too short to tell, a word of one language only does.
    told = {cue.language for cue in cues} - {""}
    language = own or (told.pop() if len(told) == 1 else "")
    return {cue.topic: language for cue in cues if cue.language in ("", own or cue.language)}


def _speaks(cue: Cue, small: str, plain: str) -> bool:
    if not any(_holds(stem, small, plain) for stem in cue.any_of):
        return False
    return not cue.near or any(_holds(stem, small, plain) for stem in cue.near)


def _holds(stem: str, small: str, plain: str) -> bool:
    if stem.isupper():
        # In a line of capitals, AI is also an Italian preposition.
        return stem in plain and not (plain.isupper() and _language(small) == "it")
    return stem in small


def _language(small: str) -> str:
    """Name the language that most small words are of; empty where they do not tell."""
    words = small.split()[:2000]
    counted = sorted(((sum(word in stops for word in words), name) for name, stops in STOP_WORDS.items()))
    (second, _), (most, name) = counted[-2:]
    return name if most >= 2 and most > second else ""
