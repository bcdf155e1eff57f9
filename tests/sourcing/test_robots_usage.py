"""What robots.txt says of use: AIPREF rules, Content Signals, and the tokens of crawlers that train."""

import json
from collections.abc import Set
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.identifiers import WebUrl, parse_url, sha256_of
from clearance.sourcing.observed import HostFile, HostFiles, ResponseHead
from clearance.sourcing.signals import ai_crawler_tokens, aipref, content_signals
from clearance.sourcing.signals.ai_crawler_tokens import CollectsFor, crawler_tokens
from clearance.sourcing.signals.robots.readings import MAX_RULES
from clearance.sourcing.signals.signal import HostRules, Signal
from clearance.sourcing.statements import SILENCE, Answer, Reading, Scope
from clearance.sourcing.uses import ALL_USES, DATA_USES, TRAINING, Use
from clearance.sourcing.verdicts import Standing, verdicts

ORIGIN = "https://example.org"
AGENT = "ClearanceBot"
G, N, M, I, S = Use.GENERATIVE, Use.NON_GENERATIVE, Use.MINING, Use.INFERENCE, Use.SEARCH
NOTHING: frozenset[Use] = frozenset()
SIGNALS = (aipref.SIGNAL, content_signals.SIGNAL, ai_crawler_tokens.SIGNAL)


def rules(signal: Signal, content: str | bytes, *, status: int = 200) -> HostRules:
    raw = content.encode() if isinstance(content, str) else content
    file = HostFile(
        origin=ORIGIN,
        path="/robots.txt",
        status=status,
        headers=(),
        content=raw,
        fetched_at=datetime(2026, 11, 23, tzinfo=UTC),
        failure="",
        sha256=sha256_of(raw),
    )
    assert signal.parse_host is not None
    return signal.parse_host(HostFiles.of(ORIGIN, [file]), AGENT)


def read(signal: Signal, content: str | bytes, target: str = "/a.jpg", *, status: int = 200) -> Reading:
    return rules(signal, content, status=status).read(target)


def head(name: str, *values: str) -> ResponseHead:
    url = parse_url(f"{ORIGIN}/a.jpg")
    assert isinstance(url, WebUrl)
    return ResponseHead(url=url, status=200, headers=tuple((name, value) for value in values))


def denied(reading: Reading) -> Set[Use]:
    return {each.use for each in reading.statements if each.answer is Answer.DENIED}


def allowed(reading: Reading) -> Set[Use]:
    return {each.use for each in reading.statements if each.answer is Answer.NOT_RESERVED}


def specified(reading: Reading) -> Set[Use]:
    return {each.use for each in reading.statements if each.is_specified and each.answer is Answer.DENIED}


def standing(reading: Reading, use: Use) -> tuple[Standing, Standing]:
    (verdict,) = (each for each in verdicts(reading) if each.use is use)
    return verdict.spec, verdict.policy


