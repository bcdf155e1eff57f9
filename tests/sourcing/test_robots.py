"""robots.txt as the reference engines read it: whenever either denies, we deny."""

import random
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from protego import Protego
from robotstxt import RobotsMatcher

from clearance.identifiers import WebUrl, parse_url, sha256_of
from clearance.sourcing.observed import HostFile, HostFiles
from clearance.sourcing.signals.patterns import octets, requoted
from clearance.sourcing.signals.robots import SIGNAL, parse
from clearance.sourcing.signals.robots.file import MAX_BYTES, parse_robots, site_lines
from clearance.sourcing.signals.robots.path_rules import MAX_WILDCARD_RULES, PathRule, PathRules, rank_of
from clearance.sourcing.signals.robots.readings import MAX_RULES, RobotsRules
from clearance.sourcing.signals.signal import HostRules
from clearance.sourcing.signals.text_file import decoded
from clearance.sourcing.statements import SILENCE
from clearance.sourcing.uses import Use

ORIGIN = "https://example.org"
AGENT = "ClearanceBot"
AGENTS = (AGENT, "GPTBot", "*")


def host(content: bytes | str, *, status: int = 200, failure: str = "") -> HostFiles:
    raw = content.encode() if isinstance(content, str) else content
    file = HostFile(
        origin=ORIGIN,
        path="/robots.txt",
        status=status,
        headers=(),
        content=raw,
        fetched_at=datetime(2026, 11, 23, tzinfo=UTC),
        failure=failure,
        sha256=sha256_of(raw),
    )
    return HostFiles.of(ORIGIN, [file])


def rules(content: bytes | str) -> HostRules:
    return parse(host(content), AGENT)


def denies(content: bytes | str, target: str) -> bool:
    return {each.use for each in rules(content).read(target).statements} == {Use.FETCH}


class Engines:
    """The two reference engines, on one file."""

    def __init__(self, content: bytes) -> None:
        # The engines would stumble over a byte order mark and UTF-16, which are none of their differences.
        self._text = decoded(content[:MAX_BYTES])
        self._protego = Protego.parse(self._text)
        self._google = RobotsMatcher()

    def denying(self, url: str, agent: str) -> list[str]:
        """Name the engines that deny a request."""
        google = self._google.is_allowed(self._text, agent, url)
        protego = self._protego.can_fetch(url, agent)
        return [name for name, allowed in (("google", google), ("protego", protego)) if not allowed]


def targets(paths: list[str]) -> list[str]:
    """Bring paths into the form in which they are asked about: that of a parsed address."""
    parsed = (parse_url(f"{ORIGIN}{path}") for path in paths)
    found = (url.target for url in parsed if isinstance(url, WebUrl))
    return [target for target in dict.fromkeys(found) if not target.startswith("/robots.txt")]


def paths_of(content: bytes, chance: random.Random) -> list[str]:
    """Draw paths from a file's own rules, changed here and there, and some others."""
    lines = parse_robots(content).lines
    patterns = [line.value for line in lines if line.field in ("allow", "disallow") and line.value]
    drawn = chance.sample(patterns, min(len(patterns), 12))
    paths = ["/", "/images/a.jpg", "/index.html", "/a%2Fb/c.png?x=1&y=%C3%BC"]
    for pattern in drawn:
        filled = "".join(
            chance.choice(["", "x", "a/b", ".jpg", "?q=1"]) if char == "*" else char
            for char in pattern.removesuffix("$")
        )
        whole = filled if filled.startswith("/") else f"/{filled}"
        paths += [whole, whole + chance.choice(["x", "/", "/a.jpg", "?z=1&b=%2F"]), whole[:-1] or "/"]
    return paths


@pytest.mark.control("C1.5", "C5.3")
def test_real_files_are_denied_wherever_either_engine_denies(vectors: Path) -> None:
    """On every file found on the web; and where neither engine denies, nor do we, but for one in a thousand."""
    chance = random.Random(9309)
    asked, beyond = 0, 0
    files = sorted((vectors / "robots").iterdir())
    assert len(files) > 350
    for file in files:
        content = file.read_bytes()
        engines = Engines(content)
        paths = targets(paths_of(content, chance))
        for agent in AGENTS:
            ours = RobotsRules.of(parse_robots(content), agent)
            for target in paths:
                denying = engines.denying(ORIGIN + target, agent)
                is_denied = ours.denying(target) is not None
                assert is_denied or not denying, (file.name, agent, target, denying)
                asked += 1
                beyond += is_denied and not denying
    assert beyond * 1000 <= asked, (beyond, asked)


