"""TDM policies, as offers, as pages, and as anything else."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.identifiers import Malformed
from clearance.sourcing.signals.tdm_policy import (
    Assigner,
    Duty,
    Permission,
    Purpose,
    TdmPolicy,
    read_tdm_policy,
    sentences,
)

OFFER: dict[str, Any] = {
    "@context": ["http://www.w3.org/ns/odrl.jsonld", {"tdm": "http://www.w3.org/ns/tdmrep#"}],
    "@type": "Offer",
    "profile": "http://www.w3.org/ns/tdmrep",
    "uid": "https://example.org/policies/1",
    "assigner": {
        "uid": "https://example.org",
        "vcard:fn": "Jane Doe",
        "vcard:hasEmail": "mailto:jane@example.org",
        "vcard:hasURL": "https://example.org/tdm",
        "vcard:hasTelephone": "tel:+49",
        "vcard:hasAddress": {"vcard:street-address": "Way 1", "vcard:locality": "Town"},
    },
    "permission": [
        {
            "target": "https://example.org/",
            "action": "tdm:mine",
            "duty": [{"action": "obtainConsent"}],
            "constraint": [{"leftOperand": "purpose", "operator": "eq", "rightOperand": "tdm:research"}],
        }
    ],
}


def policy(changed: Any = None, **changes: Any) -> TdmPolicy:
    content = json.dumps({**OFFER, **changes} if changed is None else changed).encode()
    read = read_tdm_policy(content, "application/ld+json; charset=utf-8")
    assert isinstance(read, TdmPolicy)
    return read


def permission(**changes: Any) -> Permission:
    return policy(permission={**OFFER["permission"][0], **changes}).permissions[0]


@pytest.mark.control("C1.4", "C1.5")
def test_an_offer_is_read_with_its_assigner_and_permissions() -> None:
    """Who offers, for which purpose, and what is asked first."""
    assert policy() == TdmPolicy(
        uid="https://example.org/policies/1",
        assigner=Assigner(
            name="Jane Doe",
            email="mailto:jane@example.org",
            url="https://example.org/tdm",
            telephone="tel:+49",
            address="Way 1, Town",
        ),
        permissions=(Permission(is_mining=True, duties=(Duty.CONSENT,), purposes=(Purpose.RESEARCH,)),),
    )
    assert sentences(policy()) == (
        "Mining for research is offered; ask Jane Doe <mailto:jane@example.org> for consent.",
    )


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"action": "http://www.w3.org/ns/tdmrep#mine"}, (True, (Duty.CONSENT,), (Purpose.RESEARCH,))),
        ({"action": {"@id": "tdm:mine"}}, (True, (Duty.CONSENT,), (Purpose.RESEARCH,))),
        ({"action": "use"}, (False, (Duty.CONSENT,), (Purpose.RESEARCH,))),
        ({"duty": {"action": "odrl:compensate"}}, (True, (Duty.COMPENSATION,), (Purpose.RESEARCH,))),
        ({"duty": [{"action": "obtain-consent"}, {"action": "inform"}]}, (True, (Duty.CONSENT, Duty.OTHER), (Purpose.RESEARCH,))),
        ({"duty": [{}]}, (True, (Duty.OTHER,), (Purpose.RESEARCH,))),
        ({"duty": []}, (True, (), (Purpose.RESEARCH,))),
        ({"constraint": []}, (True, (Duty.CONSENT,), ())),
        ({"constraint": {"leftOperand": "odrl:purpose", "operator": {"@id": "odrl:eq"}, "rightOperand": {"@id": "tdm:non-research"}}}, (True, (Duty.CONSENT,), (Purpose.NON_RESEARCH,))),
        ({"constraint": {"leftOperand": "purpose", "operator": "neq", "rightOperand": "tdm:research"}}, (True, (Duty.CONSENT,), (Purpose.OTHER,))),
        ({"constraint": {"leftOperand": "purpose", "operator": "eq", "rightOperand": "tdm:fun"}}, (True, (Duty.CONSENT,), (Purpose.OTHER,))),
        ({"constraint": {"leftOperand": "dateTime", "operator": "eq", "rightOperand": "tdm:research"}}, (True, (Duty.CONSENT,), (Purpose.OTHER,))),
    ],
)  # fmt: skip
def test_what_cannot_be_told_is_never_less_than_asked(changes: dict[str, Any], expected: object) -> None:
    """A duty, a purpose or an action that is not known stays something that only a person can read."""
    found = permission(**changes)
    assert (found.is_mining, found.duties, found.purposes) == expected


@pytest.mark.control("C1.4")
@pytest.mark.parametrize(
    ("read", "told"),
    [
        (policy(permission=[]), "No mining is offered that could be read; ask Jane Doe <mailto:jane@example.org>."),
        (policy(assigner={}, permission={"action": "tdm:mine"}), "Mining is offered; nothing is asked for in return by the rights holder."),
        (policy(assigner={"nickname": "JD", "url": ["https://a.example"]}, permission={"action": "tdm:mine", "duty": [{"action": "compensate"}, {"action": "x"}]}), "Mining is offered; agree on a payment with JD <https://a.example>; more is asked for than can be read here, by JD <https://a.example>."),
        (policy(assigner="https://example.org", permission=[]), "No mining is offered that could be read; ask the rights holder."),
        (policy(assigner={"fn": "A", "hasAddress": "Way 1"}, permission=[]), "No mining is offered that could be read; ask A <Way 1>."),
        (policy([{}, OFFER]), "Mining for research is offered; ask Jane Doe <mailto:jane@example.org> for consent."),
        (policy({"@graph": [{"a": 1}, OFFER]}), "Mining for research is offered; ask Jane Doe <mailto:jane@example.org> for consent."),
        (TdmPolicy(is_for_people=True), "The policy is a page for people: read it, and ask there."),
    ],
)  # fmt: skip
def test_a_person_is_told_what_is_offered_and_whom_to_ask(read: TdmPolicy, told: str) -> None:
    """One sentence for a permission, in words."""
    assert sentences(read) == (told,)


@pytest.mark.control("C1.4")
def test_a_prohibition_beside_an_offer_is_told() -> None:
    """The profile advises against it; who reads the offer alone would be misled."""
    assert sentences(policy(prohibition=[{"action": "use"}]))[1:] == (
        "The policy forbids something too: a person must read it.",
    )


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"not json",
        b"\xff",
        b"[]",
        b"1",
        b'{"@type": "Offer"}',
        b"[" * 100_000,
        b" " * ((1 << 20) + 1),
        json.dumps({"permission": [{}] * 21}).encode(),
    ],
)
def test_what_is_no_offer_is_malformed(content: bytes) -> None:
    """Its conditions are not known, which is no permission."""
    assert isinstance(read_tdm_policy(content, "application/json"), Malformed)


@pytest.mark.control("C1.5")
def test_a_page_is_for_people_whatever_is_in_it() -> None:
    """Nothing is read out of a page."""
    for media_type in ("text/html", "Text/HTML; charset=utf-8", "application/xhtml+xml"):
        assert read_tdm_policy(json.dumps(OFFER).encode(), media_type) == TdmPolicy(is_for_people=True)


@pytest.mark.control("C5.2")
def test_long_and_deep_values_are_cut() -> None:
    """A name of a megabyte, and lists in lists, cost nothing and forge nothing."""
    assert len(policy(assigner={"fn": "a" * 100_000}).assigner.name) == 300
    deep: Any = "x"
    for _ in range(30):
        deep = [deep]
    assert policy(assigner={"fn": deep}).assigner.name == ""
    assert policy(assigner={"fn": "a\nb"}).assigner.name == "a\\nb"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["assigner", "permission", "action", "duty", "constraint", "@graph", "vcard:fn", "@id", "rightOperand"]),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)  # fmt: skip


@pytest.mark.control("C5.2")
@given(JSON | st.binary(max_size=60), st.text(max_size=20))
def test_reading_any_policy_never_raises(content: Any, media_type: str) -> None:
    """Any bytes and any JSON are a policy that can be told, or malformed."""
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    read = read_tdm_policy(raw, media_type)
    if isinstance(read, TdmPolicy):
        assert all(len(sentence) < 2000 for sentence in sentences(read))
