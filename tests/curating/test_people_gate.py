import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.curating.people.comparing import require_effect
from clearance.curating.people.consents import (
    AgeEvidence,
    Consent,
    ConsentKind,
    ConsentUse,
    Cover,
    CoveredBy,
    CoverKind,
    LegalBasis,
    Pictured,
    SignatureMethod,
    Withdrawal,
)
from clearance.curating.people.declared import Declared, declared_in, pictured_of, sensitive_in
from clearance.curating.people.people_gate import PeopleFacts, SetKind, against_people
from clearance.curating.people.plus_vocabulary import (
    VOCABULARY,
    MinorAge,
    ModelReleaseStatus,
    PropertyReleaseStatus,
)
from clearance.curating.reviews import (
    REASONS,
    Finding,
    Review,
    ReviewReason,
    ReviewVerdict,
    checked_review,
    record_checks,
    reviewed_subject,
    speaking_of,
    standing,
)
from clearance.errors import BadInput
from clearance.identifiers import ItemId, Sha256
from clearance.policy import Outcome, default_policy_bytes, read_policy

POLICY = read_policy(default_policy_bytes())
AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ITEM = ItemId("a" * 16)
BYTES, SUBJECT = Sha256("b" * 64), Sha256("5" * 64)
WITHDRAWN = Withdrawal(at=AT - timedelta(days=1), channel="letter", effect="none")
ADULT = Consent(
    id="MR-1",
    kind=ConsentKind.MODEL,
    subject="P-1",
    document_sha256=Sha256("d" * 64),
    is_document_shared=False,
    age=MinorAge.A25,
    age_evidence=AgeEvidence.DECLARED,
    guardian_signed_at=None,
    shoot_from=date(2026, 5, 1),
    shoot_to=date(2026, 5, 2),
    signed_at=date(2026, 5, 1),
    signature=SignatureMethod.WET,
    uses=frozenset({ConsentUse.AI_TRAINING}),
    territory=(),
    expires_at=None,
    exclusions=(),
    legal_basis=LegalBasis.CONSENT,
    recorded_at=datetime(2026, 5, 3, tzinfo=UTC),
    covers=(Cover(kind=CoverKind.ITEM, value=ITEM, person=1),),
)
SECOND = replace(ADULT, id="MR-2", subject="P-2", covers=(replace(ADULT.covers[0], person=2),))
CHILD = replace(ADULT, age=MinorAge.U14, guardian_signed_at=date(2026, 5, 1))
BUILDING = replace(ADULT, id="PR-1", kind=ConsentKind.PROPERTY, subject="P-9")
NOBODY = PeopleFacts(
    pictured=Pictured(item=ITEM, sha256=Sha256("c" * 64), taken="2026-05"),
    picture_sha256=BYTES,
    candidates=0,
    confident=0,
    declared=Declared(),
    covered_by=(),
    reviews=(),
    kind=SetKind.CREATIVE,
    trains_by_licence=True,
)
FACE = replace(NOBODY, candidates=1, confident=1)


def covered(*consents: Consent) -> tuple[CoveredBy, ...]:
    return tuple(CoveredBy(consent=each, person=each.covers[0].person) for each in consents)


def review(finding: Finding, verdict: ReviewVerdict, reason: ReviewReason, **changes: Any) -> Review:
    made = Review(
        item=ITEM, finding=finding, verdict=verdict, reason=reason, note="seen", by="A. Person", at=AT,
        picture_sha256=BYTES, subject_sha256=SUBJECT,
    )  # fmt: skip
    return checked_review(replace(made, **changes))


CROWD = review(Finding.PEOPLE, ReviewVerdict.CLEAR, ReviewReason.CROWD)
CHECKED = review(Finding.PEOPLE, ReviewVerdict.CLEAR, ReviewReason.RELEASE_CHECKED)
PROPERTY_READ, PROPERTY_CHECKED = (
    review(Finding.PROPERTY, ReviewVerdict.CLEAR, reason)
    for reason in (ReviewReason.EXCLUSIONS_READ, ReviewReason.RELEASE_CHECKED)
)
READ = review(Finding.PEOPLE, ReviewVerdict.CLEAR, ReviewReason.EXCLUSIONS_READ)
RECOGNISED = review(Finding.PEOPLE, ReviewVerdict.STANDS, ReviewReason.RECOGNISABLE)


def against(facts: PeopleFacts) -> list[tuple[str, str, str]]:
    """Return what stands against a picture: rule, outcome, detail."""
    return [
        (reason.rule.value, reason.outcome.value, reason.detail)
        for reason in against_people(facts, POLICY, now=AT)
    ]


def declared(**changes: Any) -> Declared:
    return Declared(**changes)