FIELDS = [
    *("User-agent: ", "user-agent:", "Useragent: ", "User agent ", "User-agents: "),
    *("Disallow: ", "Disallow:", "Disalow: ", "dissallow:", "Disallow ", "Disallowed: ", " Disallow : "),
    *("Allow: ", "Allows: ", "Sitemap: ", "Host: ", "Site-map: ", "Foo: ", "Crawl-delay: ", ""),
    *("Content-Signal: ", "Content-Usage: ", "#"),
]
NAMES = [
    *("*", "* foo", "ClearanceBot", "clearancebot", "Clearance", "C", "clear*", "ClearanceBot/1.0", ""),
    *("ClearanceBot x", "GPTBot", "Other", "*ClearanceBot", "ü", "Clearance-Bot", "bot", "*\tx"),
]
PIECES = [
    *("", "/", "/a", "/a/", "/b", "*", "$", "%", "%2", "%2F", "%2f", "%41", "%C3%BC", "ü", "?", "=", "&"),
    *("2F", "F", "44", ".", "index.html", "index.htm", "/index.html", "#x", " ", "\t", "\x0b", "\x85"),
    *("\xa0", "http://", "%25", "%FF", "(", "~", ":", "%3D", "'", "|", "[", ","),
]
LINE_ENDS = ["\n", "\n\n", "\r\n", "\r", "\x0b", "\u2028", "\n\r"]
VALUES = st.lists(st.sampled_from(PIECES), max_size=4).map("".join)
LINES = st.tuples(
    st.sampled_from(FIELDS),
    st.sampled_from(NAMES),
    st.sampled_from(["/", ""]),
    VALUES,
    st.sampled_from(LINE_ENDS),
).map(lambda line: line[0] + (line[1] if "ser" in line[0] else line[2] + line[3]) + line[4])
FILES = st.tuples(st.sampled_from(["", "\ufeff"]), st.lists(LINES, max_size=9).map("".join)).map("".join)


@pytest.mark.control("C1.5", "C5.3")
@given(FILES, st.lists(VALUES.map("/".__add__), min_size=1, max_size=5), st.sampled_from(AGENTS))
@example("User-agent: *\nDisallow: /*2F", ["/a%2Fb"], AGENT)
@example("User-agent: *\nDisallow: /*44", ["/a$4"], AGENT)
@example("User-agent: *\nDisallow: /a$", ["/a$"], AGENT)
@example("User-agent: *\nDisallow: /a%2", ["/a%20b"], AGENT)
@example("User-agent: *\nDisallow: /a%FF", ["/a%FE"], AGENT)
@example("User-agent: *\nDisallow: /" + "a" * 17_000, ["/" + "a" * 8_000], AGENT)
@example("User-agent: C\nDisallow: /a\nUser-agent: *\nDisallow: /b", ["/a", "/b"], AGENT)
@example("User-agent: *\nDisallow: /b\nUser-agent: C\nDisallow: /a", ["/a", "/b"], AGENT)
@example("User-agent: *\nDisallow: /\nAllow: /b/index.htm\nAllow: /a/index.html", ["/a/", "/b/"], AGENT)
@example("User-agent: *\nDisallow: /a/ü\nDisallow: /a*b\nAllow: /a/index.htmü", ["/a/", "/a/ü/b"], AGENT)
@example("User-agent: *\nDisallow: /*/\nAllow: /index.htmüü", ["/", "/a/"], AGENT)
@example("User-agent: *\nDisallow: http://example.org/x", ["/http://example.org/x"], AGENT)
def test_any_file_is_denied_wherever_either_engine_denies(text: str, paths: list[str], agent: str) -> None:
    """Also on lines, groups, names and escapes made to part the engines."""
    engines = Engines(text.encode())
    ours = RobotsRules.of(parse_robots(text.encode()), agent)
    for target in targets(paths):
        denying = engines.denying(ORIGIN + target, agent)
        assert ours.denying(target) is not None or not denying, (target, denying)


