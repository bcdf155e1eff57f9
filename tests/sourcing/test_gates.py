from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.identifiers import WebUrl, parse_url
from clearance.policy import Decision, Outcome, Policy, RuleId, default_policy_bytes, read_policy
from clearance.sourcing import (
    Answer,
    Basis,
    CollectFacts,
    Grant,
    HostPattern,
    Licence,
    Pace,
    Quotas,
    Reading,
    Scope,
    Source,
    Statement,
    Unreadable,
    Use,
    basis_of,
    may_collect,
    may_request,
    may_use,
)

POLICY = read_policy(default_policy_bytes())
NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
DEFAULT = default_policy_bytes().decode()


def policy(*changes: tuple[str, str]) -> Policy:
    text = DEFAULT
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return read_policy(text.encode())


def source(basis: Basis, *, open_licence: str = "") -> Source:
    return Source(
        name="archive",
        owner="",
        hosts=(HostPattern("example.org"),),
        basis=basis,
        open_licence=open_licence,
        diligence="looked into",
        diligence_sha256="",
        quotas=Quotas(),
        pace=Pace(),
    )


LICENCE = Licence(
    id="licence-0001",
    licensor="Agency",
    sources=("archive",),
    paths=(),
    grants=frozenset({Grant.TRAIN, Grant.DISPLAY}),
    valid_from=date(2026, 1, 1),
    valid_until=date(2026, 11, 23),
    conditions="",
    reference="C-1",
)


def url() -> WebUrl:
    parsed = parse_url("https://example.org/a.jpg")
    assert isinstance(parsed, WebUrl)
    return parsed


FACTS = CollectFacts(
    url=url(),
    project_use=Use.GENERATIVE,
    source=source(Basis.PUBLIC_DOMAIN),
    licences=(),
    stated_licence="",
    host=Reading(),
    response=Reading(),
    embedded=Reading(),
    now=NOW,
)


def facts(basis: Basis = Basis.PUBLIC_DOMAIN, *, open_licence: str = "", **changes: object) -> CollectFacts:
    return replace(FACTS, source=source(basis, open_licence=open_licence), **changes)  # type: ignore[arg-type] # fields of CollectFacts


def denial(
    use: Use = Use.GENERATIVE, *, signal: str = "tdmrep", scope: Scope = Scope.SITE, temporary: bool = False
) -> Reading:
    statement = Statement(
        signal=signal,
        use=use,
        answer=Answer.DENIED,
        scope=scope,
        where="there",
        quote="no",
        is_temporary=temporary,
    )
    return Reading(statements=(statement,))


def told(decision: Decision) -> tuple[Outcome, set[str]]:
    return decision.outcome, {reason.key for reason in decision.reasons}


@pytest.mark.control("C1.3")
def test_without_a_registered_source_nothing_is_asked_for_or_kept() -> None:
    """An unknown host has nobody who looked into it."""
    unknown = replace(FACTS, source=None)
    assert basis_of(unknown, POLICY).basis is None
    for gate in (may_request, may_collect):
        assert told(gate(unknown, POLICY)) == (Outcome.DENY, {"source-registered"})


