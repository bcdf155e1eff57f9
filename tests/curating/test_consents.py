from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import yaml
from hypothesis import example, given
from hypothesis import strategies as st

from clearance.curating.people.consent_form import consent_form
from clearance.curating.people.consent_reading import MAX_CONSENT_BYTES, ReadConsent, read_consent
from clearance.curating.people.consents import (
    AgeEvidence,
    Answer,
    Consent,
    ConsentIndex,
    ConsentKind,
    ConsentState,
    ConsentUse,
    Cover,
    CoveredBy,
    CoverKind,
    LegalBasis,
    Pictured,
    SignatureMethod,
    Validity,
    Withdrawal,
    captured_within,
    covering,
    is_valid,
    withdrawn_among,
)
from clearance.curating.people.plus_vocabulary import (
    MinorAge,
    ModelReleaseStatus,
    PropertyReleaseStatus,
    plus_uri,
    read_plus,
)
from clearance.errors import BadInput
from clearance.identifiers import ItemId, Malformed, Sha256

AT = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
ITEM, OTHER = ItemId("a" * 16), ItemId("b" * 16)
PICTURED = Pictured(item=ITEM, sha256=Sha256("c" * 64), release_ids=("MR-7",), taken="2026-05")


def keyed(sha256: Sha256) -> str:
    return f"keyed {sha256}"


CONSENT = Consent(
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
    uses=frozenset({ConsentUse.AI_TRAINING, ConsentUse.CREATIVE_COMMERCIAL}),
    territory=(),
    expires_at=None,
    exclusions=(),
    legal_basis=LegalBasis.CONSENT,
    recorded_at=datetime(2026, 5, 3, tzinfo=UTC),
    covers=(Cover(kind=CoverKind.ITEM, value=ITEM, person=1),),
)


def weighed(
    consent: Consent,
    pictured: Pictured = PICTURED,
    *,
    person: int = 1,
    use: ConsentUse = ConsentUse.AI_TRAINING,
    at: datetime = AT,
) -> Answer:
    return is_valid(consent, pictured, person=person, use=use, at=at)


@pytest.mark.control("P2.1")
def test_a_record_is_valid_for_its_picture_person_and_use() -> None:
    """Signed, in force, for this use, of this shoot, and covering this person in this picture."""
    assert weighed(CONSENT) == Answer(validity=Validity.VALID)
    assert CONSENT.state(AT) is ConsentState.IN_FORCE


@pytest.mark.control("P2.1")
@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"signed_at": None}, "unsigned"),
        ({"signed_at": date(2026, 12, 1)}, "unsigned"),
        ({"expires_at": date(2026, 11, 23)}, "expired"),
        ({"is_document_shared": True}, "its document is another person's too"),
        ({"age": MinorAge.A17}, "no guardian's signature"),
        ({"age": MinorAge.U14, "guardian_signed_at": date(2027, 1, 1)}, "no guardian's signature"),
        ({"uses": frozenset({ConsentUse.BIOMETRIC})}, "it does not grant ai_training"),
        ({"withdrawal": Withdrawal(at=AT, channel="letter", effect="none")}, "withdrawn"),
        ({"is_erased": True}, "erased"),
        ({"covers": ()}, "it does not cover person 1 of this picture"),
        (
            {"covers": (Cover(kind=CoverKind.ITEM, value=ITEM, person=2),)},
            "it does not cover person 1 of this picture",
        ),
        (
            {"shoot_from": date(2026, 6, 2), "shoot_to": date(2026, 6, 2)},
            "the picture was taken in 2026-05, the shoot was from 2026-06-02 to 2026-06-02",
        ),
    ],
)
def test_one_thing_that_is_missing_makes_it_invalid(changes: dict[str, Any], why: str) -> None:
    """Each condition of the rule counts, and the answer says which one failed."""
    assert weighed(replace(CONSENT, **changes)) == Answer(validity=Validity.INVALID, why=(why,))


@pytest.mark.control("P2.1")
@pytest.mark.parametrize(
    ("changes", "is_renewed"),
    [
        ({}, True),
        ({"subject": "P-2"}, False),
        ({"kind": ConsentKind.PROPERTY}, False),
        ({"signed_at": date(2026, 8, 1)}, False),
        ({"signed_at": None}, False),
        ({"expires_at": date(2026, 10, 1)}, False),
    ],
)
def test_only_a_later_signature_of_the_same_person_for_the_same_renews_what_was_withdrawn(
    changes: dict[str, Any], is_renewed: bool
) -> None:
    """Somebody else's, a property release, an earlier or an expired one takes nobody's withdrawal back."""
    taken_back = datetime(2026, 8, 1, tzinfo=UTC)
    withdrawn = replace(CONSENT, withdrawal=Withdrawal(at=taken_back, channel="letter", effect="none"))
    other = replace(CONSENT, **{"id": "MR-2", "signed_at": date(2026, 9, 1), **changes})
    lines = [CoveredBy(consent=each, person=1) for each in (withdrawn, other)]
    assert withdrawn_among(lines, at=AT) == (() if is_renewed else ("MR-1",))
    assert withdrawn_among(lines, at=taken_back - timedelta(days=1)) == ()