@pytest.mark.control("P2.1")
@pytest.mark.parametrize(
    "facts",
    [
        pytest.param(NOBODY, id="no face, nobody declared"),
        pytest.param(replace(FACE, covered_by=covered(ADULT)), id="one face, one release"),
        pytest.param(
            replace(FACE, candidates=2, confident=2, covered_by=covered(ADULT, SECOND)), id="two and two"
        ),
        pytest.param(replace(FACE, covered_by=covered(CHILD)), id="a minor with a guardian's signature"),
        pytest.param(
            replace(
                FACE,
                candidates=2,
                confident=2,
                covered_by=covered(replace(CHILD, id="MR-0", expires_at=date(2026, 11, 1)), CHILD, SECOND),
                declared=declared(has_minor=True, persons=2),
            ),
            id="a minor whose guardian signed anew, and a grown-up",
        ),
        pytest.param(replace(FACE, reviews=(CROWD,)), id="a reviewer saw a crowd"),
        pytest.param(replace(NOBODY, candidates=1, covered_by=covered(ADULT)), id="a candidate, released"),
        pytest.param(
            replace(
                FACE,
                covered_by=covered(
                    replace(ADULT, withdrawal=replace(WITHDRAWN, at=AT - timedelta(days=9))),
                    replace(ADULT, id="MR-3", signed_at=date(2026, 11, 20)),
                ),
            ),
            id="withdrawn, and signed anew by the same person",
        ),
        pytest.param(
            replace(
                FACE,
                covered_by=covered(ADULT),
                declared=declared(model_status=ModelReleaseStatus.UNLIMITED, persons=1),
            ),
            id="MR-UMR with a release on record",
        ),
        pytest.param(
            replace(
                FACE,
                covered_by=covered(replace(ADULT, exclusions=("no politics",))),
                declared=declared(model_status=ModelReleaseStatus.LIMITED, persons=1),
                reviews=(READ,),
            ),
            id="MR-LMR, and somebody read what it leaves out",
        ),
        pytest.param(
            replace(NOBODY, declared=declared(model_status=ModelReleaseStatus.NOT_APPLICABLE)),
            id="MR-NAP and nobody in it",
        ),
        pytest.param(
            replace(FACE, kind=SetKind.EDITORIAL, declared=declared(editorial=("its table",))),
            id="editorial in an editorial set, under a licence that grants training",
        ),
        pytest.param(
            replace(FACE, kind=SetKind.EDITORIAL, covered_by=covered(ADULT), trains_by_licence=False),
            id="not editorial in an editorial set, and released as in a creative one",
        ),
        pytest.param(
            replace(
                FACE,
                kind=SetKind.MIXED,
                covered_by=covered(ADULT),
                declared=declared(editorial=("its table",)),
            ),
            id="editorial in a mixed set, licensed and released",
        ),
        pytest.param(
            replace(NOBODY, declared=declared(property_status=PropertyReleaseStatus.NOT_APPLICABLE)),
            id="PR-NAP",
        ),
        pytest.param(
            replace(
                NOBODY,
                declared=declared(property_status=PropertyReleaseStatus.UNLIMITED),
                covered_by=covered(BUILDING),
            ),
            id="property, released",
        ),
    ],
)
def test_nothing_stands_against_a_picture_whose_people_agreed(facts: PeopleFacts) -> None:
    """Everybody in it is covered, or a person found that there is nobody to cover."""
    assert against(facts) == []


NEEDED = "0 of 1 people are covered by a valid model release"