@pytest.mark.control("C1.5")
@given(FILES, VALUES.map("/".__add__), VALUES)
def test_another_denial_never_opens_a_path(text: str, target: str, value: str) -> None:
    """One more rule that forbids, in a group of ours, leaves closed what was closed."""
    before = f"{text}\nUser-agent: {AGENT}\nDisallow: /a\n"
    for path in targets([target]):
        if denies(before, path):
            assert denies(f"{before}Disallow: /{value}\n", path)


@pytest.mark.control("C1.5", "C5.2")
@given(st.binary(max_size=400) | FILES.map(str.encode), st.text(max_size=40))
def test_any_bytes_and_any_path_have_an_answer(content: bytes, target: str) -> None:
    """Nothing from outside makes the reader raise, lone surrogates and fragments included."""
    read = rules(content)
    assert len(read.read(f"/{target}").statements) <= 1
    assert read.crawl_delay_s is None or read.crawl_delay_s >= 0


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("text", "target", "quote"),
    [
        (
            "User-agent: *\n\n# a\nDisallow: /a*",
            "/ab",
            "disallowed for ClearanceBot by line 4: Disallow: /a*",
        ),
        ("User-agent: *\r\rDisalow: /", "/ab", "disallowed for ClearanceBot by line 3: Disallow: /"),
        (
            "User-agent: *\nDisallow: /\u202eb",
            "/%E2%80%AEb",
            "disallowed for ClearanceBot by line 2: Disallow: /\\u202eb",
        ),
    ],
)
def test_a_denial_quotes_its_rule_and_line(text: str, target: str, quote: str) -> None:
    """Who is refused, by which line; text from outside is made safe to print."""
    reading = rules(text).read(target)
    assert [each.quote for each in reading.statements] == [quote]
    assert rules(text).read(target) == reading


@pytest.mark.control("C5.3")
def test_one_set_of_rules_answers_the_same_path_with_the_same_reading() -> None:
    """An answer is made once a rule, however many paths it closes."""
    read = rules("User-agent: *\nDisallow: /a")
    assert read.read("/a/1") is read.read("/a/2")


@pytest.mark.control("C5.3")
def test_the_file_itself_is_always_free() -> None:
    """Whatever it forbids, robots.txt may be asked for."""
    text = "User-agent: *\nDisallow: /"
    assert [denies(text, target) for target in ("/robots.txt", "/robots.txt.bak")] == [False, True]


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("text", "target", "is_denied"),
    [
        ("Disallow: /a\nAllow: /ab", "/ab", False),
        ("Disallow: /ab\nAllow: /a", "/ab", True),
        ("Allow: /a\nDisallow: /a", "/ab", False),
        ("Disallow: /a\nDisallow: /a", "/ab", True),
        ("Allow: /*b\nDisallow: /a", "/ab", False),
        ("Allow: /a$\nDisallow: /a", "/a", False),
        ("Allow: /a$\nDisallow: /a", "/ab", True),
        ("Disallow: /a/b/c\nDisallow: /a\nAllow: /a/b", "/a/x", True),
        ("Disallow: /a/b/c\nDisallow: /a\nAllow: /a/b", "/a/b/x", False),
        ("Disallow: /%61bcdef\nAllow: /abc", "/abcdef", True),
        ("Disallow: x\nDisallow: *x", "/ax", True),
        ("Disallow: x", "/x", False),
        ("Disallow: /*x*y$", "/axby", True),
        ("Disallow: /*x*y$", "/aybx", False),
        ("Disallow: /a*b$", "/ab?b#c", True),
        ("Disallow: /**", "/a", True),
        ("Disallow: /ä/\nAllow: /ä/ö", "/%C3%A4/%C3%B6", False),
    ],
)
def test_the_longest_rule_wins_and_an_allowance_wins_a_tie(text: str, target: str, is_denied: bool) -> None:
    """Length in octets as the pattern is written, wildcards counted."""
    assert denies(f"User-agent: *\n{text}", target) is is_denied