@pytest.mark.control("C1.1")
@pytest.mark.parametrize(
    ("given_facts", "outcome", "rule"),
    [
        (facts(Basis.PUBLIC_DOMAIN), Outcome.ALLOW, "basis-public-domain"),
        (facts(Basis.OWN_WORK), Outcome.ALLOW, "basis-own-work"),
        (facts(Basis.TDM_EXCEPTION), Outcome.DENY, "basis-tdm-exception"),
        (facts(Basis.LICENCE), Outcome.DENY, "basis-missing"),
        (facts(Basis.LICENCE, licences=(LICENCE,)), Outcome.ALLOW, "basis-licence"),
        (
            facts(Basis.LICENCE, licences=(replace(LICENCE, valid_until=None),)),
            Outcome.ALLOW,
            "basis-licence",
        ),
        (
            facts(Basis.LICENCE, licences=(replace(LICENCE, valid_until=date(2026, 11, 22)),)),
            Outcome.DENY,
            "licence-term",
        ),
        (
            facts(Basis.LICENCE, licences=(replace(LICENCE, valid_from=date(2026, 11, 24)),)),
            Outcome.DENY,
            "licence-term",
        ),
        (
            facts(Basis.LICENCE, licences=(replace(LICENCE, grants=frozenset({Grant.SELL})),)),
            Outcome.DENY,
            "licence-use",
        ),
        (facts(Basis.OPEN_LICENCE), Outcome.DENY, "basis-missing"),
        (facts(Basis.OPEN_LICENCE, open_licence="CC-BY-4.0"), Outcome.ALLOW, "basis-open-licence"),
        (facts(Basis.OPEN_LICENCE, stated_licence="cc by-sa 4.0"), Outcome.ALLOW, "basis-open-licence"),
        (
            facts(Basis.OPEN_LICENCE, stated_licence="https://creativecommons.org/licenses/by-nc/4.0/"),
            Outcome.DENY,
            "licence-noncommercial",
        ),
        (facts(Basis.OPEN_LICENCE, stated_licence="CC BY-ND 4.0"), Outcome.DENY, "licence-no-derivatives"),
        (facts(Basis.OPEN_LICENCE, stated_licence="all rights reserved"), Outcome.DENY, "licence-unknown"),
        (facts(Basis.OPEN_LICENCE, stated_licence="CC BY"), Outcome.DENY, "licence-unknown"),
        (facts(Basis.OPEN_LICENCE, stated_licence="OGL-UK-3.0"), Outcome.DENY, "licence-unknown"),
        (
            facts(
                Basis.OPEN_LICENCE,
                embedded=Reading(notes=(("licence", "https://creativecommons.org/publicdomain/zero/1.0/"),)),
            ),
            Outcome.ALLOW,
            "basis-open-licence",
        ),
        (
            facts(
                Basis.OPEN_LICENCE,
                stated_licence="CC0",
                embedded=Reading(notes=(("licence", "CC BY-NC 4.0"),)),
            ),
            Outcome.DENY,
            "licence-noncommercial",
        ),
    ],
)
def test_each_basis_holds_or_says_why_not(given_facts: CollectFacts, outcome: Outcome, rule: str) -> None:
    """Without a basis nothing is collected; the last day of a licence is in, the day after is out."""
    assert told(may_collect(given_facts, POLICY)) == (outcome, {rule})


@pytest.mark.control("C1.1")
def test_an_open_licence_may_still_come_to_light_but_a_refused_one_is_not_looked_at() -> None:
    """Where nothing is stated yet the picture is looked at; where NC is stated it is not asked for."""
    assert told(may_request(facts(Basis.OPEN_LICENCE), POLICY)) == (Outcome.ALLOW, {"basis-open-licence"})
    refused = facts(Basis.OPEN_LICENCE, stated_licence="CC BY-NC 4.0")
    assert told(may_request(refused, POLICY)) == (Outcome.DENY, {"licence-noncommercial"})
    assert told(may_request(facts(Basis.LICENCE), POLICY)) == (Outcome.DENY, {"basis-missing"})
    assert told(may_request(facts(), POLICY)) == (Outcome.ALLOW, {"basis-public-domain"})


@pytest.mark.control("C1.1")
def test_a_policy_may_accept_what_the_default_refuses() -> None:
    """NC and ND count when the policy says so and names the licence; a basis it forbids is none."""
    wide = policy(*NC_ACCEPTED)
    stated = facts(Basis.OPEN_LICENCE, stated_licence="CC BY-NC 4.0")
    assert told(may_collect(stated, wide)) == (Outcome.ALLOW, {"basis-open-licence"})
    strict = policy(
        (
            "that we accept.\n    stage: collect\n    effect: allow",
            "that we hold.\n    stage: collect\n    effect: hold",
        )
    )
    assert told(may_collect(facts(Basis.OPEN_LICENCE, stated_licence="CC0"), strict)) == (
        Outcome.HOLD,
        {"basis-open-licence"},
    )
    closed = policy(
        (
            "covers the picture.\n    stage: collect\n    effect: allow",
            "is not enough here.\n    stage: collect\n    effect: deny",
        )
    )
    assert told(may_collect(facts(Basis.LICENCE, licences=(LICENCE,)), closed)) == (
        Outcome.DENY,
        {"basis-licence"},
    )


NC_ACCEPTED = (
    (
        "are not collected.\n    stage: collect\n    effect: deny",
        "are collected here.\n    stage: collect\n    effect: allow",
    ),
    ("        - CC0-1.0", "        - CC0-1.0\n        - CC-BY-NC-4.0"),
)