@pytest.mark.control("P2.1", "C4.1")
@pytest.mark.parametrize(
    ("facts", "expected"),
    [
        pytest.param(FACE, [("people-consent", "deny", NEEDED)], id="a face and no release"),
        pytest.param(
            replace(NOBODY, candidates=2),
            [
                (
                    "people-review",
                    "hold",
                    "2 faces may be in it, 0 people are covered by a model release",
                )
            ],
            id="candidates only: a person looks",
        ),
        pytest.param(
            replace(FACE, candidates=2, confident=2, covered_by=covered(ADULT)),
            [("people-consent", "deny", "1 of 2 people are covered by a valid model release")],
            id="two faces, one release",
        ),
        pytest.param(
            replace(
                FACE,
                candidates=2,
                confident=2,
                covered_by=covered(ADULT, replace(SECOND, subject="P-1")),
            ),
            [("people-consent", "deny", "1 of 2 people are covered by a valid model release")],
            id="nobody is two people",
        ),
        pytest.param(
            replace(FACE, candidates=3, covered_by=covered(ADULT)),
            [
                (
                    "people-review",
                    "hold",
                    "3 faces may be in it, 1 people are covered by a model release",
                )
            ],
            id="more may be in it than are covered",
        ),
        pytest.param(
            replace(NOBODY, declared=declared(persons=1)),
            [("people-consent", "deny", NEEDED)],
            id="somebody seen from behind, whom the record names",
        ),
        pytest.param(
            replace(NOBODY, reviews=(RECOGNISED,)),
            [("people-consent", "deny", NEEDED)],
            id="somebody whom a reviewer recognises",
        ),
        pytest.param(
            replace(FACE, covered_by=covered(replace(ADULT, expires_at=date(2026, 11, 1)))),
            [("people-consent", "deny", f"{NEEDED}; MR-1: expired")],
            id="a release that expired mid-project",
        ),
        pytest.param(
            replace(FACE, covered_by=covered(replace(ADULT, uses=frozenset({ConsentUse.EDITORIAL})))),
            [("people-consent", "deny", f"{NEEDED}; MR-1: it does not grant ai_training")],
            id="a release of another age, without AI training",
        ),
        pytest.param(
            replace(FACE, covered_by=covered(replace(ADULT, is_document_shared=True))),
            [("people-consent", "deny", f"{NEEDED}; MR-1: its document is another person's too")],
            id="one document across two subjects",
        ),
        pytest.param(
            replace(FACE, pictured=replace(NOBODY.pictured, taken=""), covered_by=covered(ADULT)),
            [
                (
                    "people-review",
                    "hold",
                    f"{NEEDED}; MR-1: when the picture was taken is not known well enough",
                )
            ],
            id="a capture date that nobody knows",
        ),
        pytest.param(
            replace(FACE, covered_by=covered(replace(ADULT, withdrawal=WITHDRAWN))),
            [
                ("people-consent", "deny", "MR-1 was withdrawn"),
                ("people-consent", "deny", f"{NEEDED}; MR-1: withdrawn"),
            ],
            id="withdrawn",
        ),
        pytest.param(
            replace(
                FACE,
                covered_by=covered(
                    replace(ADULT, withdrawal=replace(WITHDRAWN, at=AT - timedelta(days=9))),
                    replace(ADULT, id="MR-3", subject="P-3", signed_at=date(2026, 11, 20)),
                    replace(ADULT, id="MR-4", signed_at=date(2026, 11, 14)),
                    replace(ADULT, id="MR-5", signed_at=date(2026, 11, 20), expires_at=date(2026, 11, 22)),
                ),
            ),
            [("people-consent", "deny", "MR-1 was withdrawn")],
            id="withdrawn, and somebody else signed, or before, or no longer",
        ),
        pytest.param(
            replace(FACE, covered_by=covered(ADULT, replace(SECOND, withdrawal=WITHDRAWN)), reviews=(CROWD,)),
            [("people-consent", "deny", "MR-2 was withdrawn")],
            id="withdrawn by one of two, whatever a reviewer says",
        ),
        pytest.param(
            replace(
                FACE,
                covered_by=covered(ADULT),
                declared=declared(model_status=ModelReleaseStatus.NOT_APPLICABLE),
            ),
            [
                (
                    "people-review",
                    "hold",
                    "it says that no model release is needed (MR-NAP), and shows somebody",
                )
            ],
            id="MR-NAP with a face contradicts itself",
        ),
        pytest.param(
            replace(
                FACE,
                covered_by=covered(ADULT),
                declared=declared(model_status=ModelReleaseStatus.LIMITED, persons=1),
            ),
            [
                (
                    "people-consent",
                    "deny",
                    "its model release is limited (MR-LMR), and nobody read what it leaves out",
                )
            ],
            id="MR-LMR that nobody read",
        ),
        pytest.param(
            replace(FACE, covered_by=covered(replace(ADULT, exclusions=("no politics",)))),
            [("people-review", "hold", "nobody read what its model releases leave out")],
            id="exclusions that nobody read",
        ),
        pytest.param(
            replace(FACE, covered_by=covered(replace(ADULT, age=MinorAge.UNKNOWN))),
            [("people-review", "hold", "the age of somebody in it is unknown (AG-UNK)")],
            id="AG-UNK in the release",
        ),
        pytest.param(
            replace(FACE, covered_by=covered(ADULT), declared=declared(youngest=MinorAge.UNKNOWN)),
            [("people-review", "hold", "the age of somebody in it is unknown (AG-UNK)")],
            id="AG-UNK in the picture",
        ),
        pytest.param(
            replace(FACE, covered_by=covered(ADULT), declared=declared(unread=("'MR-X' is none",))),
            [("people-review", "hold", "what it says of people and property cannot be read: 'MR-X' is none")],
            id="a word that is none",
        ),
        pytest.param(
            replace(FACE, covered_by=covered(replace(CHILD, guardian_signed_at=None)), reviews=(CROWD,)),
            [("people-consent", "deny", "no guardian signed MR-1")],
            id="a minor without a guardian, whatever a reviewer says",
        ),
        *(
            pytest.param(
                replace(
                    FACE,
                    pictured=replace(NOBODY.pictured, taken=taken),
                    covered_by=covered(replace(CHILD, **changes)),
                    reviews=(CROWD,),
                    kind=kind,
                ),
                [("people-consent", "deny", why)],
                id=f"a minor whose release does not hold, in a set that is {kind.value}: {why}",
            )
            for kind in SetKind
            for taken, changes, why in (
                ("2026-05", {"signed_at": None}, "MR-1: unsigned"),
                ("2026-05", {"signed_at": None, "guardian_signed_at": None}, "no guardian signed MR-1"),
                ("2026-05", {"guardian_signed_at": date(2026, 11, 24)}, "no guardian signed MR-1"),
                ("2026-05", {"expires_at": date(2026, 11, 1)}, "MR-1: expired"),
                ("2026-05", {"is_document_shared": True}, "MR-1: its document is another person's too"),
                (
                    "2026-05",
                    {"uses": frozenset({ConsentUse.EDITORIAL})},
                    "MR-1: it does not grant ai_training",
                ),
                ("", {}, "MR-1: when the picture was taken is not known well enough"),
            )
        ),
        pytest.param(
            replace(
                FACE,
                covered_by=covered(CHILD, replace(SECOND, expires_at=date(2026, 11, 1))),
                declared=declared(has_minor=True),
                reviews=(CROWD,),
            ),
            [("people-consent", "deny", "MR-2: expired")],
            id="somebody beside a minor, whose release does not hold",
        ),
        pytest.param(
            replace(
                FACE,
                covered_by=covered(CHILD, replace(SECOND, age=MinorAge.UNKNOWN)),
                declared=declared(has_minor=True),
                reviews=(CROWD,),
            ),
            [("people-consent", "deny", "no guardian signed MR-2")],
            id="somebody of unknown age beside a minor",
        ),
        pytest.param(
            replace(FACE, covered_by=covered(ADULT), declared=declared(has_minor=True)),
            [
                (
                    "people-consent",
                    "deny",
                    "it says that it shows a minor, and no guardian's signature covers it",
                )
            ],
            id="a minor, by the picture, and an adult's release",
        ),
        pytest.param(
            replace(
                FACE,
                covered_by=covered(CHILD),
                declared=declared(has_minor=True, words=("Beach", "A party with ALCOHOL")),
                reviews=(CROWD,),
            ),
            [("people-consent", "deny", "a minor in a sensitive context: alcohol")],
            id="a minor beside a sensitive word, whoever signed",
        ),
        pytest.param(
            replace(NOBODY, declared=declared(editorial=("its table", "the licence"))),
            [("editorial-only", "deny", "editorial, says its table, the licence")],
            id="editorial never enters a creative set",
        ),
        pytest.param(
            replace(FACE, kind=SetKind.EDITORIAL),
            [("people-consent", "deny", NEEDED)],
            id="a portrait that nothing declares editorial, in an editorial set",
        ),
        pytest.param(
            replace(
                FACE,
                kind=SetKind.EDITORIAL,
                declared=declared(editorial=("its table",)),
                trains_by_licence=False,
            ),
            [("editorial-only", "deny", "no licence grants training with it")],
            id="an editorial set trains nothing without a licence for just that",
        ),
        pytest.param(
            replace(
                FACE,
                kind=SetKind.MIXED,
                declared=declared(editorial=("its table",)),
                trains_by_licence=False,
            ),
            [
                ("editorial-only", "deny", "no licence grants training with it"),
                ("people-consent", "deny", NEEDED),
            ],
            id="mixed: both rules",
        ),
        *(
            pytest.param(
                replace(NOBODY, declared=declared(property_status=status)),
                [
                    (
                        "property-consent",
                        "hold",
                        "it shows property, and no valid property release covers it",
                    )
                ],
                id=status.value,
            )
            for status in (
                PropertyReleaseStatus.NONE,
                PropertyReleaseStatus.LIMITED,
                PropertyReleaseStatus.UNLIMITED,
            )
        ),
        pytest.param(
            replace(
                NOBODY,
                declared=declared(property_status=PropertyReleaseStatus.LIMITED),
                covered_by=covered(BUILDING),
            ),
            [
                (
                    "property-consent",
                    "hold",
                    "its property release is limited, and nobody read what it leaves out",
                )
            ],
            id="a limited property release that nobody read",
        ),
        pytest.param(
            replace(
                NOBODY,
                pictured=replace(NOBODY.pictured, taken="2026"),
                declared=declared(property_status=PropertyReleaseStatus.UNLIMITED),
                covered_by=covered(BUILDING, replace(BUILDING, id="PR-2", expires_at=date(2026, 11, 1))),
            ),
            [
                (
                    "property-consent",
                    "hold",
                    "it shows property, and no valid property release covers it; PR-1: when the picture was"
                    " taken is not known well enough; PR-2: expired",
                )
            ],
            id="property releases that do not hold, each with its reason",
        ),
        pytest.param(
            replace(NOBODY, covered_by=covered(replace(BUILDING, withdrawal=WITHDRAWN))),
            [("property-consent", "hold", "PR-1 was withdrawn")],
            id="a property release that was withdrawn",
        ),
    ],
)
def test_what_stands_against_a_picture_is_told_with_its_rule(
    facts: PeopleFacts, expected: list[tuple[str, str, str]]
) -> None:
    """Each case of the rules, with the outcome that the policy gives it."""
    assert against(facts) == expected


