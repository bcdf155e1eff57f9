"""Personal data in captions, addresses and in what was read out of a picture."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.curating.personal_data import PersonalData, PersonalDataKind, Where, find_personal_data
from clearance.policy import RuleId, default_policy_bytes, read_policy

MRZ = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<"


def found(text: str, where: Where = "caption") -> list[tuple[str, str]]:
    return [(each.kind.value, each.snippet) for each in find_personal_data(text, where)]


@pytest.mark.control("C4.1")
@pytest.mark.parametrize(
    ("text", "kind", "snippet"),
    [
        ("ask jane.doe@example.org for it", "e-mail", "j***.***@*******.***"),
        ("call +49 170 1234567", "phone", "+** *** *******"),
        ("call+491701234567", "phone", "+************"),
        ("0049-170-1234567", "phone", "0***-***-*******"),
        ("Tel.: 030 123456", "phone", "0** ******"),
        ("(212) 555-0123", "phone", "(***) ***-****"),
        ("pay DE89 3704 0044 0532 0130 00 now", "iban", "D*********************"),
        ("gb82west12345698765432", "iban", "G*********************"),
        ("4111 1111 1111 1111", "card", "4***************"),
        ("card 378282246310005.", "card", "3**************"),
        (MRZ, "travel-document", "P<***********<<****<*****<<<<<<<<<<<<<<<"),
        ("P < UTO ERIKSSON «ANNA <<<<<<<<<<<<", "travel-document", "P<***********<<****<<<<<<<<<<<<"),
        ("Name: Jane Doe", "name-badge", "N***: **** ***"),
    ],
)
def test_what_is_found_is_told_by_kind_and_masked(text: str, kind: str, snippet: str) -> None:
    """The number itself is stored nowhere: one character and a shape are enough to know what to look for."""
    assert found(text) == [(kind, snippet)]


@pytest.mark.control("C4.1")
@pytest.mark.parametrize(
    "text",
    [
        *(
            "2024-05-17 10:00",
            "1/250 s, f/8, ISO 400",
            "1234567890123456",
            "4111 1111 1111 1112",
            "0000 0000 0000 0000",
        ),
        *(
            "DE89 3704 0044 0532 0130 01",
            "ZZ89 3704 0044 0532 0130 00",
            "image@2x.png",
            "user@host",
            "<<<<<<<<<<<<<<<<<<<<<<<<",
        ),
        *("A view of 10,000,000 stars", "1+23456789012", "a@b", "© 2024", "tel", "Jane Doe at the opening"),
    ],
)
def test_other_numbers_and_words_are_left_alone(text: str) -> None:
    """Check digits, real domains and words of context tell them apart; names are not looked for at all."""
    assert found(text) == []


@pytest.mark.control("C1.1", "C4.1")
@pytest.mark.parametrize(
    "text",
    [
        "Licensing: jane.doe@example.org",
        "photo by Jane Doe, jane@example.org",
        "© Jane Doe (jane@example.org)",
        "info@agency.example.com",
        "lizenzen@agentur.example.de",
    ],
)
def test_whom_to_ask_for_a_licence_is_rights_information(text: str) -> None:
    """A credit and a contact for licences stay: taking them away would harm the right."""
    assert found(text) == []


@pytest.mark.control("C4.1")
def test_plates_and_badges_are_looked_for_in_pixels_only() -> None:
    """A short code of letters and digits is a plate on a car, and hardly ever in a caption."""
    plates = {
        "B-AB 1234": "B-** ****",
        "AB12 CDE": "A*** ***",
        "AA-123-BB": "A*-***-**",
        "1234 BCD": "1*** ***",
    }
    for plate, masked in plates.items():
        assert found(f" {plate} ", "pixels") == [("number-plate", masked)]
        assert found(plate) == []
    assert found("HELLO my name is", "pixels") == [("name-badge", "n*** *****")]
    assert found("my name is Earl") == []
    for other in ("ISO 9001", "HD1080", "DSC 1234", "IMG-1234", "EXIT", "2024"):
        assert found(other, "pixels") == []


@pytest.mark.control("C4.1")
def test_addresses_are_unquoted_and_searched_for_what_is_no_number_of_a_picture() -> None:
    """An e-mail address hides behind %40; a long number in an address is that of a picture."""
    assert find_personal_data("https://example.org/u/jane%40example.com/4111111111111111.jpg", "url") == (
        PersonalData(kind=PersonalDataKind.E_MAIL, where="url", snippet="j***@*******.***"),
    )
    assert found("DE89370400440532013000.jpg", "file-name") == [("iban", "D*********************")]
    assert found("+491701234567.jpg", "file-name") == []


@pytest.mark.control("C4.1", "C5.2")
def test_findings_are_told_once_and_bounded() -> None:
    """The same shape says the same; a list of addresses is held by twenty of them."""
    assert len(found("jane@example.org jake@example.org")) == 1
    many = " ".join(f"{'x' * n}@example.org" for n in range(1, 60))
    assert len(found(many)) == 20
    assert found(" " * 20_000 + "jane@example.org") == []


@pytest.mark.control("C4.1")
def test_every_kind_is_known_to_the_policy() -> None:
    """An organisation can name each kind that holds a picture."""
    policy = read_policy(default_policy_bytes())
    known = next(iter(rule for rule in policy.rules.values() if rule.id is RuleId.PERSONAL_DATA))
    assert set(PersonalDataKind) == set(known.parameters.kinds)  # type: ignore[union-attr]


@pytest.mark.control("C4.1", "C5.2")
@given(st.text(max_size=400), st.sampled_from(["caption", "file-name", "url", "pixels"]))
def test_any_text_is_read_and_no_digit_of_a_finding_but_the_first_character_is_shown(
    text: str, where: Where
) -> None:
    """Never an error; a snippet holds stars in place of letters and digits."""
    for each in find_personal_data(text, where):
        assert not any(char.isalnum() for char in each.snippet[1:])


@pytest.mark.control("C5.2")
@given(
    st.lists(
        st.sampled_from(
            ["1", "1 ", "+1", "A<", "a@", "a.b@c.", "DE89", "tel", "(", "<", "-", "%40", "00", "P<"]
        ),
        min_size=1,
        max_size=4,
    ),
    st.sampled_from(["caption", "pixels", "url"]),
)
def test_repetitions_are_read_step_by_step(parts: list[str], where: Where) -> None:
    """Patterns that begin again and again take time in proportion: the search ends."""
    assert isinstance(find_personal_data("".join(parts) * 2000, where), tuple)