# AIPREF


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("lines", "target", "no", "yes", "by_the_letter"),
    [
        (["train-ai=n"], "/a", {G, N}, NOTHING, {G}),
        (["train-ai=y"], "/a", NOTHING, {G, N}, NOTHING),
        (["search=n"], "/a", {S}, NOTHING, {S}),
        (["/b train-ai=n"], "/a", NOTHING, NOTHING, NOTHING),
        (["/b train-ai=n"], "/b/c", {G, N}, NOTHING, {G}),
        (["/b\ttrain-ai=n"], "/b/c", {G, N}, NOTHING, {G}),
        (["/*.jpg$ train-ai=n"], "/b/c.jpg", {G, N}, NOTHING, {G}),
        (["train-ai=n", "/b train-ai=y"], "/b", NOTHING, {G, N}, NOTHING),
        (["train-ai=y", "/b train-ai=n"], "/b", {G, N}, NOTHING, {G}),
        (["/b train-ai=y", "/b train-ai=n"], "/b", {G, N}, NOTHING, {G}),
        (["/b train-ai=y", "/* train-ai=n"], "/b", {G, N}, NOTHING, {G}),
        (["train-ai=n", "/b search=n"], "/b", {G, N, S}, NOTHING, {S}),
        (["train-ai=n", "/b"], "/b", {G, N}, NOTHING, NOTHING),
        (["train-ai=n, train-ai=y"], "/a", {G, N}, NOTHING, NOTHING),
        (["tdm=n"], "/a", {G, N, M}, NOTHING, NOTHING),
        (["all=y"], "/a", NOTHING, NOTHING, NOTHING),
        (["something=n"], "/a", NOTHING, NOTHING, NOTHING),
        (["/b" + "*c" * 60 + " train-ai=y"], "/b" + "c" * 99, NOTHING, NOTHING, NOTHING),
        (["/b" + "*c" * 60 + " train-ai=n"], "/b" + "c" * 99, {G, N}, NOTHING, {G}),
    ],
)
def test_the_longest_path_speaks_and_equal_ones_restrict(
    lines: list[str], target: str, no: Set[Use], yes: Set[Use], by_the_letter: Set[Use]
) -> None:
    """A denial for a shorter path stays where the longest does not answer, beyond what the draft says."""
    text = "User-agent: *\n" + "".join(f"Content-Usage: {line}\n" for line in lines)
    reading = read(aipref.SIGNAL, text, target)
    assert (denied(reading), allowed(reading), specified(reading)) == (no, yes, by_the_letter)
    assert {each.scope for each in reading.statements} <= {Scope.SITE}


@pytest.mark.control("C1.5")
def test_a_path_that_may_not_be_crawled_has_no_preference_by_the_letter() -> None:
    """Its denial is obeyed all the same, its allowance is none."""
    text = "User-agent: *\nDisallow: /b\nContent-Usage: /b train-ai={}"
    assert standing(read(aipref.SIGNAL, text.format("n"), "/b"), G) == (Standing.UNKNOWN, Standing.DENIED)
    assert read(aipref.SIGNAL, text.format("y"), "/b") == SILENCE


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("text", "no", "by_the_letter"),
    [
        ("User-agent: ClearanceBot\nContent-Usage: train-ai=n", {G, N}, {G}),
        ("User-agent: OtherBot\nContent-Usage: train-ai=n", NOTHING, NOTHING),
        ("User-agent: *\nContent-Usage: train-ai=n\nUser-agent: ClearanceBot\nAllow: /", {G, N}, NOTHING),
        ("User-agent: ClearanceBot\nContent-Usage: search=y\nUser-agent: *\nAllow: /", NOTHING, NOTHING),
        ("Content-Usage: train-ai=n\nUser-agent: *\nAllow: /", {G, N}, NOTHING),
        ("User-agent: Clear\nContent-Usage: train-ai=n", {G, N}, NOTHING),
    ],
)
def test_a_preference_is_a_rule_and_ends_a_run_of_agents(
    text: str, no: Set[Use], by_the_letter: Set[Use]
) -> None:
    """What only another engine's groups would find for us denies as well, beyond the draft."""
    reading = read(aipref.SIGNAL, text)
    assert (denied(reading), specified(reading)) == (no, by_the_letter)


@pytest.mark.control("C1.5")
def test_headers_and_rules_weigh_the_same() -> None:
    """Any n denies, wherever it stands; else any y allows; of non-generating models the draft is silent."""
    rule = read(aipref.SIGNAL, "User-agent: *\nContent-Usage: train-ai=y")
    no, yes = (aipref.read_response(head("Content-Usage", f"train-ai={said}")) for said in "ny")
    for first, second, expected in (
        (rule, no, (Standing.DENIED, Standing.DENIED)),
        (rule, yes, (Standing.NOT_RESERVED, Standing.NOT_RESERVED)),
    ):
        both = Reading(statements=first.statements + second.statements)
        assert standing(both, G) == expected
    assert standing(no, N) == (Standing.UNKNOWN, Standing.DENIED)


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("field", "no", "by_the_letter", "unreadable"),
    [
        ("train-ai=n", {G, N}, {G}, 0),
        ("train-ai=n, train-ai=y", {G, N}, NOTHING, 0),
        ("Train-AI=n", {G, N}, NOTHING, 1),
        ("train-ai=n, search=1, tdm=?1", {G, N}, {G}, 2),
        ("train-ai=n," + "a" * 9_000, {G, N}, NOTHING, 1),
    ],
)
def test_what_is_older_or_broken_denies_beyond_the_specification(
    field: str, no: Set[Use], by_the_letter: Set[Use], unreadable: int
) -> None:
    """An n that can be read is obeyed, whatever the field around it is; and the break is told."""
    for reading in (
        aipref.read_response(head("Content-Usage", field)),
        read(aipref.SIGNAL, f"User-agent: *\nContent-Usage: {field}"),
    ):
        assert (denied(reading), specified(reading), len(reading.unreadable)) == (
            no,
            by_the_letter,
            unreadable,
        )