@pytest.mark.control("P2.1")
def test_a_minor_with_a_guardians_signature_is_covered() -> None:
    """From the day on which the guardian signed."""
    minor = replace(CONSENT, age=MinorAge.A16, guardian_signed_at=date(2026, 5, 1))
    assert weighed(minor) == Answer(validity=Validity.VALID)


@pytest.mark.control("P2.1")
def test_a_release_that_expires_mid_project_held_until_then() -> None:
    """The day of expiry is the first one on which it no longer holds."""
    dated = replace(CONSENT, expires_at=date(2026, 11, 23))
    assert weighed(dated, at=AT - timedelta(days=1)).validity is Validity.VALID
    assert weighed(dated).validity is Validity.INVALID


@pytest.mark.control("P2.1")
@pytest.mark.parametrize(
    ("taken", "validity"),
    [
        ("2026-05-02", Validity.VALID),
        ("2026-05-03", Validity.VALID),
        ("2026-04-30", Validity.VALID),
        ("2026-05-04", Validity.INVALID),
        ("2026-04-29", Validity.INVALID),
        ("2026-05", Validity.VALID),
        ("2026-04", Validity.VALID),
        ("2026-03", Validity.INVALID),
        ("2025", Validity.INVALID),
        ("2026", Validity.UNKNOWN),
        ("", Validity.UNKNOWN),
        ("about 1990", Validity.UNKNOWN),
        ("2026-13", Validity.UNKNOWN),
        ("0-1-1", Validity.UNKNOWN),
        ("1-2-3-4", Validity.UNKNOWN),
    ],
)
def test_the_capture_date_lies_within_the_shoot_give_or_take_a_day(taken: str, validity: Validity) -> None:
    """What contradicts is found as far as the date is known; where it is not, a person looks."""
    assert weighed(CONSENT, replace(PICTURED, taken=taken)).validity is validity


@pytest.mark.control("P2.1")
def test_a_record_covers_a_picture_by_item_by_bytes_or_by_its_own_metadata() -> None:
    """The index finds what walking over all records finds, and counts no person twice."""
    covers = (
        Cover(kind=CoverKind.ITEM, value=ITEM, person=1),
        Cover(kind=CoverKind.PICTURE, value="c" * 64, person=1),
        Cover(kind=CoverKind.RELEASE_ID, value="MR-7", person=2),
        Cover(kind=CoverKind.ITEM, value=OTHER, person=1),
    )
    consent = replace(CONSENT, covers=covers)
    found = ConsentIndex([consent], keyed).covering(PICTURED)
    assert found == (CoveredBy(consent=consent, person=1), CoveredBy(consent=consent, person=2))
    assert set(found) == set(covering(PICTURED, [consent]))
    nowhere = Pictured(item=ItemId("e" * 16), sha256=Sha256(""))
    assert ConsentIndex([consent], keyed).covering(nowhere) == ()


@pytest.mark.control("P2.1", "C5.4")
def test_bytes_that_were_erased_are_known_again_by_a_keyed_hash() -> None:
    """Whatever item they come back as; and the key is asked for only where there is such a hash."""
    gone = replace(CONSENT, covers=(Cover(kind=CoverKind.KEYED, value=keyed(PICTURED.sha256), person=2),))
    index = ConsentIndex([gone], keyed)
    assert index.covering(replace(PICTURED, item=OTHER)) == (CoveredBy(consent=gone, person=2),)
    assert index.covering(replace(PICTURED, sha256=Sha256("e" * 64))) == ()
    assert index.covering(replace(PICTURED, sha256=Sha256(""))) == ()

    def asked(_: Sha256) -> str:
        raise AssertionError("nothing to compare with")

    assert ConsentIndex([CONSENT], asked).covering(PICTURED) == (CoveredBy(consent=CONSENT, person=1),)


@pytest.mark.control("P2.1", "P2.4")
def test_plus_words_are_read_bare_or_as_uri_and_written_as_uri() -> None:
    """Both are in use; what is no word of the vocabulary is no answer."""
    words: tuple[ModelReleaseStatus | PropertyReleaseStatus | MinorAge, ...]
    words = (*ModelReleaseStatus, *PropertyReleaseStatus, *MinorAge)
    for word in words:
        assert read_plus(type(word), word.value) is word
        assert read_plus(type(word), f" {plus_uri(word).replace('http:', 'https:')} ") is word
        assert read_plus(type(word), plus_uri(word).lower()) is word
    assert plus_uri(ModelReleaseStatus.NOT_APPLICABLE) == "http://ns.useplus.org/ldf/vocab/MR-NAP"
    assert [age.value for age in MinorAge if age.is_minor] == ["AG-A17", "AG-A16", "AG-A15", "AG-U14"]
    assert read_plus(ModelReleaseStatus, "PR-NON") == Malformed(
        where="PLUS", why="'PR-NON' is none of MR-NON, MR-NAP, MR-UMR, MR-LMR"
    )