@pytest.mark.control("P2.1")
def test_a_reviewer_lifts_what_was_found_in_the_bytes_they_looked_at() -> None:
    """Not in a picture that was made anew, and the last word counts."""
    assert against(replace(FACE, reviews=(CROWD,))) == []
    elsewhere = replace(CROWD, picture_sha256=Sha256("0" * 64))
    assert against(replace(FACE, reviews=(elsewhere,))) == [("people-consent", "deny", NEEDED)]
    later = replace(RECOGNISED, at=AT + timedelta(hours=1))
    assert against(replace(FACE, reviews=(later, CROWD))) == [("people-consent", "deny", NEEDED)]
    # That exclusions were read says nothing of who is in it.
    assert against(replace(FACE, reviews=(READ,))) == [("people-consent", "deny", NEEDED)]
    assert standing([CROWD, later, elsewhere], picture=BYTES) == {Finding.PEOPLE: later}


UNDATED = replace(FACE, pictured=replace(NOBODY.pictured, taken=""), covered_by=covered(ADULT))


@pytest.mark.control("P2.1", "C4.1")
@pytest.mark.parametrize("taken", ["", "2026"])
def test_whoever_compared_a_valid_record_with_the_picture_settles_its_date(taken: str) -> None:
    """For a model release and a property release, and only those that had been recorded by then."""
    people = replace(UNDATED, pictured=replace(NOBODY.pictured, taken=taken))
    building = replace(
        people,
        candidates=0,
        confident=0,
        declared=declared(property_status=PropertyReleaseStatus.UNLIMITED),
        covered_by=covered(BUILDING),
    )
    for facts, said, rule in (
        (people, CHECKED, "people-review"),
        (building, PROPERTY_CHECKED, "property-consent"),
    ):
        assert [told for told, _, _ in against(facts)] == [rule]
        assert against(replace(facts, reviews=(said,))) == []
        (line,) = facts.covered_by
        later = replace(line, consent=replace(line.consent, recorded_at=AT + timedelta(seconds=1)))
        assert [told for told, _, _ in against(replace(facts, covered_by=(later,), reviews=(said,)))] == [
            rule
        ]