@pytest.mark.control("C5.2")
def test_more_preferences_than_a_site_has_are_not_silence() -> None:
    """The first thousand are weighed, and that there are more is told for every path."""
    text = "User-agent: *\nContent-Usage: train-ai=n\n"
    text += "".join(f"Content-Usage: /{number} search=n\n" for number in range(20_000))
    reading = read(aipref.SIGNAL, text, "/x")
    assert (denied(reading), len(reading.unreadable)) == ({G, N}, 1)
    assert len(read(aipref.SIGNAL, text.replace("Usage: train", "Usage: /y train"), "/x").unreadable) == 1


@pytest.mark.control("C5.2")
def test_a_file_made_so_that_every_path_has_another_answer_is_answered() -> None:
    """Answers are kept for the next path up to a bound, and stay right beyond it."""
    letters = "abcdefghijk"
    text = "User-agent: *\n" + "".join(f"Content-Usage: /*{letter} search=n\n" for letter in letters)
    usage = rules(aipref.SIGNAL, f"{text}Content-Usage: /*zz train-ai=n\n")
    for number in range(1, 1 << len(letters)):
        chosen = "".join(letter for place, letter in enumerate(letters) if number >> place & 1)
        assert len(usage.read(f"/{chosen}").statements) == len(chosen)
    assert usage.read("/b/a") is usage.read("/a/b")


# Content Signals


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("value", "no", "yes", "unreadable"),
    [
        ("ai-train=no", {G, N}, NOTHING, 0),
        ("search=yes, ai-train=no", {G, N}, {S}, 0),
        ("search=yes,ai-input=yes,ai-train=yes", NOTHING, {S, I, G, N}, 0),
        ("ai-input=no", {I}, NOTHING, 0),
        ("search=no", {S}, NOTHING, 0),
        ("", NOTHING, NOTHING, 0),
        ("something=no", NOTHING, NOTHING, 0),
        ("AI-Train=No", {G, N}, NOTHING, 0),
        ("ai_train=no", {G, N}, NOTHING, 0),
        ("train-ai=n", {G, N}, NOTHING, 0),
        ("ai-train: false", {G, N}, NOTHING, 0),
        ('ai-train="no"', {G, N}, NOTHING, 0),
        ("all=no", ALL_USES, NOTHING, 0),
        ("tdm=no", DATA_USES, NOTHING, 0),
        ("train-ai=yes", NOTHING, NOTHING, 0),
        ("ai-train=Yes", NOTHING, NOTHING, 1),
        ("AI-Train=yes", NOTHING, NOTHING, 1),
        ("search=yes; ai-train=no", {G, N}, NOTHING, 1),
        ("ai-train=maybe", NOTHING, NOTHING, 1),
        ("ai-train=", NOTHING, NOTHING, 1),
        ("ai-train", NOTHING, NOTHING, 1),
        ("ai-train=yes, ai-train=no", {G, N}, NOTHING, 0),
        ("!", NOTHING, NOTHING, 1),
        ("ai-train=no, " + "x=y, " * 9_000, {G, N}, NOTHING, 1),
    ],
)
def test_content_signals_deny_in_any_spelling_and_allow_in_theirs_only(
    value: str, no: Set[Use], yes: Set[Use], unreadable: int
) -> None:
    """In robots.txt and as a header; what is meant for a known key and cannot be read is not silence."""
    for reading in (
        read(content_signals.SIGNAL, f"Content-Signal: {value}\nUser-agent: *\nAllow: /"),
        read(content_signals.SIGNAL, f"User-agent: *\nContent-Signal: {value}"),
        content_signals.read_response(head("Content-Signal", value)),
    ):
        assert (denied(reading), allowed(reading), len(reading.unreadable)) == (no, yes, unreadable)


