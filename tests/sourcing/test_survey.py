"""The report of a survey: counts, advice and times, from facts alone."""

import json
from collections import Counter
from datetime import UTC, datetime

import pytest

from clearance.identifiers import Host, sha256_of
from clearance.policy import Outcome, RuleId, default_policy_bytes, read_policy
from clearance.sourcing import (
    Answer,
    Estimate,
    HostFile,
    HostFiles,
    HostSurvey,
    Reading,
    Scope,
    Statement,
    Unreadable,
    Use,
    evaluate_host,
    ordered,
)
from clearance.sourcing.survey import Survey
from clearance.sourcing.survey_report import duration

POLICY = read_policy(default_policy_bytes())
ALLOWED = POLICY.decide([POLICY.reason(RuleId.BASIS_PUBLIC_DOMAIN)])


def surveyed(host: str = "example.org") -> HostSurvey:
    return HostSurvey(host=Host(host), source="archive", basis="public-domain")


def denial(n: int = 0) -> Statement:
    return Statement(
        signal="tdmrep", use=Use.GENERATIVE, answer=Answer.DENIED, scope=Scope.SITE, where=f"rule {n}"
    )


@pytest.mark.control("C3.7")
@pytest.mark.parametrize(
    ("pictures", "pages", "seconds", "days"),
    [(0, 0, 0.0, 0), (0, 5, 0.0, 0), (10, 0, 5.0, 1), (10, 4, 7.0, 2), (21, 0, 10.5, 3)],
)
def test_time_is_that_of_a_polite_pace(pictures: int, pages: int, seconds: float, days: int) -> None:
    """Pages that must be read first cost requests too; nothing to collect costs none."""
    host = surveyed()
    host.pages = pages
    for _ in range(pictures):
        host.add(Reading(), ALLOWED)
    host.settle(delay_s=0.5, daily_requests=10)
    assert host.estimate == Estimate(pictures=pictures, seconds=seconds, days=days)


@pytest.mark.control("C1.5")
def test_a_host_that_says_something_else_of_every_path_is_counted_and_not_listed() -> None:
    """Two hundred different statements, notes and unread things are listed; every picture is counted."""
    host = surveyed()
    for n in range(300):
        reading = Reading(
            statements=(denial(n),),
            unreadable=(Unreadable(signal="rsl", scope=Scope.SITE, where=str(n), why="x"),),
            notes=(("contact", str(n)),),
        )
        host.add(reading, POLICY.decide([POLICY.reason(RuleId.RESERVATION, signal="tdmrep", detail=str(n))]))
    assert (host.pictures, host.rules, host.outcomes) == (
        300,
        Counter({"reservation:tdmrep": 300}),
        Counter({Outcome.DENY: 300}),
    )
    assert (len(host.statements), len(host.unreadable), len(host.notes), len(host.reasons)) == (200,) * 4
    (advice,) = host.advice()
    assert (advice.rule, advice.pictures, advice.whom) == (
        RuleId.RESERVATION,
        300,
        tuple(str(n) for n in range(10)),
    )


def test_those_with_most_to_collect_come_first() -> None:
    """Then those with most pictures, then by name."""
    hosts = {name: surveyed(name) for name in ("a", "b", "c", "d")}
    for name, allowed, denied in (("a", 0, 1), ("b", 2, 0), ("c", 0, 3), ("d", 0, 1)):
        for _ in range(allowed):
            hosts[name].add(Reading(), ALLOWED)
        for _ in range(denied):
            hosts[name].add(Reading(), POLICY.decide([POLICY.reason(RuleId.QUOTA)]))
        hosts[name].settle(delay_s=1.0, daily_requests=10)
    survey = Survey(use=Use.MINING, hosts=ordered(hosts.values()), unreadable_rows=(), duplicates=0)
    assert [host.host for host in survey.hosts] == ["b", "c", "a", "d"]
    assert (survey.pictures, survey.outcomes(), survey.rules()) == (
        7,
        Counter({Outcome.ALLOW: 2, Outcome.DENY: 5}),
        Counter({"basis-public-domain": 2, "quota": 5}),
    )


def test_every_rule_that_can_stand_in_the_way_has_advice() -> None:
    """Whatever refuses an address before it is asked for, the report says what to do."""
    foreseen = {
        rule
        for rule in RuleId
        if POLICY.rules[rule].stage in ("plan", "fetch", "collect")
        and POLICY.rules[rule].effect in ("deny", "hold")
    } - {
        RuleId.RISK_SIGNED,
        RuleId.NETWORK_ADDRESS,
        RuleId.NETWORK_REGISTERED,
        RuleId.REDIRECT_OUTSIDE,
        RuleId.CONTENT_MISMATCH,
        RuleId.CONTENT_CHANGED,
        RuleId.NEAR_IDENTICAL_FLOOD,
    }
    for rule in foreseen:
        host = surveyed()
        host.add(Reading(), POLICY.decide([POLICY.reason(rule)]))
        assert host.advice()[0].what != "read the reason", rule


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0, "0 s"), (89, "89 s"), (90, "2 min"), (5399, "90 min"), (5400, "1.5 h"), (172_800, "2.0 days")],
)
def test_times_are_written_as_people_say_them(seconds: float, said: str) -> None:
    """Seconds, minutes, hours, days."""
    assert duration(seconds) == said


@pytest.mark.control("C3.7", "C1.5")
def test_several_files_of_a_host_speak_together() -> None:
    """The longest pause counts, and any denial; a host that says nothing is silent everywhere."""

    def file(path: str, text: str) -> HostFile:
        return HostFile(
            origin="https://example.org",
            path=path,
            status=200,
            headers=(),
            content=text.encode(),
            fetched_at=datetime(2026, 11, 1, tzinfo=UTC),
            failure="",
            sha256=sha256_of(text.encode()),
        )

    files = [
        file("/robots.txt", "User-agent: *\nCrawl-delay: 4"),
        file("/trust.txt", "datatrainingallowed=no"),
        file("/.well-known/tdmrep.json", json.dumps([{"location": "/a", "tdm-reservation": 1}])),
    ]
    rules = evaluate_host(HostFiles.of("https://example.org", files), agent="ClearanceBot")
    assert rules.crawl_delay_s == 4.0
    assert {each.signal for each in rules.read("/a").statements} == {"trust.txt", "tdmrep"}
    assert {each.signal for each in rules.read("/b").statements} == {"trust.txt"}
    silent = evaluate_host(HostFiles.of("https://example.org", []), agent="ClearanceBot")
    assert (silent.crawl_delay_s, silent.read("/a")) == (None, Reading())