@pytest.mark.control("C1.3")
@pytest.mark.parametrize(
    ("grant", "outcome", "rule"),
    [
        (Grant.TRAIN, Outcome.ALLOW, "basis-open-licence"),
        (Grant.DISPLAY, Outcome.ALLOW, "basis-open-licence"),
        (Grant.SELL, Outcome.DENY, "licence-use"),
    ],
)
def test_a_non_commercial_picture_is_not_sold_even_where_the_policy_accepts_it(
    grant: Grant, outcome: Outcome, rule: str
) -> None:
    """The licence binds beyond the policy."""
    decision = may_use(
        basis=Basis.OPEN_LICENCE,
        open_licence="CC-BY-NC-4.0",
        licence=None,
        grant=grant,
        now=NOW,
        policy=policy(*NC_ACCEPTED),
    )
    assert told(decision) == (outcome, {rule})


@pytest.mark.control("C1.1")
def test_under_the_mining_exception_silence_is_unknown_and_unknown_is_not_kept() -> None:
    """Where a policy relies on the exception, the rights holder's own word is needed, for our use, anywhere."""
    relying = policy(
        (
            "in place of a permission.\n    stage: collect\n    effect: deny",
            "where nothing is reserved.\n    stage: collect\n    effect: allow",
        )
    )
    silent = facts(Basis.TDM_EXCEPTION)
    assert told(may_collect(silent, relying)) == (Outcome.DENY, {"basis-missing"})
    assert told(may_request(silent, relying)) == (Outcome.ALLOW, {"basis-tdm-exception"})
    assert told(may_request(silent, POLICY)) == (Outcome.DENY, {"basis-tdm-exception"})
    for place in ("host", "response", "embedded"):
        free = replace(denial().statements[0], answer=Answer.NOT_RESERVED)
        said: Any = {place: Reading(statements=(free,))}
        assert told(may_collect(replace(silent, **said), relying)) == (Outcome.ALLOW, {"basis-tdm-exception"})
        other: Any = {place: Reading(statements=(replace(free, use=Use.SEARCH),))}
        assert told(may_collect(replace(silent, **other), relying)) == (Outcome.DENY, {"basis-missing"})
        both: Any = {place: Reading(statements=(free, *denial().statements))}
        assert may_collect(replace(silent, **both), relying).outcome is Outcome.DENY


@pytest.mark.control("C1.1")
@pytest.mark.parametrize("basis", [Basis.LICENCE, Basis.PUBLIC_DOMAIN, Basis.OPEN_LICENCE])
def test_an_allowance_is_never_a_licence(basis: Basis) -> None:
    """Without its own basis a picture is not kept, however loudly a signal allows; with it nothing is added."""
    free = Reading(statements=(replace(denial().statements[0], answer=Answer.NOT_RESERVED),))
    given_facts = facts(basis)
    allowed = replace(given_facts, host=free, response=free, embedded=free)
    assert may_collect(allowed, POLICY) == may_collect(given_facts, POLICY)


@pytest.mark.control("C1.5", "C5.3")
@pytest.mark.parametrize(
    ("reading", "rule"),
    [
        (denial(Use.FETCH, signal="robots.txt"), "crawl-disallowed:robots.txt"),
        (denial(Use.FETCH, signal="robots.txt", temporary=True), "host-unreachable:robots.txt"),
        (denial(Use.FETCH, signal="http-status"), "access-refused:http-status"),
        (
            replace(denial(Use.FETCH, signal="http-status"), notes=(("payment-required", "402"),)),
            "payment-required:http-status",
        ),
        (denial(), "reservation:tdmrep"),
    ],
)
def test_a_denial_anywhere_denies(reading: Reading, rule: str) -> None:
    """From the host, the response or the picture itself."""
    for place in ("host", "response", "embedded"):
        assert told(may_collect(replace(FACTS, **{place: reading}), POLICY)) == (Outcome.DENY, {rule})  # type: ignore[arg-type] # a Reading
    assert told(may_request(replace(FACTS, host=reading), POLICY)) == (Outcome.DENY, {rule})


@pytest.mark.control("C1.5")
def test_a_denial_of_another_use_does_not_bind_ours() -> None:
    """A statement about search says nothing about training."""
    assert may_collect(replace(FACTS, host=denial(Use.SEARCH)), POLICY).outcome is Outcome.ALLOW


