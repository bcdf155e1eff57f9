import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.errors import PolicyError
from clearance.identifiers import Sha256, sha256_of
from clearance.policy import (
    CONTROLS,
    FRAMES,
    Effect,
    FetchLimits,
    OpenLicences,
    Outcome,
    PaceLimits,
    Principle,
    Process,
    Reason,
    RuleId,
    SurveyLimits,
    decide,
    default_policy_bytes,
    read_past_policy,
    read_policy,
)

DEFAULT = default_policy_bytes().decode()
HASH = Sha256("0" * 64)


def changed(old: str, new: str) -> bytes:
    assert old in DEFAULT
    return DEFAULT.replace(old, new, 1).encode()


@pytest.mark.control("C5.5")
def test_the_shipped_policy_holds_every_rule_with_its_sentence() -> None:
    """The default policy is complete, and its hash is that of its bytes."""
    policy = read_policy(default_policy_bytes())
    assert set(policy.rules) == set(RuleId)
    assert policy.hash == sha256_of(default_policy_bytes())
    assert (
        policy.sentence(RuleId.CRAWL_DISALLOWED) == "What a site's robots.txt disallows, we do not request."
    )


@pytest.mark.control("C5.5")
def test_every_rule_names_controls_that_exist() -> None:
    """A rule without a control of the guidelines would be our own invention."""
    known = {control.id for control in CONTROLS}
    assert all(set(rule.controls) <= known for rule in read_policy(default_policy_bytes()).rules.values())
    assert all(set(frame.controls) <= known for frame in FRAMES.values())


def test_controls_tell_their_process_and_principle() -> None:
    """The id of a control says where it belongs."""
    by_id = {str(control.id): control for control in CONTROLS}
    assert (by_id["C1.5"].process, by_id["C1.5"].principle) == (Process.COLLECTION, Principle.LAWFULNESS)
    assert (by_id["P5.2"].process, by_id["P5.2"].principle) == (Process.PRODUCTION, Principle.SECURITY)


@pytest.mark.control("C1.5", "C5.5")
@pytest.mark.parametrize(
    ("content", "finding"),
    [
        (
            changed("effect: deny\n    controls: [C1.3]", "effect: allow\n    controls: [C1.3]"),
            "weaker than deny",
        ),
        (
            changed("effect: hold\n    controls: [C1.5]", "effect: allow\n    controls: [C1.5]"),
            "weaker than hold",
        ),
        (
            changed("effect: limit\n    controls: [C3.7]", "effect: allow\n    controls: [C3.7]"),
            "weaker than limit",
        ),
        (changed("  - id: crawl-disallowed", "  - id: crawl-allowed"), "rules.17.id"),
        (changed("controls: [C5.3]", "controls: [C5.2]"), "controls must name C5.3"),
        (changed("stage: plan", "stage: fetch"), "stage must be plan"),
        (changed("max_concurrent: 2", "max_concurrent: 0"), "max_concurrent"),
        (changed("max_concurrent: 2", "max_concurent: 2"), "max_concurent"),
        (changed("max_concurrent: 2", "max_concurrent: '2'"), "max_concurrent"),
        (
            changed(
                "    effect: deny\n    controls: [C1.3]",
                "    effect: deny\n    controls: [C1.3]\n    parameters: {skip: true}",
            ),
            "skip",
        ),
        (changed("owner: not named yet", "owner: x\nowner: y"), "twice"),
        (changed("owner: not named yet", "owner: &a x\nother: *a"), "alias"),
        (changed("owner: not named yet", "owner: !!python/object:os.system x"), "not readable"),
        (re.sub(r"  - id: quota\n(?:    .*\n|      .*\n)+", "", DEFAULT).encode(), "rule quota: missing"),
        (DEFAULT.replace("id: target", "id: quota", 1).encode(), "given twice"),
        (changed("match_pdq_bits: 31", "match_pdq_bits: 61"), "rule matching: parameters"),
        (changed("possible_inliers: 10", "possible_inliers: 16"), "a match must be nearer"),
        (b"\xff\xfe", "not readable"),
        (b"x" * (1 << 21), "larger than"),
        (b"[1, 2]", "policy.yaml"),
    ],
)
def test_a_policy_that_does_not_hold_is_refused_by_name(content: bytes, finding: str) -> None:
    """Weaker, unknown, missing, doubled or mistyped: the message says which rule or field."""
    with pytest.raises(PolicyError, match=re.escape(finding)):
        read_policy(content)