@pytest.mark.control("P2.1", "C4.1")
def test_whoever_compared_a_valid_record_answers_for_an_age_and_a_wrong_word() -> None:
    """Where the picture shows somebody; a record that was added since is compared anew."""
    unknown = replace(ADULT, age=MinorAge.UNKNOWN)
    for doubtful in (
        replace(FACE, covered_by=covered(unknown)),
        replace(FACE, covered_by=covered(ADULT), declared=declared(youngest=MinorAge.UNKNOWN)),
        replace(
            FACE,
            covered_by=covered(ADULT),
            declared=declared(model_status=ModelReleaseStatus.NOT_APPLICABLE),
        ),
    ):
        assert [rule for rule, _, _ in against(doubtful)] == ["people-review"]
        assert against(replace(doubtful, reviews=(CHECKED,))) == []
        more = (*doubtful.covered_by, *covered(replace(SECOND, recorded_at=AT + timedelta(days=1))))
        assert [rule for rule, _, _ in against(replace(doubtful, covered_by=more, reviews=(CHECKED,)))] == [
            "people-review"
        ]


@pytest.mark.control("P2.1", "C4.1")
@pytest.mark.parametrize(
    ("facts", "rules"),
    [
        pytest.param(replace(FACE, covered_by=()), ["people-consent"], id="no record"),
        pytest.param(NOBODY, ["people-consent"], id="whoever checked saw somebody, and the record went"),
        pytest.param(
            replace(UNDATED, covered_by=covered(replace(ADULT, expires_at=date(2026, 11, 1)))),
            ["people-consent"],
            id="expired",
        ),
        pytest.param(
            replace(UNDATED, covered_by=covered(replace(ADULT, withdrawal=WITHDRAWN))),
            ["people-consent"] * 2,
            id="withdrawn",
        ),
        pytest.param(
            replace(FACE, pictured=replace(NOBODY.pictured, taken="2025-01"), covered_by=covered(ADULT)),
            ["people-consent"],
            id="taken at another time",
        ),
        pytest.param(
            replace(UNDATED, covered_by=covered(CHILD)), ["people-consent", "people-review"], id="a minor"
        ),
        pytest.param(
            replace(
                UNDATED,
                covered_by=covered(CHILD, replace(CHILD, id="MR-3", age=MinorAge.UNKNOWN)),
            ),
            ["people-consent", "people-review"],
            id="a minor, whose other model release does not say so",
        ),
        pytest.param(
            replace(UNDATED, declared=declared(has_minor=True)),
            ["people-consent", "people-consent", "people-review"],
            id="beside a minor",
        ),
        pytest.param(
            replace(UNDATED, covered_by=covered(replace(ADULT, exclusions=("no politics",)))),
            ["people-review"],
            id="exclusions that nobody read",
        ),
        pytest.param(
            replace(UNDATED, declared=declared(unread=("'MR-X' is none",))),
            ["people-review"],
            id="a word that is none",
        ),
        pytest.param(replace(UNDATED, candidates=2), ["people-review"], id="somebody else may be in it"),
        pytest.param(replace(UNDATED, confident=2), ["people-consent"], id="somebody else is in it"),
    ],
)
def test_whoever_compared_a_record_with_the_picture_settles_nothing_else(
    facts: PeopleFacts, rules: list[str]
) -> None:
    """No consent, no minor's date, no other doubt."""
    assert [rule for rule, _, _ in against(replace(facts, reviews=(CHECKED,)))] == rules