@pytest.mark.control("C1.5")
def test_a_denial_in_another_spelling_stands_beyond_the_letter() -> None:
    """By the letter only `key=no` counts."""
    for value, spec in (("ai-train=no", Standing.DENIED), ("ai_train=no", Standing.UNKNOWN)):
        reading = content_signals.read_response(head("Content-Signal", value))
        assert standing(reading, N) == (spec, Standing.DENIED)


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("text", "no", "by_the_letter"),
    [
        ("Content-Signal: ai-train=no", TRAINING, TRAINING),
        ("User-agent: ClearanceBot\nContent-Signal: ai-train=no", TRAINING, TRAINING),
        ("User-agent: OtherBot\nContent-Signal: ai-train=no", NOTHING, NOTHING),
        ("User-agent: *\nContent-Signal: ai-train=no\n\nUser-agent: OtherBot\nAllow: /", TRAINING, TRAINING),
        (
            "User-agent: OtherBot\nContent-Signal: ai-train=no\nUser-agent: ClearanceBot\nAllow: /",
            TRAINING,
            TRAINING,
        ),
        ("User-agent: Clear\nContent-Signal: ai-train=no", TRAINING, NOTHING),
        ("User-agent: Clear\nContent-Signal: ai-train=yes", NOTHING, NOTHING),
    ],
)
def test_content_signals_speak_to_all_before_any_group_and_to_us_in_ours(
    text: str, no: Set[Use], by_the_letter: Set[Use]
) -> None:
    """They end no run of agents; what only another engine's groups find for us denies, and allows nothing."""
    reading = read(content_signals.SIGNAL, text)
    assert (denied(reading), specified(reading), allowed(reading)) == (no, by_the_letter, NOTHING)


@pytest.mark.control("C1.5")
def test_content_signals_may_speak_of_a_path() -> None:
    """Nearer than the site's own, by the letter; no denial is taken back."""
    text = "Content-Signal: ai-train=no\nContent-Signal: /open ai-train=yes\nContent-Signal: /no search=no"
    assert standing(read(content_signals.SIGNAL, text, "/open/a"), G) == (
        Standing.NOT_RESERVED,
        Standing.DENIED,
    )
    assert denied(read(content_signals.SIGNAL, text, "/no/a")) == {G, N, S}
    assert denied(read(content_signals.SIGNAL, text, "/a")) == {G, N}
    wide = "Content-Signal: /b" + "*c" * 60 + " search=yes, ai-train=no"
    cut = read(content_signals.SIGNAL, wide, "/b" + "c" * 99)
    assert (denied(cut), allowed(cut)) == ({G, N}, NOTHING)


@pytest.mark.control("C1.5")
def test_how_much_may_be_used_is_noted() -> None:
    """`use=` says what may be shown, which is no answer to any of our uses."""
    reading = read(content_signals.SIGNAL, "Content-Signal: search=yes, use=Reference, use=full")
    assert reading.noted("content-signal-use") == ("reference",)
    assert read(content_signals.SIGNAL, "Content-Signal: use") == SILENCE


@pytest.mark.control("C5.2")
def test_more_signals_than_a_site_has_are_not_silence() -> None:
    """The first thousand are weighed, and that there are more is told."""
    text = "Content-Signal: ai-train=no\n"
    text += "".join(f"Content-Signal: /{number} search=yes\n" for number in range(20_000))
    reading = read(content_signals.SIGNAL, text, "/x")
    assert (denied(reading), len(reading.unreadable)) == ({G, N}, 1)