@pytest.mark.control("C3.7")
@pytest.mark.parametrize(
    ("text", "delay"),
    [
        ("User-agent: *\nCrawl-delay: 7", 7.0),
        ("User-agent: *\nCrawl-delay: 7\nCrawl-delay: 2.5", 7.0),
        ("User-agent: *\nCrawl-delay: 7\nUser-agent: ClearanceBot\nCrawl-delay: 2", 7.0),
        ("User-agent: *\nCrawl-delay: 9\nAllow: /\n\nUser-agent: ClearanceBot\nCrawl delay: 2", 2.0),
        ("User-agent: *\nCrawlDelay: 3 seconds", 3.0),
        ("User-agent: *\nCrawl-delay: -3", None),
        ("User-agent: *\nCrawl-delay: inf\nCrawl-delay: nan\nCrawl-delay: soon", None),
        ("Crawl-delay: 3", None),
    ],
)
def test_the_longest_delay_that_is_stated_for_us_counts(text: str, delay: float | None) -> None:
    """In whichever reading; what is no time at all does not."""
    assert rules(text).crawl_delay_s == delay


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(("status", "failure"), [(0, "timeout"), (202, ""), (503, "")])
def test_a_file_that_cannot_be_asked_for_denies_for_now(status: int, failure: str) -> None:
    """RFC 9309 section 2.3.1.4: unreachable is full disallow, robots.txt lines are none."""
    files = host(b"", status=status, failure=failure)
    (statement,) = parse(files, AGENT).read("/a").statements
    assert (statement.is_temporary, statement.quote) == (True, failure or f"HTTP {status}")
    assert site_lines(files, "license") == ()


@pytest.mark.control("C1.5")
def test_a_missing_file_and_a_page_in_its_place_say_nothing() -> None:
    """No statement, which is not a permission."""
    for files in (host(b"", status=404), host("<!DOCTYPE html>\nDisallow: /"), HostFiles.of(ORIGIN, [])):
        assert parse(files, AGENT).read("/a") == SILENCE
        assert site_lines(files, "disallow") == ()


@pytest.mark.control("C1.5")
def test_lines_that_speak_for_the_site_are_found_anywhere() -> None:
    """Before, between and below groups, in any case, without their comments."""
    text = (
        "\ufeffLICENSE: https://example.org/a.xml # ours\r\nUser-agent: *\rSitemaps: https://example.org/s\n"
        "License : https://example.org/b.xml\nno colon at all\nlicense:\n: x"
    )
    found = [(line.number, line.value) for line in site_lines(host(text), "license")]
    assert found == [(1, "https://example.org/a.xml"), (4, "https://example.org/b.xml"), (6, "")]
    assert [line.value for line in site_lines(host(text), "sitemap")] == ["https://example.org/s"]