@example(text="2200000000")
@given(st.text(max_size=200))
def test_no_text_breaks_the_readers_of_words_and_dates(text: str) -> None:
    """Whatever stands in a picture's metadata is a word, or none."""
    for word in (ModelReleaseStatus.NONE, PropertyReleaseStatus.NONE, MinorAge.UNKNOWN):
        assert isinstance(read_plus(type(word), text), (type(word), Malformed))
    days = captured_within(text)
    assert days is None or days[0] <= days[1]


@pytest.mark.control("P2.1")
@given(
    signed=st.none() | st.dates(date(2026, 1, 1), date(2027, 1, 1)),
    expires=st.none() | st.dates(date(2026, 1, 1), date(2027, 1, 1)),
    withdrawn=st.booleans(),
    uses=st.frozensets(st.sampled_from(ConsentUse)),
    age=st.sampled_from(MinorAge),
    taken=st.sampled_from(["", "2026", "2026-05", "2026-05-01", "2020-01"]),
    person=st.integers(1, 3),
)
def test_taking_something_away_never_makes_a_record_valid(**drawn: Any) -> None:
    """A withdrawal, an unsigned paper or a missing use never helps."""
    withdrawal = Withdrawal(at=AT - timedelta(days=1), channel="letter", effect="none")
    consent = replace(
        CONSENT,
        signed_at=drawn["signed"],
        expires_at=drawn["expires"],
        uses=drawn["uses"],
        age=drawn["age"],
        withdrawal=withdrawal if drawn["withdrawn"] else None,
    )
    pictured = replace(PICTURED, taken=drawn["taken"])
    before = weighed(consent, pictured, person=drawn["person"])
    if before.validity is not Validity.VALID:
        assert before.why
    for less in (
        replace(consent, withdrawal=withdrawal),
        replace(consent, signed_at=None),
        replace(consent, uses=frozenset()),
        replace(consent, covers=()),
        replace(consent, is_document_shared=True),
    ):
        assert weighed(less, pictured, person=drawn["person"]).validity is Validity.INVALID


FILLED = {
    "form": 1,
    "kind": "model",
    "document": {
        "sha256": "d" * 64,
        "reference": "safe 3",
        "form": "Own form",
        "version": "2",
        "language": "en",
    },
    "subject": {"name": "Ada  Example", "age": "http://ns.useplus.org/ldf/vocab/AG-A17"},
    "guardian": {"name": "Eve Example", "relation": "mother", "signed_at": date(2026, 5, 1)},
    "shoot": {
        "from": date(2026, 5, 1),
        "to": date(2026, 5, 2),
        "place": "Hamburg",
        "photographer": "Max Foto",
    },
    "signed": {"at": date(2026, 5, 1), "method": "wet", "witness": "Wim Witness"},
    "grants": {"uses": ["ai_training"], "territory": ["DE", "NO"], "expires_at": date(2030, 1, 1)},
    "legal_basis": "consent",
    "attributes": {"is_consented": True, "consented_at": date(2026, 5, 1), "values": {"monk-scale": "7"}},
    "covers": [{"item": "a" * 16}, {"sha256": "c" * 64, "person": 2}, {"release_id": "MR-7"}],
}


def written(**changes: Any) -> bytes:
    """Write a form; a change names a place as `part__field`."""
    form: dict[str, Any] = {name: dict(v) if isinstance(v, dict) else v for name, v in FILLED.items()}
    for place, value in changes.items():
        part, _, field = place.partition("__")
        if field:
            form[part][field] = value
        else:
            form[part] = value
    return yaml.safe_dump(form).encode()


def read(content: bytes) -> ReadConsent:
    return read_consent(content, where="f.yaml")