@pytest.mark.control("P2.1")
def test_what_was_read_and_what_was_compared_stand_side_by_side() -> None:
    """In any order, until something else is said; exclusions of a later record are read anew."""
    both = replace(UNDATED, covered_by=covered(replace(ADULT, exclusions=("no politics",))))
    later = replace(CROWD, at=AT + timedelta(hours=1))
    assert against(replace(both, reviews=(READ, CHECKED))) == against(replace(both, reviews=(CHECKED, READ)))
    assert against(replace(both, reviews=(READ, CHECKED))) == []
    assert record_checks([READ, later, CHECKED], finding=Finding.PEOPLE, picture=BYTES) == {}
    added = covered(replace(SECOND, exclusions=("no politics",), recorded_at=AT + timedelta(days=1)))
    dated = replace(both, pictured=NOBODY.pictured, covered_by=(*both.covered_by, *added))
    assert against(replace(dated, reviews=(READ, CHECKED))) == [
        ("people-review", "hold", "nobody read what its model releases leave out")
    ]


@pytest.mark.control("P2.1", "C4.1")
@pytest.mark.parametrize(
    ("said", "facts", "why"),
    [
        (READ, FACE, "no model release that is in force for training covers this picture"),
        (CHECKED, replace(UNDATED, covered_by=covered(BUILDING)), "no model release that is in force"),
        (
            CHECKED,
            replace(UNDATED, covered_by=covered(replace(ADULT, withdrawal=WITHDRAWN))),
            "no model release that is in force",
        ),
        (PROPERTY_CHECKED, UNDATED, "no property release that is in force for training covers this picture"),
        (READ, UNDATED, "no model release of this picture leaves anything out"),
        (PROPERTY_READ, replace(FACE, covered_by=covered(BUILDING)), "no property release of this picture"),
        (CHECKED, replace(FACE, covered_by=covered(ADULT)), r"nothing about .* waits for it \(MR-1\)"),
        (
            CHECKED,
            replace(UNDATED, covered_by=covered(CHILD)),
            "where a minor is pictured, no review settles",
        ),
        (
            PROPERTY_CHECKED,
            replace(FACE, covered_by=covered(BUILDING), declared=declared(youngest=MinorAge.UNKNOWN)),
            r"nothing about .* waits for it \(PR-1\)",
        ),
    ],
)
def test_a_review_of_records_that_could_lift_nothing_is_refused(
    said: Review, facts: PeopleFacts, why: str
) -> None:
    """No record, none in force, nothing left out, nothing in doubt, or a minor."""
    with pytest.raises(BadInput, match=f"--reason {said.reason.value}: {why}"):
        require_effect(said, facts.pictured, facts.declared, facts.covered_by, POLICY)


@pytest.mark.control("P2.1")
@pytest.mark.parametrize(
    ("said", "facts"),
    [
        (READ, replace(FACE, covered_by=covered(replace(ADULT, exclusions=("no politics",))))),
        (
            READ,
            replace(
                FACE, covered_by=covered(ADULT), declared=declared(model_status=ModelReleaseStatus.LIMITED)
            ),
        ),
        (
            PROPERTY_READ,
            replace(
                FACE,
                covered_by=covered(BUILDING),
                declared=declared(property_status=PropertyReleaseStatus.LIMITED),
            ),
        ),
        (CHECKED, UNDATED),
        (CHECKED, replace(FACE, covered_by=covered(replace(ADULT, age=MinorAge.UNKNOWN)))),
        (PROPERTY_CHECKED, replace(UNDATED, covered_by=covered(BUILDING))),
    ],
)
def test_a_review_of_records_that_settles_something_is_taken(said: Review, facts: PeopleFacts) -> None:
    """What is left out, a date, an age."""
    require_effect(said, facts.pictured, facts.declared, facts.covered_by, POLICY)


@pytest.mark.control("C4.1", "P2.1")
@pytest.mark.parametrize("finding", Finding)
def test_what_clears_text_or_rights_counts_for_these_alone(finding: Finding) -> None:
    """Bytes show the same under any caption; what was said of a caption says nothing of another. Doubt stays."""
    reasons = {verdict: min(REASONS[finding, verdict]) for verdict in ReviewVerdict}
    clear, stands = (review(finding, verdict, reasons[verdict]) for verdict in ReviewVerdict)
    elsewhere = Sha256("6" * 64)
    of_bytes = finding in (Finding.PEOPLE, Finding.PROPERTY)
    assert speaking_of([clear, stands], subject=SUBJECT) == (clear, stands)
    assert speaking_of([stands, clear], subject=elsewhere) == ((stands, clear) if of_bytes else (stands,))


@pytest.mark.control("C4.1")
def test_the_subject_of_a_review_is_all_that_a_reviewer_of_text_and_rights_sees() -> None:
    """Bytes, address, source, licence, caption and the rest of the table; when it was collected is none of it."""
    record: dict[str, Any] = {
        **RECORD,
        "picture": {"kept": {"sha256": "e" * 64}},
        "url": "https://a.example/1.jpg",
        "source": "a",
        "licence": "CC0-1.0",
    }
    changed: list[dict[str, Any]] = [
        {"sha256": "0" * 64},
        {"picture": {"kept": {"sha256": "0" * 64}}},
        {"url": "https://a.example/2.jpg"},
        {"source": "b"},
        {"licence": "CC-BY-4.0"},
        {"row": {"caption": "Grace at work", "extra": {"licence_kind": "creative"}}},
        {"row": {"caption": "Ada at work", "extra": {}}},
    ]
    subjects = {reviewed_subject({**record, **each}) for each in [{}, *changed]}
    assert len(subjects) == len(changed) + 1
    same = {**record, "item_id": "0" * 16, "project": "q", "collected_at": "2026-11-25T00:00:00Z"}
    assert reviewed_subject(same) == reviewed_subject(record)


