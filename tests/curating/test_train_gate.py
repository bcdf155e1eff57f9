from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import combinations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.collecting import Verdict
from clearance.curating import Examined, Finding, ReviewVerdict, TrainFacts, clear_to_leave, clear_to_train
from clearance.identifiers import ItemId, Sha256
from clearance.policy import Outcome, Policy, RuleId, default_policy_bytes, read_policy

POLICY = read_policy(default_policy_bytes())
NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
SEEN = Sha256("a" * 64)
EXAMINED = Examined(
    item=ItemId("1"), content_sha256=SEEN, examined_at=NOW, methods="yunet/1", is_text_read=True
)
CLEAR = TrainFacts(
    verdict=Verdict.KEPT,
    is_replaced=False,
    use=POLICY.decide([POLICY.reason(RuleId.BASIS_PUBLIC_DOMAIN)]),
    source=(),
    checked_at=NOW - timedelta(days=1),
    is_overdue=False,
    is_suppressed=False,
    content_sha256=SEEN,
    examined=EXAMINED,
    better_copy=None,
    people=(),
    reviewed={},
)
MARK = {"kind": "agency", "name": "alamy", "text": "alamy", "box": [0, 0, 1, 1]}
MAIL = {"kind": "e-mail", "where": "caption", "masked": "j…@e…"}
AGAINST: dict[RuleId, dict[str, Any]] = {
    RuleId.LICENCE_TERM: {"use": POLICY.decide([POLICY.reason(RuleId.LICENCE_TERM)])},
    RuleId.TERMS_CHANGED: {"source": (POLICY.reason(RuleId.TERMS_CHANGED),)},
    RuleId.HOLD_RESOLVED: {"verdict": Verdict.HELD},
    RuleId.RECHECK: {"checked_at": NOW - timedelta(days=31)},
    RuleId.ERASED_STAYS: {"is_suppressed": True},
    RuleId.RETENTION: {"is_overdue": True},
    RuleId.EXAMINED: {"examined": None},
    RuleId.DUPLICATE: {"better_copy": ItemId("2")},
    RuleId.PEOPLE_CONSENT: {"people": (POLICY.reason(RuleId.PEOPLE_CONSENT),)},
    RuleId.TEXT_MARK: {"examined": replace(EXAMINED, marks=(MARK,))},
    RuleId.PERSONAL_DATA: {"examined": replace(EXAMINED, personal_data=(MAIL,))},
}


def rules(facts: TrainFacts, policy: Policy = POLICY) -> tuple[Outcome, set[RuleId]]:
    decision = clear_to_train(facts, policy, now=NOW)
    return decision.outcome, {reason.rule for reason in decision.reasons}


@pytest.mark.control("C1.1")
def test_what_nothing_stands_against_is_cleared_by_its_basis() -> None:
    """A clearance has a reason, too: the basis that grants training."""
    assert rules(CLEAR) == (Outcome.ALLOW, {RuleId.BASIS_PUBLIC_DOMAIN})


@pytest.mark.control("C1.1", "C1.4", "C1.5", "C3.1", "C3.2", "C4.1", "C5.4", "P2.1")
@pytest.mark.parametrize("rule", AGAINST)
def test_each_thing_alone_keeps_a_picture_out(rule: RuleId) -> None:
    """Whatever stands against a picture is named, and is enough."""
    outcome, found = rules(replace(CLEAR, **AGAINST[rule]))
    assert outcome is not Outcome.ALLOW
    assert found == {rule}


@pytest.mark.parametrize(("one", "other"), list(combinations(AGAINST, 2)))
def test_more_against_a_picture_never_lets_it_in(one: RuleId, other: RuleId) -> None:
    """Two things against it weigh no less than either of them."""
    both = rules(replace(CLEAR, **{**AGAINST[one], **AGAINST[other]}))[0]
    strictness = [Outcome.ALLOW, Outcome.HOLD, Outcome.DENY]
    each = [rules(replace(CLEAR, **AGAINST[rule]))[0] for rule in (one, other)]
    if "examined" not in AGAINST[one] or "examined" not in AGAINST[other]:
        assert strictness.index(both) >= max(map(strictness.index, each)) or RuleId.EXAMINED in (one, other)
    assert both is not Outcome.ALLOW


@pytest.mark.control("C4.1")
def test_a_picture_is_examined_as_it_is_now() -> None:
    """What was found in other bytes says nothing of these, and a failure is no finding."""
    other = replace(CLEAR, content_sha256="b" * 64)
    failed = replace(CLEAR, examined=replace(EXAMINED, failure="took longer than 30 s and was ended"))
    decision = clear_to_train(failed, POLICY, now=NOW)
    assert rules(other) == (Outcome.HOLD, {RuleId.EXAMINED})
    assert [(each.rule, each.detail) for each in decision.reasons] == [
        (RuleId.EXAMINED, "took longer than 30 s and was ended")
    ]