@pytest.mark.control("P2.1", "C4.1")
def test_a_form_is_read_into_what_is_listed_and_what_is_sealed() -> None:
    """Names, places and attributes stand in the sealed part only."""
    found = read(written())
    assert (found.kind, found.age, found.uses) == (
        ConsentKind.MODEL,
        MinorAge.A17,
        frozenset({ConsentUse.AI_TRAINING}),
    )
    assert found.guardian_signed_at == date(2026, 5, 1)
    assert found.territory == ("DE", "NO")
    assert found.form == "Own form 2 en"
    assert found.covers == (
        Cover(kind=CoverKind.ITEM, value="a" * 16, person=1),
        Cover(kind=CoverKind.PICTURE, value="c" * 64, person=2),
        Cover(kind=CoverKind.RELEASE_ID, value="MR-7", person=1),
    )
    assert found.personal == {
        "document_reference": "safe 3",
        "subject": {
            "name": "Ada  Example",
            "reference": "",
            "age_checked_by": "",
            "age_checked_at": None,
        },
        "guardian": {"name": "Eve Example", "relation": "mother", "signed_at": "2026-05-01"},
        "place": "Hamburg",
        "photographer": "Max Foto",
        "envelope": "",
        "witness": "Wim Witness",
        "compensation": "",
        "verified": None,
        "attributes": {"is_consented": True, "consented_at": "2026-05-01", "values": {"monk-scale": "7"}},
    }
    assert read(written(grants__territory="worldwide")).territory == ()


@pytest.mark.control("P2.1")
def test_all_problems_of_a_form_are_told_at_once_with_their_places() -> None:
    """Whoever corrects a file does it once."""
    with pytest.raises(BadInput) as refused:
        read(
            written(
                kind="modell",
                document__sha256="no hash",
                subject__age="AG-18",
                grants__uses=[],
                legal_basis="hope",
                shoot__weather="fine",
            )
        )
    said = str(refused.value)
    for place in (
        "f.yaml: kind: ",
        "document.sha256: ",
        "subject.age: ",
        "'AG-18' is none of AG-UNK",
        "grants.uses: ",
        "legal_basis: ",
        "shoot.weather: Extra inputs are not permitted",
    ):
        assert place in said, place


@pytest.mark.control("P2.1")
@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"shoot__to": date(2026, 4, 1)}, "shoot: ends on 2026-04-01, before it begins on 2026-05-01"),
        (
            {"grants__expires_at": date(2026, 5, 1)},
            "grants.expires_at: 2026-05-01 is not after the signature",
        ),
        ({"signed__witness": "MAX FOTO"}, "signed.witness: a third person"),
        ({"guardian__name": "ada  example"}, "guardian.name: the same person as the subject"),
        ({"subject__age_evidence": "id-checked"}, "age_checked_by and age_checked_at say who"),
        ({"subject": {"name": "A", "age_evidence": "declared"}}, "evidence of an age that is not stated"),
        ({"kind": "property"}, "a property release has neither guardian nor attributes"),
        (
            {"kind": "property", "guardian": None, "attributes": None},
            "covers.2.person: a property release speaks of no person",
        ),
        ({"covers": [{"item": "a" * 16, "sha256": "c" * 64}]}, "covers.1: one of item, sha256, release_id"),
        ({"covers": [{"person": 2}]}, "covers.1: one of item, sha256, release_id"),
        ({"covers": []}, "covers: "),
        ({"subject__name": "?"}, "subject.name: Value error, is blank"),
        ({"subject__name": "Ada\u202e"}, "holds a character that cannot be seen"),
        ({"grants__territory": ["DE", False]}, "grants.territory"),
        ({"form": 2}, "form: "),
        ({"attributes__is_consented": "yes"}, "attributes.is_consented: "),
    ],
)
def test_what_contradicts_or_is_blank_is_refused(changes: dict[str, Any], says: str) -> None:
    """Nothing is guessed, and nothing is recorded of a form that does not hold together."""
    with pytest.raises(BadInput, match="f.yaml: ") as refused:
        read(written(**changes))
    assert says in str(refused.value)


@pytest.mark.control("P2.1")
def test_the_form_as_it_is_printed_cannot_be_recorded_and_filled_in_can() -> None:
    """Its blanks are found; with them written it is a record."""
    form = consent_form()
    with pytest.raises(BadInput) as refused:
        read(form.encode())
    for place in ("document.sha256", "document.reference", "subject.name", "grants.uses", "covers.0.item"):
        assert f"{place}: " in str(refused.value), place
    filled = (
        form.replace('sha256: "?"', f"sha256: {'d' * 64}", 1)
        .replace('item: "?"', f"item: {'a' * 16}")
        .replace("uses: []", "uses: [ai_training]")
        .replace('"?"', "written")
    )
    assert read(filled.encode()).signed_at is None


@given(st.binary(max_size=300) | st.text(max_size=300).map(str.encode))
def test_no_file_breaks_the_reader(content: bytes) -> None:
    """What is no form is refused with the file's name."""
    with pytest.raises(BadInput, match="f.yaml: "):
        read(content)


def test_a_file_that_is_too_large_is_not_read() -> None:
    """Nobody covers so many pictures by hand."""
    with pytest.raises(BadInput, match="larger than"):
        read(b"#" * (MAX_CONSENT_BYTES + 1))