@pytest.mark.control("C1.1", "C1.5")
def test_a_licence_answers_the_sites_reservation_and_never_the_pictures() -> None:
    """TDMRep on an agency's site is answered by the agency's licence; robots.txt and the picture's own words are not."""
    licensed = facts(Basis.LICENCE, licences=(LICENCE,))
    assert may_collect(replace(licensed, host=denial()), POLICY).outcome is Outcome.ALLOW
    assert may_request(replace(licensed, host=denial()), POLICY).outcome is Outcome.ALLOW
    (reason,) = may_collect(replace(licensed, host=denial()), POLICY).reasons
    assert reason.detail == "licence-0001, Agency, C-1; answers the site's tdmrep"
    (plain,) = may_collect(licensed, POLICY).reasons
    assert plain.detail == "licence-0001, Agency, C-1"
    for reading in (
        denial(scope=Scope.ASSET),
        denial(Use.FETCH, signal="robots.txt"),
        denial(signal="unlisted"),
    ):
        assert may_collect(replace(licensed, host=reading), POLICY).outcome is Outcome.DENY
    ended = replace(licensed, licences=(replace(LICENCE, valid_until=date(2026, 1, 2)),), host=denial())
    assert told(may_collect(ended, POLICY)) == (Outcome.DENY, {"reservation:tdmrep", "licence-term"})


@pytest.mark.control("C1.5")
def test_what_cannot_be_read_waits_for_a_person() -> None:
    """Present but unreadable holds, and a denial beside it still denies."""
    unread = Unreadable(signal="xmp", scope=Scope.ASSET, where="XMP", why="broken")
    reading = Reading(unreadable=(unread,))
    assert told(may_collect(replace(FACTS, embedded=reading), POLICY)) == (
        Outcome.HOLD,
        {"reservation-unreadable:xmp"},
    )
    both = replace(FACTS, embedded=reading, response=denial())
    assert may_collect(both, POLICY).outcome is Outcome.DENY


@pytest.mark.control("C1.1")
@pytest.mark.parametrize(
    ("notes", "stated", "outcome"),
    [
        ((("licence", "CC BY 4.0"),), "", Outcome.HOLD),
        ((), "all rights reserved", Outcome.HOLD),
        ((("copyrighted", " True "),), "", Outcome.HOLD),
        ((("copyrighted", "False"),), "", Outcome.ALLOW),
        ((("licence", "https://creativecommons.org/publicdomain/mark/1.0/"),), "CC0", Outcome.ALLOW),
    ],
)
def test_a_picture_that_contradicts_its_source_waits_for_a_person(
    notes: tuple[tuple[str, str], ...], stated: str, outcome: Outcome
) -> None:
    """Registered as public domain but under copyright by its own words: somebody must look."""
    given_facts = replace(FACTS, embedded=Reading(notes=notes), stated_licence=stated)
    assert may_collect(given_facts, POLICY).outcome is outcome


statements = st.builds(
    Statement,
    signal=st.sampled_from(["tdmrep", "robots.txt", "http-status", "plus-data-mining"]),
    use=st.sampled_from(Use),
    answer=st.sampled_from(Answer),
    scope=st.sampled_from(Scope),
    where=st.just("x"),
    is_temporary=st.booleans(),
)
unreadables = st.builds(
    Unreadable,
    signal=st.just("xmp"),
    scope=st.sampled_from(Scope),
    where=st.just("x"),
    why=st.text(max_size=5),
)
readings = st.builds(
    Reading,
    statements=st.lists(statements, max_size=4).map(tuple),
    unreadable=st.lists(unreadables, max_size=2).map(tuple),
    notes=st.lists(
        st.tuples(
            st.sampled_from(["licence", "copyrighted", "payment-required"]),
            st.sampled_from(["CC0", "True", "CC BY 4.0"]),
        ),
        max_size=2,
    ).map(tuple),
)
all_facts = st.builds(
    CollectFacts,
    url=st.just(url()),
    project_use=st.sampled_from([Use.GENERATIVE, Use.NON_GENERATIVE, Use.MINING]),
    source=st.sampled_from([None, *(source(basis) for basis in Basis)]),
    licences=st.sampled_from([(), (LICENCE,), (replace(LICENCE, valid_until=date(2026, 1, 2)),)]),
    stated_licence=st.sampled_from(["", "CC0", "CC BY-NC 4.0", "none"]),
    host=readings,
    response=readings,
    embedded=readings,
    now=st.just(NOW),
)
ORDER = [Outcome.ALLOW, Outcome.HOLD, Outcome.DENY]