@pytest.mark.control("P2.1")
def test_a_reviewer_finds_that_no_property_needs_a_release() -> None:
    """Or that some does, which the picture did not say."""
    named = replace(NOBODY, declared=declared(has_property_release_id=True))
    none = review(Finding.PROPERTY, ReviewVerdict.CLEAR, ReviewReason.NO_PROPERTY)
    shown = review(Finding.PROPERTY, ReviewVerdict.STANDS, ReviewReason.PROPERTY_SHOWN)
    read = review(Finding.PROPERTY, ReviewVerdict.CLEAR, ReviewReason.EXCLUSIONS_READ)
    assert [rule for rule, _, _ in against(named)] == ["property-consent"]
    assert against(replace(named, reviews=(none,))) == []
    assert [rule for rule, _, _ in against(replace(NOBODY, reviews=(shown,)))] == ["property-consent"]
    limited = replace(named, covered_by=covered(replace(BUILDING, exclusions=("no interiors",))))
    assert [rule for rule, _, _ in against(limited)] == ["property-consent"]
    assert against(replace(limited, reviews=(read,))) == []


@pytest.mark.control("P2.1")
@pytest.mark.parametrize("finding", Finding)
@pytest.mark.parametrize("verdict", ReviewVerdict)
def test_a_review_says_why_in_words_that_fit(finding: Finding, verdict: ReviewVerdict) -> None:
    """Each finding has its own reasons, and something is said in the note."""
    for reason in ReviewReason:
        if reason in REASONS[finding, verdict]:
            assert review(finding, verdict, reason).reason is reason
        else:
            with pytest.raises(BadInput, match=f"--reason {reason.value}: for {finding.value} and"):
                review(finding, verdict, reason)
    fitting = next(iter(REASONS[finding, verdict]))
    for note in ("", "  ", "a\x1b[31m", "a" * 1001):
        with pytest.raises(BadInput, match="--note"):
            review(finding, verdict, fitting, note=note)


@pytest.mark.control("C5.5")
def test_every_reason_of_a_review_is_documented() -> None:
    """Whoever reviews finds the words on the page, under the finding they are for."""
    page = (Path(__file__).parents[2] / "docs" / "pictured.md").read_text()
    rows = {line.split("`")[1]: line.split("|")[2:4] for line in page.splitlines() if line.startswith("| `")}
    for finding in Finding:
        for verdict, told in zip(ReviewVerdict, rows[finding.value], strict=True):
            assert set(re.findall(r"`([a-z-]+)`", told)) == {
                reason.value for reason in REASONS[finding, verdict]
            }


RECORD: dict[str, Any] = {
    "item_id": ITEM,
    "sha256": "c" * 64,
    "row": {"caption": "Ada at work", "extra": {"licence_kind": "creative"}},
    "described": {
        "model_release_status": f"{VOCABULARY}MR-UMR",
        "model_release_ids": ["MR-7"],
        "property_release_status": "PR-NON",
        "property_release_ids": ["PR-8"],
        "minor_disclosure": "AG-A17",
        "model_ages": [17, 40],
        "persons_named": 1,
        "keywords": ["work", "laboratory"],
        "taken": "2026-05",
    },
}


@pytest.mark.control("P2.1", "C4.1")
def test_a_record_says_who_and_what_is_in_its_picture() -> None:
    """Bare codes and URIs, counts and ages; nobody's name is among it."""
    assert pictured_of(RECORD) == Pictured(
        item=ITEM, sha256=Sha256("c" * 64), release_ids=("MR-7", "PR-8"), taken="2026-05"
    )
    assert declared_in(RECORD) == Declared(
        model_status=ModelReleaseStatus.UNLIMITED,
        property_status=PropertyReleaseStatus.NONE,
        has_property_release_id=True,
        persons=2,
        youngest=MinorAge.A17,
        has_minor=True,
        words=("work", "laboratory", "Ada at work"),
    )


@pytest.mark.control("P2.1")
@pytest.mark.parametrize(
    ("described", "persons", "has_minor"),
    [
        ({}, 0, False),
        ({"model_release_status": "MR-NON"}, 0, False),
        ({"model_release_status": "MR-NAP"}, 0, False),
        ({"model_release_status": "MR-LMR"}, 1, False),
        ({"model_release_ids": ["MR-7"]}, 1, False),
        ({"minor_disclosure": "AG-UNK"}, 1, False),
        ({"model_ages": [12]}, 1, True),
        ({"persons_named": 4}, 4, False),
        ({"persons_named": True}, 0, False),
    ],
)
def test_whoever_has_a_release_an_age_or_a_name_is_somebody(
    described: dict[str, Any], persons: int, has_minor: bool
) -> None:
    """A statement about people is one that there are some; absence is none."""
    found = declared_in({**RECORD, "described": described})
    assert (found.persons, found.has_minor) == (persons, has_minor)