@pytest.mark.control("C5.2")
@pytest.mark.parametrize(
    "line",
    [
        "Disallow:/{}",
        "Disallow:/*{}$",
        "Allow:/{}$",
        "User-agent:{}",
        "a{}:",
        "Disallow:/?\u00fc{}",
        "Disallow /{}",
    ],
)
def test_a_megabyte_of_anything_is_read_up_to_its_bounds(line: str) -> None:
    """Rules, wildcards, names or nonsense: the file is answered, and more rules than may be weighed close it."""
    text = "User-agent: *\n" + "\n".join(line.format(number) for number in range(MAX_BYTES // 12))
    read = rules(text)
    assert (read.read("/" + "a" * 8_191) == SILENCE) is not line.lower().startswith(("disallow", "allow"))
    assert read.read("/" + "%C3%BC" * 1_300).statements == read.read("/zzz").statements


@pytest.mark.control("C5.2")
def test_lines_beyond_what_a_megabyte_of_rules_can_hold_are_not_read() -> None:
    """Empty fields by the hundred thousand are made to keep us busy."""
    assert denies("User-agent: *\nDisallow: /a\n" + "x:\n" * 200_000 + "Disallow: /b", "/a")
    assert len(parse_robots(b"x:\n" * 200_000).lines) == 100_000


@pytest.mark.control("C5.2")
def test_a_file_with_more_rules_than_may_be_weighed_closes_the_host() -> None:
    """Also where all of them allow: it is made to keep us busy, and is left alone."""
    text = "User-agent: *\n" + "".join(f"Allow: /{number}\n" for number in range(MAX_RULES + 1))
    (statement,) = rules(text).read("/1").statements
    assert statement.quote == f"more than {MAX_RULES} rules for ClearanceBot: nothing is asked for"
    assert not denies("User-agent: *\n" + "Allow: /a\n" * (MAX_RULES + 1), "/1")


def rule(*parts: str, is_anchored: bool = False, is_allowance: bool = False) -> PathRule:
    text = "*".join(parts) + "$" * is_anchored
    rank = rank_of(len(text), is_allowance=is_allowance)
    return PathRule(
        parts=parts, is_anchored=is_anchored, rank=rank, is_allowance=is_allowance, line=1, text=text
    )


@pytest.mark.control("C1.5", "C5.2")
def test_wildcards_beyond_the_bound_forbid_more_and_allow_nothing() -> None:
    """A rule that forbids is cut before its wildcard, one that allows is dropped; known patterns stay."""
    many = [rule("/a/", str(number)) for number in range(MAX_WILDCARD_RULES)]
    more = [rule("/a/", "0"), rule("/b", "x"), rule("/c", "y", is_allowance=True)]
    weighed = PathRules([*many, *more])
    assert weighed.winner("/b") == more[1]
    assert weighed.winner("/cy") is None
    assert weighed.winner("/a/zz") is None


@pytest.mark.control("C1.5", "C5.2")
def test_a_rule_with_more_wildcards_than_a_path_needs_forbids_more_and_allows_nothing() -> None:
    """It is cut where it forbids, and dropped where it allows."""
    stars = ["/", *"a" * 60, "b"]
    path = "/" + "a" * 60
    assert PathRules([rule(*stars, is_anchored=True)]).winner(path) is not None
    assert PathRules([rule(*stars[:-1], is_allowance=True)]).winner(path) is None


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("given_rules", "closes"),
    [
        ([rule("/")], True),
        ([rule("/", "")], True),
        ([rule("/"), rule("/a")], True),
        ([rule("/", is_anchored=True)], False),
        ([rule("/a")], False),
        ([rule("/"), rule("/a", is_allowance=True)], False),
        ([rule("/"), rule("/a", is_anchored=True, is_allowance=True)], False),
        ([rule("/"), rule("/", "b", is_allowance=True)], False),
        ([], False),
    ],
)
def test_rules_that_leave_nothing_open_are_told_apart(given_rules: list[PathRule], closes: bool) -> None:
    """Everything is forbidden by a rule for the root, with no allowance anywhere."""
    assert (PathRules(given_rules).forbidding_everything is not None) is closes


@pytest.mark.control("C5.2")
@given(
    st.lists(
        st.tuples(st.text("ab*/", max_size=5), st.booleans(), st.booleans()).map(
            lambda made: rule(*f"/{made[0]}".split("*"), is_anchored=made[1], is_allowance=made[2])
        ),
        max_size=8,
    ),
    st.text("ab/", max_size=8).map("/".__add__),
)
def test_the_compiled_rules_choose_as_a_plain_search_does(given_rules: list[PathRule], path: str) -> None:
    """Sorted order, parents and needles change the time, never the answer."""
    alone = [each for each in given_rules if PathRules([each]).winner(path) is not None]
    best = max((each.rank for each in alone), default=None)
    winner = PathRules(given_rules).winner(path)
    assert (winner.rank if winner is not None else None) == best


@pytest.mark.parametrize(
    ("path", "as_octets", "as_requoted"),
    [
        ("/a/b.jpg", "/a/b.jpg", "/a/b.jpg"),
        ("/a?b=1&c", "/a?b=1&c", "/a%3Fb=1%26c"),
        ("/a(b)", "/a(b)", "/a%28b%29"),
        ("/a%2fb%25c", "/a/b%c", "/a%2Fb%25c"),
        ("/%7ea%3D", "/~a=", "/~a="),
        ("/%C3%BC", "/\xc3\xbc", "/%C3%BC"),
        ("/\u00fc%2f", "/\xc3\xbc/", "/%C3%BC%2F"),
        ("/%FF", "/\xff", "/%EF%BF%BD"),
        ("/%2", "/%2", "/%2"),
        ("/\ud800", "/?", "/%3F"),
    ],
)
def test_a_path_is_spelt_as_each_engine_compares_it(path: str, as_octets: str, as_requoted: str) -> None:
    """Decoded octets for one, everything escaped anew for the other."""
    assert (octets(path), requoted(path)) == (as_octets, as_requoted)


def test_the_signal_asks_for_robots_txt() -> None:
    """It is what says whether anything else may be asked for."""
    assert SIGNAL.host_files == (("/robots.txt",),)