def test_a_policy_may_be_made_stricter() -> None:
    """What may be allowed may also be denied; the reason then says no."""
    policy = read_policy(
        changed("effect: allow\n    controls: [C1.1, C4.3]", "effect: deny\n    controls: [C1.1, C4.3]")
    )
    assert policy.rules[RuleId.BASIS_LICENCE].effect is Effect.DENY
    assert policy.reason(RuleId.BASIS_LICENCE).outcome is Outcome.DENY


def test_parameters_come_back_as_their_class() -> None:
    """A gate asks for parameters by their class, and gets numbers with units."""
    policy = read_policy(default_policy_bytes())
    assert policy.parameters(FetchLimits).max_redirects == 5
    assert "CC0-1.0" in policy.parameters(OpenLicences).accepted

    class Other(PaceLimits):
        pass

    with pytest.raises(TypeError):
        policy.parameters(Other)


@pytest.mark.control("C1.1")
def test_a_decision_without_a_reason_is_refused() -> None:
    """Nothing to weigh must never read as nothing against it."""
    with pytest.raises(ValueError, match="at least one reason"):
        decide([], policy=HASH)


reasons = st.builds(
    Reason,
    rule=st.sampled_from(RuleId),
    control=st.sampled_from([control.id for control in CONTROLS]),
    outcome=st.sampled_from(Outcome),
    signal=st.sampled_from(["", "tdmrep"]),
)


@pytest.mark.control("C1.1", "C1.5")
@given(st.lists(reasons, min_size=1), reasons)
def test_one_more_reason_never_makes_a_decision_milder(known: list[Reason], further: Reason) -> None:
    """Deny outweighs hold, hold outweighs allow, in any order; weaker reasons are left out."""
    order = [Outcome.ALLOW, Outcome.HOLD, Outcome.DENY]
    before, after = decide(known, policy=HASH), decide([further, *known], policy=HASH)
    assert order.index(after.outcome) >= order.index(before.outcome)
    assert decide(known[::-1], policy=HASH).outcome is before.outcome
    assert {reason.outcome for reason in after.reasons} == {after.outcome}


def test_reports_count_by_rule_and_signal() -> None:
    """A reason's key names the signal that spoke, where one did."""
    policy = read_policy(default_policy_bytes())
    assert policy.reason(RuleId.RESERVATION, signal="tdmrep").key == "reservation:tdmrep"
    assert policy.reason(RuleId.QUOTA).key == "quota"


@pytest.mark.control("C5.5", "C2.1")
def test_a_policy_of_the_past_is_still_read() -> None:
    """A rule that came after it stands in it as the default has it; its own rules stay, and so does its hash."""
    whole = default_policy_bytes()
    start, end = whole.index(b"  - id: survey"), whole.index(b"  - id: pace")
    past = (whole[:start] + whole[end:]).replace(b"max_retries: 2", b"max_retries: 7")
    with pytest.raises(PolicyError, match="rule survey: missing"):
        read_policy(past)
    policy = read_past_policy(past)
    assert policy.parameters(SurveyLimits) == read_policy(whole).parameters(SurveyLimits)
    assert policy.parameters(PaceLimits).max_retries == 7
    assert policy.hash == sha256_of(past)


@pytest.mark.control("C1.4", "C2.2", "C5.5")
@pytest.mark.parametrize(
    ("old", "new"),
    [
        *(
            ("open_licence_archives: []", f"open_licence_archives: ['{name}']")
            for name in ("*", "*.org", "*:443", "https://example.org/", "a.b:99999", "")
        ),
        ("review_valid_days: 365", "review_valid_days: 3650"),
        ("max_check_age_days: 7", "max_check_age_days: 365"),
        ("max_age_days: 30", "max_age_days: 9999"),
        ("pages_per_host: 3", "pages_per_host: 3000"),
        ("exempt_bases: [licence]", "exempt_bases: [public-domain]"),
    ],
)
def test_a_parameter_cannot_make_a_promise_empty(old: str, new: str) -> None:
    """What the sentence says in public bounds what its numbers may be."""
    with pytest.raises(PolicyError, match="parameters"):
        read_policy(changed(old, new))
    read_policy(changed("open_licence_archives: []", "open_licence_archives: ['*.archive.example:60999']"))