# Tokens


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("text", "target", "quote"),
    [
        ("User-agent: GPTBot\nDisallow: /", "/a", "disallowed for GPTBot by line 2: Disallow: /"),
        ("User-agent: gptbot/1.2\nDisallow: /", "/a", "disallowed for GPTBot by line 2: Disallow: /"),
        ("User-agent: AI2Bot\nDisallow: /a", "/a", "disallowed for AI2Bot by line 2: Disallow: /a"),
        ("User-agent: Kangaroo Bot\nDisallow: /", "/a", "disallowed for Kangaroo Bot by line 2: Disallow: /"),
        ("User-agent: CCBot (all)\nDisallow: /", "/a", "disallowed for CCBot by line 2: Disallow: /"),
        (
            "User-agent: GPTBot\nUser-agent: CCBot\nUser-agent: ClaudeBot\nUser-agent: Bytespider\nDisallow: /a",
            "/a",
            "disallowed for GPTBot, CCBot, ClaudeBot and 1 more by line 5: Disallow: /a",
        ),
        (
            "User-agent: GPTBot\nDisallow: /a\n\nUser-agent: CCBot\nDisallow: /b",
            "/b",
            "disallowed for CCBot by line 5: Disallow: /b",
        ),
        (
            "User-agent: GPTBot\nDisallow: /a\n\nUser-agent: CCBot\nDisallow: /",
            "/b",
            "disallowed for CCBot by line 5: Disallow: /",
        ),
    ],
)
def test_to_turn_away_a_crawler_that_trains_reserves_training(text: str, target: str, quote: str) -> None:
    """Whichever it is, however it is written; for training only, and beyond what RFC 9309 says."""
    reading = read(ai_crawler_tokens.SIGNAL, text, target)
    assert (denied(reading), specified(reading), allowed(reading)) == (TRAINING, NOTHING, NOTHING)
    assert {(each.quote, each.scope) for each in reading.statements} == {(quote, Scope.SITE)}
    assert standing(reading, G) == (Standing.UNKNOWN, Standing.DENIED)


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("text", "target"),
    [
        ("User-agent: *\nDisallow: /", "/a"),
        ("User-agent: Googlebot\nUser-agent: bingbot\nDisallow: /", "/a"),
        ("User-agent: ChatGPT-User\nUser-agent: OAI-SearchBot\nUser-agent: PerplexityBot\nDisallow: /", "/a"),
        ("User-agent: GPTBot\nDisallow: /b", "/a"),
        ("User-agent: GPTBot\nDisallow:", "/a"),
        ("User-agent: GPTBot\nAllow: /a\nDisallow: /", "/a"),
        ("User-agent: Google\nDisallow: /", "/a"),
        ("", "/a"),
    ],
)
def test_other_groups_say_nothing_of_training(text: str, target: str) -> None:
    """Not one for everyone, for search, for an assistant, nor one that leaves the path open."""
    assert read(ai_crawler_tokens.SIGNAL, text, target) == SILENCE


@pytest.mark.control("C1.5")
def test_the_same_answer_is_made_once_a_rule() -> None:
    """A host has few rules and very many paths."""
    tokens = rules(ai_crawler_tokens.SIGNAL, "User-agent: GPTBot\nDisallow: /a")
    assert tokens.read("/a/1") is tokens.read("/a/2")
    assert tokens.crawl_delay_s is None