@pytest.mark.control("C4.1")
@pytest.mark.parametrize(
    ("extra", "described", "conditions", "where"),
    [
        ({}, {}, "", ()),
        ({"editorial": "no"}, {}, "", ()),
        ({"editorial": "1"}, {}, "", ("its table",)),
        ({"usage": "Editorial use only"}, {}, "", ("its table",)),
        ({}, {"editorial": ["usage terms"]}, "", ("its metadata",)),
        ({}, {}, "for editorial use", ("the licence",)),
        (
            {"kind": "editorial"},
            {"editorial": True},
            "Editorial",
            ("the licence", "its metadata", "its table"),
        ),
    ],
)
def test_editorial_is_found_wherever_it_is_said(
    extra: dict[str, str], described: dict[str, Any], conditions: str, where: tuple[str, ...]
) -> None:
    """In the licence, in the picture, in the table it came with."""
    record = {**RECORD, "row": {"caption": "", "extra": extra}, "described": described}
    assert declared_in(record, conditions=conditions).editorial == where


@pytest.mark.control("C4.1")
def test_sensitive_words_are_whole_words() -> None:
    """`drug` is in no `drugstore`, and a phrase is found across its blanks."""
    watched = ("drug", "eating disorder", "self-harm")
    assert sensitive_in(["Drugstore, drugs"], watched) == ()
    assert sensitive_in(["a DRUG!", "an eating\ndisorder", "self harm"], watched) == watched


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=6,
)


@pytest.mark.control("C4.1")
@given(
    described=st.dictionaries(
        st.sampled_from(sorted(RECORD["described"])) | st.text(max_size=5), json_values
    ),
    row=json_values,
)
def test_no_record_breaks_the_readers(described: dict[str, Any], row: Any) -> None:
    """Whatever an earlier version or a stranger wrote there: it is read, or told as unread."""
    record = {**RECORD, "described": described, "row": row}
    found = declared_in(record)
    assert found.persons >= 0
    assert isinstance(pictured_of(record).taken, str)
    assert declared_in({**record, "described": row}).persons >= 0


consents = st.builds(
    replace,
    st.sampled_from([ADULT, SECOND, CHILD, BUILDING]),
    withdrawal=st.sampled_from([None, WITHDRAWN]),
    expires_at=st.sampled_from([None, date(2026, 11, 1), date(2027, 11, 1)]),
    exclusions=st.sampled_from([(), ("no politics",)]),
    age=st.sampled_from(MinorAge),
)
facts_drawn = st.builds(
    PeopleFacts,
    pictured=st.sampled_from([NOBODY.pictured, replace(NOBODY.pictured, taken="")]),
    picture_sha256=st.just(BYTES),
    candidates=st.integers(0, 3),
    confident=st.integers(0, 3),
    declared=st.builds(
        Declared,
        model_status=st.none() | st.sampled_from(ModelReleaseStatus),
        property_status=st.none() | st.sampled_from(PropertyReleaseStatus),
        persons=st.integers(0, 2),
        has_minor=st.booleans(),
        editorial=st.sampled_from([(), ("its table",)]),
    ),
    covered_by=st.lists(consents, max_size=3).map(lambda drawn: covered(*drawn)),
    reviews=st.lists(st.sampled_from([CROWD, READ, CHECKED, PROPERTY_CHECKED, RECOGNISED]), max_size=2).map(
        tuple
    ),
    kind=st.sampled_from(SetKind),
    trains_by_licence=st.booleans(),
)
_STRICT = {Outcome.ALLOW: 0, Outcome.HOLD: 1, Outcome.DENY: 2}


def strictest(facts: PeopleFacts) -> int:
    return max((_STRICT[reason.outcome] for reason in against_people(facts, POLICY, now=AT)), default=0)


@pytest.mark.control("P2.1")
@given(facts_drawn)
def test_more_against_a_picture_never_lets_it_through(facts: PeopleFacts) -> None:
    """One more face, a withdrawal, a minor or a lost licence never makes the answer milder."""
    before = strictest(facts)
    withdrawn = tuple(
        replace(line, consent=replace(line.consent, withdrawal=WITHDRAWN)) for line in facts.covered_by
    )
    for worse in (
        replace(facts, confident=facts.confident + 1, candidates=facts.candidates + 1),
        replace(facts, covered_by=withdrawn),
        replace(facts, declared=replace(facts.declared, has_minor=True)),
        # In an editorial set it is what lets a picture of somebody in.
        facts
        if facts.kind is SetKind.EDITORIAL
        else replace(facts, declared=replace(facts.declared, editorial=("its table",))),
        replace(facts, trains_by_licence=False),
        facts if facts.kind is SetKind.CREATIVE else replace(facts, kind=SetKind.MIXED),
    ):
        assert strictest(worse) >= before