@pytest.mark.control("C1.1", "C1.5")
@given(
    all_facts,
    st.sampled_from(["host", "response", "embedded"]),
    statements.filter(lambda s: s.answer is Answer.DENIED),
)
def test_one_more_denial_never_yields_more_permission(
    given_facts: CollectFacts, place: str, further: Statement
) -> None:
    """Whatever else is known, a further denial makes the answer stricter or leaves it."""
    before = may_collect(given_facts, POLICY)
    reading: Reading = getattr(given_facts, place)
    stricter: Any = {place: replace(reading, statements=(*reading.statements, further))}
    more = replace(given_facts, **stricter)
    assert ORDER.index(may_collect(more, POLICY).outcome) >= ORDER.index(before.outcome)


@pytest.mark.control("C1.5")
@given(all_facts)
def test_order_does_not_matter_and_a_replay_decides_the_same(given_facts: CollectFacts) -> None:
    """The same facts in another order give the same outcome, and the same facts the same decision."""
    turned = replace(
        given_facts,
        host=replace(given_facts.host, statements=given_facts.host.statements[::-1]),
        embedded=replace(given_facts.embedded, notes=given_facts.embedded.notes[::-1]),
    )
    assert may_collect(turned, POLICY).outcome is may_collect(given_facts, POLICY).outcome
    assert may_collect(given_facts, POLICY) == may_collect(given_facts, POLICY)


@pytest.mark.control("C1.1")
@given(all_facts)
def test_what_may_be_collected_could_be_asked_for_and_names_one_basis(given_facts: CollectFacts) -> None:
    """No permission without a basis, and never after a request that was denied."""
    decision = may_collect(given_facts, POLICY)
    if decision.outcome is Outcome.ALLOW:
        assert [reason.rule.value.startswith("basis-") for reason in decision.reasons] == [True]
        assert may_request(given_facts, POLICY).outcome is Outcome.ALLOW


@pytest.mark.control("C1.3", "C3.2")
@pytest.mark.parametrize(
    ("basis", "open_licence", "licence", "grant", "outcome", "rule"),
    [
        (Basis.LICENCE, "", LICENCE, Grant.TRAIN, Outcome.ALLOW, RuleId.BASIS_LICENCE),
        (Basis.LICENCE, "", LICENCE, Grant.SELL, Outcome.DENY, RuleId.LICENCE_USE),
        (Basis.LICENCE, "", None, Grant.TRAIN, Outcome.DENY, RuleId.BASIS_MISSING),
        (
            Basis.LICENCE,
            "",
            replace(LICENCE, valid_until=date(2026, 2, 1)),
            Grant.TRAIN,
            Outcome.DENY,
            RuleId.LICENCE_TERM,
        ),
        (Basis.OPEN_LICENCE, "CC-BY-4.0", None, Grant.SELL, Outcome.ALLOW, RuleId.BASIS_OPEN_LICENCE),
        (Basis.OPEN_LICENCE, "CC-BY-NC-4.0", None, Grant.TRAIN, Outcome.DENY, RuleId.LICENCE_NONCOMMERCIAL),
        (Basis.OPEN_LICENCE, "OGL-UK-3.0", None, Grant.TRAIN, Outcome.DENY, RuleId.LICENCE_UNKNOWN),
        (Basis.OPEN_LICENCE, "gone", None, Grant.TRAIN, Outcome.DENY, RuleId.LICENCE_UNKNOWN),
        (Basis.PUBLIC_DOMAIN, "", None, Grant.SELL, Outcome.ALLOW, RuleId.BASIS_PUBLIC_DOMAIN),
        (Basis.OWN_WORK, "", None, Grant.SELL, Outcome.ALLOW, RuleId.BASIS_OWN_WORK),
        (Basis.TDM_EXCEPTION, "", None, Grant.DISPLAY, Outcome.DENY, RuleId.LICENCE_USE),
        (Basis.TDM_EXCEPTION, "", None, Grant.TRAIN, Outcome.DENY, RuleId.BASIS_TDM_EXCEPTION),
    ],
)
def test_a_kept_picture_goes_out_only_for_what_its_basis_grants(
    basis: Basis, open_licence: str, licence: Licence | None, grant: Grant, outcome: Outcome, rule: RuleId
) -> None:
    """Each basis and each use, on the day of the export."""
    decision = may_use(
        basis=basis, open_licence=open_licence, licence=licence, grant=grant, now=NOW, policy=POLICY
    )
    assert (decision.outcome, decision.reasons[0].rule) == (outcome, rule)