@pytest.mark.control("C5.2")
def test_groups_made_to_be_weighed_many_times_reserve_everything() -> None:
    """Each token has other groups, and all share one with very many lines."""
    names = list(crawler_tokens().by_name)
    shared = "".join(f"User-agent: {name}\n" for name in names)
    shared += "".join(f"Allow: /{number}\n" for number in range(MAX_RULES // len(names)))
    text = shared + "".join(f"User-agent: {name}\nAllow: /{name[0]}\n" for name in names)
    reading = read(ai_crawler_tokens.SIGNAL, text)
    assert denied(reading) == TRAINING
    assert {each.quote for each in reading.statements} == {
        f"more than {MAX_RULES} lines for crawlers that train: none is weighed"
    }


def test_the_list_of_tokens_is_dated_and_whole() -> None:
    """Each token once, with its operator and what it collects for."""
    known = crawler_tokens()
    assert known.as_of == date(2026, 8, 22)
    assert {"gptbot", "claudebot", "ccbot", "google-extended", "applebot-extended", "img2dataset"} <= set(
        known.by_name
    )
    assert known.by_name["ccbot"].collects_for is CollectsFor.BOTH
    assert all(each.token and each.operator for each in known.by_name.values())
    assert not {"chatgpt-user", "oai-searchbot", "perplexitybot", "claude-user", "cursor"} & set(
        known.by_name
    )


@pytest.mark.control("C1.5")
def test_every_token_stands_in_the_published_list(vectors: Path) -> None:
    """None is made up, and each that is said to collect training data there is known here."""
    published = json.loads((vectors / "agents" / "robots.json").read_text())
    names = {name.lower() for name in published}
    known = set(crawler_tokens().by_name)
    assert known <= names
    training = {name.lower() for name, entry in published.items() if "train" in entry["function"].lower()}
    assert training <= known


# All three


LINES = st.tuples(
    st.sampled_from(["Content-Usage: ", "Content-Signal: ", "User-agent: ", "Disallow: ", "Allow: ", "x: "]),
    st.sampled_from(
        [
            *(
                "train-ai=n",
                "train-ai=y",
                "search=y, train-ai=n",
                "/a train-ai=y",
                "/a search=n",
                "/ train-ai=n",
            ),
            *(
                "ai-train=no",
                "ai-train=yes",
                "/a ai-train=yes",
                "/a",
                "/",
                "*",
                "ClearanceBot",
                "GPTBot",
                "CCBot",
            ),
            *("", "=", "/a ", "ai-train", "train-ai", "Clear", '"'),
        ]
    )
    | st.text(max_size=12),
).map("".join)
FILES = st.lists(LINES, max_size=10).map("\n".join)


@pytest.mark.control("C1.5", "C5.2")
@given(FILES.map(str.encode) | st.binary(max_size=300), st.text(max_size=20), st.text(max_size=60))
def test_any_bytes_and_any_header_have_an_answer(content: bytes, path: str, value: str) -> None:
    """Nothing from outside makes a reader raise, and no quote carries what cannot be printed."""
    readings = [read(signal, content, f"/{path}") for signal in SIGNALS]
    readings += [
        aipref.read_response(head("content-usage", value)),
        content_signals.read_response(head("content-signal", value)),
    ]
    for reading in readings:
        assert all(each.quote.isprintable() for each in reading.statements)
        assert all(each.why.isprintable() for each in reading.unreadable)
        assert len(reading.statements) <= 200


@pytest.mark.control("C1.5")
@given(
    FILES,
    st.sampled_from(
        [
            *("Content-Usage: train-ai=n", "Content-Usage: /a train-ai=n", "Content-Usage: /a search=n"),
            *("Content-Signal: ai-train=no", "Content-Signal: /a search=no", "Content-Usage: ="),
        ]
    ),
    st.sampled_from(["/a", "/ab", "/b"]),
)
def test_another_denial_never_permits_more(text: str, denial: str, target: str) -> None:
    """One more denying line at the end of our group: what was denied or unreadable is not allowed by it."""
    before = f"{text}\nUser-agent: {AGENT}\nDisallow: /zzz"
    for signal in SIGNALS:
        first, second = (read(signal, made, target) for made in (before, f"{before}\n{denial}"))
        policy = {verdict.use: verdict.policy for verdict in verdicts(second)}
        for verdict in verdicts(first):
            if verdict.policy is Standing.DENIED:
                assert policy[verdict.use] is Standing.DENIED
            elif verdict.policy is not Standing.NOT_RESERVED:
                assert policy[verdict.use] is not Standing.NOT_RESERVED


@pytest.mark.control("C1.5")
def test_a_missing_file_says_nothing_and_an_outage_is_for_robots_to_tell() -> None:
    """No statement of use where there is no file to read."""
    for signal in SIGNALS:
        for status in (404, 503, 0):
            assert read(signal, b"", status=status) == SILENCE
        assert read(signal, "<html>Content-Signal: ai-train=no") == SILENCE
        assert signal.host_files == (("/robots.txt",),)
    assert aipref.read_response(head("x")) == SILENCE
    assert content_signals.read_response(head("x")) == SILENCE
