"""What stands against a source: its terms, and our accounts there."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.policy import Outcome, Policy, Reason, default_policy_bytes, read_policy
from clearance.sourcing import (
    Account,
    Basis,
    Pace,
    Quotas,
    Source,
    SourceFacts,
    TermsPage,
    TermsReview,
    TermsSnapshot,
    TermsState,
    TermsVerdict,
    against_source,
    found,
    needs_review,
    parse_host_pattern,
    without_text,
)
from clearance.sourcing.terms import page_of

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
PAGE = "https://example.org/terms"
DEFAULT = read_policy(default_policy_bytes())


def policy(*changes: tuple[str, str]) -> Policy:
    text = default_policy_bytes().decode()
    for old, new in changes:
        assert old in text
        text = text.replace(old, new, 1)
    return read_policy(text.encode())


def source(basis: Basis = Basis.PUBLIC_DOMAIN, *hosts: str) -> Source:
    return Source(
        name="archive",
        owner="",
        hosts=tuple(parse_host_pattern(host) for host in hosts or ("example.org",)),
        basis=basis,
        open_licence="",
        diligence="looked into",
        diligence_sha256="",
        quotas=Quotas(),
        pace=Pace(),
    )


def seen(
    text: str = "Be kind.", *, days_ago: float = 0, url: str = PAGE, by_hand: bool = False
) -> TermsSnapshot:
    at = NOW - timedelta(days=days_ago)
    return found(text, source="archive", url=url, at=at, given_by_hand=by_hand)


def gone(state: TermsState, *, days_ago: float = 0, url: str = PAGE, why: str = "") -> TermsSnapshot:
    return without_text(state, source="archive", url=url, at=NOW - timedelta(days=days_ago), why=why)


def read(snapshot: TermsSnapshot, verdict: str = "permits", *, days_ago: float = 0) -> TermsReview:
    return TermsReview(
        source="archive",
        url=snapshot.url,
        sha256=snapshot.sha256,
        verdict=TermsVerdict(verdict),
        reviewer="Ada",
        note="",
        reviewed_at=NOW - timedelta(days=days_ago),
    )


def page(*snapshots: TermsSnapshot, review: TermsReview | None = None) -> TermsPage:
    return page_of(snapshots, review)


def account(last_checked: date | None) -> Account:
    return Account(
        name="members",
        source="archive",
        mailbox="bot@example.org",
        responsible="Ada",
        last_checked=last_checked,
        checked_by="Ada",
        created_at=NOW,
    )


def against(
    *pages: TermsPage,
    accounts: tuple[Account, ...] = (),
    of: Source | None = None,
    under: Policy = DEFAULT,
) -> list[tuple[str, str]]:
    facts = SourceFacts(source=of or source(), pages=pages, accounts=accounts, now=NOW)
    return [(reason.rule.value, reason.detail) for reason in against_source(facts, under)]


@pytest.mark.control("C1.4")
def test_nothing_stands_against_a_source_whose_terms_a_person_read_as_they_are_now() -> None:
    """A text that permits, and terms that there are none of."""
    text, none = seen(), gone(TermsState.NONE_FOUND, url="https://img.example.org/")
    assert against(page(text, review=read(text)), page(none, review=read(none))) == []


@pytest.mark.control("C1.4")
@pytest.mark.parametrize(
    ("pages", "reasons"),
    [
        ((), [("terms-reviewed", "archive: terms were not looked for")]),
        ((page(seen()),), [("terms-reviewed", f"{PAGE}: nobody has read them yet")]),
        (
            (page(gone(TermsState.NONE_FOUND)),),
            [("terms-reviewed", f"{PAGE}: none found, and nobody has confirmed it")],
        ),
        (
            (page(gone(TermsState.UNREADABLE, why="login")),),
            [("terms-reviewed", f"{PAGE}: cannot be read, login")],
        ),
        (
            (page(gone(TermsState.UNREACHABLE, why="timed out")),),
            [("terms-reviewed", f"{PAGE}: never reached, timed out")],
        ),
        (
            (page(gone(TermsState.UNREACHABLE)),),
            [("terms-reviewed", f"{PAGE}: never reached, no answer")],
        ),
        (
            (page(seen(), review=read(seen(), "unclear")),),
            [("terms-reviewed", f"{PAGE}: the person who read them found them unclear")],
        ),
        (
            (page(seen(), review=read(seen(), days_ago=366)),),
            [("terms-reviewed", f"{PAGE}: last read on 2025-11-22")],
        ),
        (
            (page(seen("Old."), seen("New."), review=read(seen("Old."))),),
            [("terms-changed", f"{PAGE}: changed by 2026-11-23")],
        ),
        (
            (page(seen(), gone(TermsState.NONE_FOUND), review=read(seen())),),
            [("terms-changed", f"{PAGE}: changed by 2026-11-23")],
        ),
        (
            (page(seen(), gone(TermsState.UNREADABLE, why="login"), review=read(seen())),),
            [("terms-changed", f"{PAGE}: cannot be read, login")],
        ),
        (
            (page(seen(days_ago=4), gone(TermsState.UNREACHABLE), review=read(seen())),),
            [("terms-changed", f"{PAGE}: not reached since 2026-11-19")],
        ),
        (
            (page(seen(), review=read(seen(), "prohibits")),),
            [("terms-prohibit", f"{PAGE}, read on 2026-11-23")],
        ),
        (
            (page(seen(), review=read(seen())), page(seen(url=f"{PAGE}2"))),
            [("terms-reviewed", f"{PAGE}2: nobody has read them yet")],
        ),
    ],
)
def test_what_stands_against_a_source(pages: tuple[TermsPage, ...], reasons: list[tuple[str, str]]) -> None:
    """Unread, unclear, too long ago, changed, gone, behind a login, out of reach, prohibited; each page counts."""
    assert against(*pages) == reasons


@pytest.mark.control("C1.4")
def test_an_outage_of_a_day_does_not_stop_collection_and_one_of_three_checks_does() -> None:
    """The last good text stands meanwhile; a policy that asks at every run has no patience."""
    out = page(seen(days_ago=2.9), gone(TermsState.UNREACHABLE), review=read(seen()))
    assert against(out) == []
    strict = policy(("check_interval_s: 86400.0", "check_interval_s: 0.0"))
    assert against(out, under=strict) == [("terms-changed", f"{PAGE}: not reached since 2026-11-20")]
    stale = page(seen(days_ago=30), review=read(seen()))
    assert against(stale) == []


@pytest.mark.control("C1.4")
def test_terms_that_a_person_saved_stand_where_the_fetcher_meets_a_login() -> None:
    """That is why they were saved."""
    saved = seen(days_ago=30, by_hand=True)
    assert against(page(saved, gone(TermsState.UNREADABLE, why="login"), review=read(saved))) == []


@pytest.mark.control("C1.4")
def test_a_prohibition_stands_until_a_person_has_read_anew() -> None:
    """Whatever the basis, the age of the review, or what became of the page."""
    review = read(seen("Old."), "prohibits", days_ago=1000)
    changed = page(seen("Old."), seen("New."), review=review)
    told = [
        ("terms-prohibit", f"{PAGE}, read on 2024-02-27"),
        ("terms-changed", f"{PAGE}: changed by 2026-11-23"),
    ]
    assert against(changed) == told
    assert against(changed, of=source(Basis.LICENCE)) == told[:1]
    moot = page(gone(TermsState.NONE_FOUND), review=read(gone(TermsState.NONE_FOUND), "prohibits"))
    other = page(seen(url=f"{PAGE}2"), review=read(seen(url=f"{PAGE}2")))
    assert against(moot, other) == [("terms-prohibit", f"{PAGE}, read on 2026-11-23")]


@pytest.mark.control("C1.4")
def test_reasons_carry_the_effect_the_control_and_the_text_they_stand_on() -> None:
    """A prohibition denies, the rest holds; the hash finds the text."""
    text, old = seen(), seen("Old.")
    facts = SourceFacts(
        source=source(),
        pages=(page(text, review=read(old, "prohibits")),),
        accounts=(account(None),),
        now=NOW,
    )
    told = [(r.rule.value, r.outcome, r.control, r.evidence) for r in against_source(facts, DEFAULT)]
    assert told == [
        ("terms-prohibit", Outcome.DENY, "C1.4", (old.sha256,)),
        ("terms-changed", Outcome.HOLD, "C1.4", (text.sha256,)),
        ("account-monitored", Outcome.HOLD, "C2.2", ()),
    ]


@pytest.mark.control("C2.1")
def test_an_address_from_outside_cannot_forge_a_reason() -> None:
    """Control characters are escaped and length is cut."""
    ((_, detail),) = against(page(seen(url=f"{PAGE}\n\x1b[31m" + "x" * 500)))
    assert detail.isprintable()
    assert len(detail) < 250


@pytest.mark.control("C1.4")
@pytest.mark.parametrize(
    ("basis", "hosts", "archives", "is_needed"),
    [
        ("licence", ["example.org"], "[]", False),
        ("own-work", ["example.org"], "[]", True),
        ("public-domain", ["example.org"], '["example.org"]', True),
        ("tdm-exception", ["example.org"], '["example.org"]', True),
        ("open-licence", ["example.org"], "[]", True),
        ("open-licence", ["example.org"], '["example.org"]', False),
        ("open-licence", ["example.org"], '["EXAMPLE.org"]', False),
        ("open-licence", ["example.org", "cdn.example.net"], '["example.org"]', True),
        ("open-licence", ["example.org", "cdn.example.net"], '["example.org", "*.example.net"]', False),
        ("open-licence", ["*.img.example.org"], '["*.example.org"]', False),
        ("open-licence", ["*.example.org"], '["*.example.org"]', False),
        ("open-licence", ["*.example.org"], '["*.img.example.org"]', True),
        ("open-licence", ["*.example.org"], '["a.example.org"]', True),
        ("open-licence", ["example.org"], '["*.example.org"]', True),
        ("open-licence", ["example.org:8080"], '["example.org"]', True),
    ],
)
def test_which_sources_need_no_review(basis: str, hosts: list[str], archives: str, is_needed: bool) -> None:
    """Those under a contract, and archives of open licences that the policy names by every one of their hosts."""
    listing = policy(("open_licence_archives: []", f"open_licence_archives: {archives}"))
    of = source(Basis(basis), *hosts)
    assert needs_review(of, listing) is is_needed
    assert bool(against(of=of, under=listing)) is is_needed
    assert needs_review(replace(of, hosts=()), listing) is (basis != "licence")


@pytest.mark.control("C2.2")
@pytest.mark.parametrize(
    ("last_checked", "detail"),
    [
        (date(2026, 11, 23), None),
        (date(2026, 11, 24), None),
        (date(2026, 11, 16), None),
        (date(2026, 11, 15), "account members: last checked on 2026-11-15"),
        (date(2026, 11, 25), "account members: last checked on 2026-11-25"),
        (None, "account members: never checked"),
    ],
)
def test_an_account_whose_mailbox_went_unread_holds_its_source(
    last_checked: date | None, detail: str | None
) -> None:
    """Seven days by default, whatever the basis; never checked and a day to come are overdue."""
    told = against(accounts=(account(last_checked),), of=source(Basis.LICENCE))
    assert told == ([] if detail is None else [("account-monitored", detail)])


SNAPSHOTS = st.builds(
    lambda kind, days, url: (
        seen(kind, days_ago=days, url=url, by_hand=kind == "Saved.")
        if kind.endswith(".")
        else gone(TermsState(kind), days_ago=days, url=url)
    ),
    st.sampled_from(["Old.", "New.", "Saved.", "none-found", "unreadable", "unreachable"]),
    st.integers(0, 400),
    st.sampled_from([PAGE, f"{PAGE}2", "https://example.net/"]),
)
PAGES = st.builds(
    lambda first, others, verdict, days: page_of(
        [first, *(replace(other, url=first.url) for other in others)],
        read(first, verdict, days_ago=days) if verdict else None,
    ),
    SNAPSHOTS,
    st.lists(SNAPSHOTS, max_size=4),
    st.sampled_from(["", "permits", "prohibits", "unclear"]),
    st.integers(0, 500),
)
ACCOUNTS = st.builds(account, st.none() | st.dates(date(2026, 11, 1), date(2026, 11, 30)))
STRICTNESS = [None, Outcome.ALLOW, Outcome.HOLD, Outcome.DENY]


def strictest(reasons: tuple[Reason, ...]) -> int:
    return max((STRICTNESS.index(reason.outcome) for reason in reasons), default=0)


@pytest.mark.control("C1.4", "C2.2")
@given(
    st.lists(PAGES, max_size=3),
    PAGES,
    st.lists(ACCOUNTS, max_size=2),
    ACCOUNTS,
    st.sampled_from(list(Basis)),
)
def test_more_denial_never_yields_more_permission(
    pages: list[TermsPage], more: TermsPage, accounts: list[Account], other: Account, basis: Basis
) -> None:
    """A review that prohibits, an account or a page more: what stood against the source still does."""
    facts = SourceFacts(source=source(basis), pages=tuple(pages), accounts=tuple(accounts), now=NOW)
    before = against_source(facts, DEFAULT)
    assert all(reason.outcome is not Outcome.ALLOW for reason in before)
    assert set(before) <= set(against_source(replace(facts, accounts=(*accounts, other)), DEFAULT))
    no = replace(more, review=read(more.latest, "prohibits"))
    assert strictest(against_source(replace(facts, pages=(*pages, no)), DEFAULT)) == STRICTNESS.index(
        Outcome.DENY
    )
    for n, each in enumerate(pages):
        denied = replace(each, review=read(each.latest, "prohibits"))
        after = against_source(replace(facts, pages=(*pages[:n], denied, *pages[n + 1 :])), DEFAULT)
        assert strictest(after) >= strictest(before)


@pytest.mark.control("C1.4")
@given(st.lists(SNAPSHOTS, min_size=1, max_size=6), st.sampled_from(["permits", "unclear", "prohibits"]))
def test_only_a_review_that_permits_the_text_of_today_leaves_nothing_against(
    snapshots: list[TermsSnapshot], verdict: str
) -> None:
    """Whatever was seen in whatever order."""
    there = page_of([replace(each, url=PAGE) for each in snapshots], None)
    reviewed = replace(there, review=read(snapshots[0], verdict))
    if not against(reviewed):
        assert verdict == "permits"
        assert reviewed.current is not None
        assert reviewed.current.state in (TermsState.FOUND, TermsState.NONE_FOUND)
        assert reviewed.current.sha256 == snapshots[0].sha256