@pytest.mark.control("C1.1", "C4.1")
def test_a_person_clears_what_a_reader_found() -> None:
    """A mark or personal data that somebody looked at stands against nothing any more; the other one still does."""
    both = replace(CLEAR, examined=replace(EXAMINED, marks=(MARK,), personal_data=(MAIL,)))
    assert rules(both) == (Outcome.HOLD, {RuleId.TEXT_MARK, RuleId.PERSONAL_DATA})
    mark, data = {Finding.MARK: ReviewVerdict.CLEAR}, {Finding.PERSONAL_DATA: ReviewVerdict.CLEAR}
    assert rules(replace(both, reviewed=mark)) == (Outcome.HOLD, {RuleId.PERSONAL_DATA})
    assert rules(replace(both, reviewed={**mark, **data}))[0] is Outcome.ALLOW


@pytest.mark.control("C1.1", "C4.1", "C5.2")
@pytest.mark.parametrize(
    ("finding", "rule", "detail"),
    [
        (Finding.MARK, RuleId.TEXT_MARK, "a person saw a foreign mark in it"),
        (Finding.PERSONAL_DATA, RuleId.PERSONAL_DATA, "a person saw personal data in it"),
        (Finding.HOLD, RuleId.HOLD_RESOLVED, "a person found that its hold stands"),
    ],
)
@pytest.mark.parametrize("examined", [EXAMINED, replace(EXAMINED, marks=(MARK,), personal_data=(MAIL,))])
def test_what_a_person_says_stands_counts_whatever_a_reader_found(
    finding: Finding, rule: RuleId, detail: str, examined: Examined
) -> None:
    """A detector that found nothing does not outvote somebody who looked."""
    others = dict.fromkeys((Finding.MARK, Finding.PERSONAL_DATA), ReviewVerdict.CLEAR)
    facts = replace(CLEAR, examined=examined, reviewed={**others, finding: ReviewVerdict.STANDS})
    decision = clear_to_train(facts, POLICY, now=NOW)
    assert [(each.rule, each.detail) for each in decision.reasons] == [(rule, detail)]
    assert decision.outcome is not Outcome.ALLOW


@pytest.mark.control("C1.1")
def test_a_policy_may_ask_that_text_was_read() -> None:
    """No reader installed is no finding; a policy that wants one holds what nobody read."""
    strict = read_policy(
        default_policy_bytes().replace(b"is_reader_required: false", b"is_reader_required: true")
    )
    unread = replace(CLEAR, examined=replace(EXAMINED, is_text_read=False))
    assert rules(unread)[0] is Outcome.ALLOW
    assert rules(CLEAR, strict)[0] is Outcome.ALLOW
    assert rules(unread, strict) == (Outcome.HOLD, {RuleId.TEXT_MARK})
    cleared = {Finding.MARK: ReviewVerdict.CLEAR}
    assert rules(replace(unread, reviewed=cleared), strict)[0] is Outcome.ALLOW


@pytest.mark.control("C4.1")
def test_kinds_of_personal_data_that_the_policy_does_not_watch_hold_nothing() -> None:
    """A policy names what it waits for."""
    lenient = read_policy(default_policy_bytes().replace(b"kinds: [e-mail, ", b"kinds: ["))
    assert rules(replace(CLEAR, examined=replace(EXAMINED, personal_data=(MAIL,))), lenient)[0] is (
        Outcome.ALLOW
    )


@given(st.permutations(sorted(AGAINST)))
def test_the_same_facts_give_the_same_decision(order: list[RuleId]) -> None:
    """Facts are weighed, not counted: the order in which they were gathered does not matter."""
    facts = CLEAR
    for rule in order:
        if rule not in (RuleId.TEXT_MARK, RuleId.PERSONAL_DATA):
            facts = replace(facts, **AGAINST[rule])
    assert rules(facts)[0] is Outcome.DENY


@pytest.mark.control("C1.5", "C5.4")
def test_a_record_that_was_replaced_is_no_longer_the_one_that_counts() -> None:
    """A re-check wrote another record in its place."""
    assert rules(replace(CLEAR, is_replaced=True)) == (Outcome.HOLD, {RuleId.HOLD_RESOLVED})


@pytest.mark.control("C1.3", "C5.4", "P2.1")
@pytest.mark.parametrize("rule", AGAINST)
def test_what_leaves_is_weighed_by_the_gate_that_let_it_in(rule: RuleId) -> None:
    """Not asked again is only what was settled at the freeze, and the basis is asked for the use that is meant."""
    granted = POLICY.decide([POLICY.reason(RuleId.BASIS_OWN_WORK)])
    decision = clear_to_leave(replace(CLEAR, **AGAINST[rule]), POLICY, now=NOW, use=granted)
    settled = rule in (RuleId.RECHECK, RuleId.DUPLICATE, RuleId.LICENCE_TERM)
    assert {reason.rule for reason in decision.reasons} == {RuleId.BASIS_OWN_WORK if settled else rule}
    assert (decision.outcome is Outcome.ALLOW) is settled
    sold = POLICY.decide([POLICY.reason(RuleId.LICENCE_USE)])
    assert clear_to_leave(CLEAR, POLICY, now=NOW, use=sold) == sold
