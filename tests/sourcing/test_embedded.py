"""What pictures say of themselves, from real bytes through the caged function to statements."""

import json
import struct
from collections.abc import Set
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from clearance.collecting.inspected import embedded_of
from clearance.identifiers import sha256_of
from clearance.pictures import Manifests, MiningEntry, Xmp
from clearance.pictures.inspection import inspect
from clearance.sourcing import Embedded, Reading, Use, merge
from clearance.sourcing.signals import (
    c2pa_training_mining,
    creative_commons,
    plus_data_mining,
    rights_expressions,
    rights_fields,
    xmp_packets,
)
from clearance.sourcing.statements import SILENCE, Answer
from clearance.sourcing.uses import ALL_USES, DATA_USES, TRAINING
from pictures_made import photograph, xmp_packet

G, N, M, I, S = Use.GENERATIVE, Use.NON_GENERATIVE, Use.MINING, Use.INFERENCE, Use.SEARCH
DMI = "http://ns.useplus.org/ldf/vocab/DMI-"
PLUS = "http://ns.useplus.org/ldf/xmp/1.0/"
DC = "http://purl.org/dc/elements/1.1/"
RIGHTS = "http://ns.adobe.com/xap/1.0/rights/"
IPTC = rights_expressions.NAMESPACE
ODRL = "http://www.w3.org/ns/odrl/2/"
JOB = {
    "formats": ["JPEG", "PNG", "WEBP", "GIF", "AVIF", "TIFF"],
    "max_pixels": 1 << 28,
    "min_side_px": 1,
    "longest_side_px": 64,
    "quality": 90,
}


def received(picture: bytes) -> Embedded:
    """Through the caged function, and the form in which its answer crosses and is kept."""
    answer, _ = inspect(JOB, picture)
    return embedded_of(json.loads(json.dumps(answer)))


def segment(marker: int, body: bytes) -> bytes:
    return b"\xff" + bytes([marker]) + struct.pack(">H", 2 + len(body)) + body


def jpeg(*packets: bytes) -> bytes:
    """A JPEG with each packet in an APP1 segment of its own."""
    plain = photograph(seed=1)
    head = b"http://ns.adobe.com/xap/1.0/\x00"
    return plain[:2] + b"".join(segment(0xE1, head + packet) for packet in packets) + plain[2:]


def rdf(body: str) -> bytes:
    return (
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" '
        f'xmlns:plus="{PLUS}" xmlns:iptc="{IPTC}"><rdf:Description rdf:about="">{body}</rdf:Description>'
        "</rdf:RDF></x:xmpmeta>"
    ).encode()


def extended(packet: bytes) -> bytes:
    """A JPEG whose packet came in two extended segments, the second first."""
    half = len(packet) // 2
    head = b"http://ns.adobe.com/xmp/extension/\x00" + b"0" * 32 + struct.pack(">I", len(packet))
    parts = [(half, packet[half:]), (0, packet[:half])]
    plain = photograph(seed=1)
    return (
        plain[:2]
        + b"".join(segment(0xE1, head + struct.pack(">I", at) + part) for at, part in parts)
        + plain[2:]
    )


def embedded(
    *pairs: tuple[str, str, str], fields: tuple[tuple[str, str], ...] = (), **other: Any
) -> Embedded:
    properties: dict[tuple[str, str], tuple[str, ...]] = {}
    for namespace, name, value in pairs:
        properties[namespace, name] = (*properties.get((namespace, name), ()), value)
    packets = (Xmp(properties=properties),) if pairs else ()
    values = {"malformed": (), "manifests": None, **other}
    return Embedded(xmp=packets, fields=fields, evidence=(sha256_of(b""),), **values)


def denied(reading: Reading, *, is_specified: bool | None = None) -> Set[Use]:
    return {
        each.use
        for each in reading.statements
        if each.answer is Answer.DENIED and is_specified in (None, each.is_specified)
    }


def allowed(reading: Reading) -> Set[Use]:
    return {each.use for each in reading.statements if each.answer is Answer.NOT_RESERVED}


TERMS: list[tuple[str, frozenset[Use], frozenset[Use]]] = [
    ("UNSPECIFIED", frozenset(), frozenset()),
    ("ALLOWED", frozenset(), ALL_USES),
    ("PROHIBITED-AIMLTRAINING", TRAINING, frozenset()),
    ("PROHIBITED-GENAIMLTRAINING", frozenset({G}), frozenset()),
    ("PROHIBITED-EXCEPTSEARCHENGINEINDEXING", ALL_USES - {S}, frozenset()),
    ("PROHIBITED", ALL_USES, frozenset()),
    ("PROHIBITED-SEECONSTRAINT", ALL_USES, frozenset()),
    ("PROHIBITED-SEEEMBEDDEDRIGHTSEXPR", ALL_USES, frozenset()),
    ("PROHIBITED-SEELINKEDRIGHTSEXPR", ALL_USES, frozenset()),
]


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(("term", "no", "yes"), TERMS)
def test_each_value_of_data_mining_is_read_from_a_picture_in_every_form(
    term: str, no: frozenset[Use], yes: frozenset[Use]
) -> None:
    """Attribute, element and resource, in duplicate packets and in extended XMP: one meaning."""
    value = DMI + term
    attribute = xmp_packet(f'plus:DataMining="{value}"')
    element = rdf(f"<plus:DataMining>{value}</plus:DataMining>")
    resource = rdf(f'<plus:DataMining rdf:resource="{value}"/>')
    for picture in (
        jpeg(attribute),
        jpeg(element),
        jpeg(resource),
        jpeg(attribute, element, resource),
        extended(resource),
        photograph(seed=1, form="WEBP", xmp=element),
    ):
        reading = plus_data_mining.read_embedded(received(picture))
        assert (denied(reading), allowed(reading), reading.unreadable) == (no, yes, ())
        assert denied(reading, is_specified=True) == no


@pytest.mark.control("C1.5")
def test_contradictory_packets_deny_and_leave_no_allowance() -> None:
    """The standard has one value: beside another one an allowance is not perfect."""
    packets = [
        xmp_packet(f'plus:DataMining="{DMI}{term}"') for term in ("ALLOWED", "PROHIBITED-GENAIMLTRAINING")
    ]
    reading = plus_data_mining.read_embedded(received(jpeg(*packets)))
    assert (denied(reading), allowed(reading)) == ({G}, set())
    unsure = [xmp_packet(f'plus:DataMining="{DMI}{term}"') for term in ("UNSPECIFIED", "ALLOWED")]
    assert plus_data_mining.read_embedded(received(jpeg(*unsure))) == Reading()


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("value", "no", "is_specified"),
    [
        (f"{DMI}PROHIBITED", ALL_USES, True),
        ("https://ns.useplus.org/LDF/vocab/dmi-prohibited-genaimltraining", {G}, True),
        (f"{DMI}ALLOWED-noaitraining", TRAINING, False),
        (f"{DMI}ALLOWED-nogenaitraining", {G}, False),
        (f"{DMI}PROHIBITED-LATERTERM", ALL_USES, False),
        ("DMI-PROHIBITED", ALL_USES, False),
        ("Prohibited for AI/ML training", ALL_USES, False),
        ("Unspecified, prohibited", ALL_USES, False),
        ("prohibited\nfor all", ALL_USES, False),
    ],
)
def test_drafts_labels_and_later_terms_deny_by_policy_only(
    value: str, no: frozenset[Use], is_specified: bool
) -> None:
    """Only a term of the vocabulary, by its address, has the standard's force."""
    reading = plus_data_mining.read_embedded(embedded((PLUS, "DataMining", value)))
    assert denied(reading, is_specified=is_specified) == no
    assert denied(reading, is_specified=not is_specified) == set()


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    "value",
    ["Allowed", "DMI-ALLOWED", f"{DMI}allowed", "http://ns.useplus.org/ldf/vocab/ALLOWED", f" {DMI}ALLOWED"],
)
def test_an_allowance_that_is_not_perfect_says_nothing(value: str) -> None:
    """A denial may be misspelt, an allowance may not."""
    assert plus_data_mining.read_embedded(embedded((PLUS, "DataMining", value))) == Reading()


def mining(
    *entries: tuple[str, str, str], state: str = "Valid", label: str = "cawg.training-mining"
) -> Reading:
    made = tuple(
        MiningEntry(label=label, key=key, use=use, constraint="", place=place) for key, use, place in entries
    )
    manifests = Manifests(entries=made, state=state, has_unreadable=False)
    return c2pa_training_mining.read_embedded(embedded(manifests=manifests))


@pytest.mark.control("C1.5")
def test_by_the_standard_only_a_sound_active_manifest_speaks() -> None:
    """Ingredients, broken manifests and keys of others deny by policy."""
    for state, is_specified in (("Valid", True), ("Trusted", True), ("Invalid", False), ("", False)):
        reading = mining(("cawg.ai_generative_training", "notAllowed", "active"), state=state)
        assert denied(reading, is_specified=is_specified) == {G} == denied(reading)
    constrained = mining(("cawg.data_mining", "constrained", "active"))
    assert denied(constrained, is_specified=True) == {M}
    ingredient = mining(("c2pa.ai_training", "notAllowed", "ingredient"))
    assert denied(ingredient, is_specified=False) == {N} == denied(ingredient)
    for key in ("com.example.ai_training", "cawg.ai_something_new", "ai_training", ""):
        own = mining((key, "notAllowed", "active"))
        assert denied(own, is_specified=False) == ALL_USES == denied(own), key
    assert denied(mining(("cawg.ai_inference", "not-allowed", "active"))) == {I}


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("key", "use", "place", "state", "yes"),
    [
        ("cawg.ai_training", "allowed", "active", "Trusted", {N}),
        ("cawg.ai_training", "allowed", "active", "Valid", set()),
        ("cawg.ai_training", "Allowed", "active", "Trusted", set()),
        ("cawg.ai_training", "allowed", "ingredient", "Trusted", set()),
        ("example.ai_training", "allowed", "active", "Trusted", set()),
    ],
)
def test_an_allowance_in_a_manifest_needs_everything(
    key: str, use: str, place: str, state: str, yes: set[Use]
) -> None:
    """Known key, exact word, active, trusted; what is less says nothing, and is no reason to look either."""
    reading = mining((key, use, place), state=state)
    assert (allowed(reading), denied(reading), reading.unreadable) == (yes, set(), ())


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("namespace", "name"),
    [
        (RIGHTS, "UsageTerms"),
        (RIGHTS, "WebStatement"),
        (DC, "rights"),
        (PLUS, "OtherConstraints"),
        ("http://ns.adobe.com/photoshop/1.0/", "Instructions"),
    ],
)
def test_a_plain_refusal_in_xmp_denies_by_policy(namespace: str, name: str) -> None:
    """In every field into which people write terms; its place and its words are told."""
    reading = rights_fields.read_embedded(embedded((namespace, name, "Please note: no AI training.")))
    assert denied(reading, is_specified=False) == DATA_USES == denied(reading)
    assert {each.where.rpartition(":")[2] for each in reading.statements} == {name}
    assert {each.quote for each in reading.statements} == {"please note no ai training"}
    assert len(reading.notes) == 1


@pytest.mark.control("C1.5")
def test_rights_outside_xmp_come_through_the_cage_and_are_noted_and_obeyed() -> None:
    """Exif and IIM of a real JPEG; what both say is noted once."""
    exif = Image.Exif()
    exif[0x013B], exif[0x8298] = "A. Person", "(c) A. Person. TDM reserved."
    plain = photograph(seed=1, exif=exif)
    sets = [(80, b"A. Person"), (110, b"Agency"), (115, b"Archive"), (40, b"Keine Nutzung zum KI-Training")]
    stream = b"".join(b"\x1c\x02" + struct.pack(">BH", number, len(value)) + value for number, value in sets)
    block = b"Photoshop 3.0\x008BIM\x04\x04\x00\x00" + struct.pack(">I", len(stream)) + stream
    found = received(plain[:2] + segment(0xED, block) + plain[2:])
    reading = rights_fields.read_embedded(found)
    assert reading.notes == (
        ("creator", "A. Person"),
        ("credit", "Agency"),
        ("source", "Archive"),
        ("instructions", "Keine Nutzung zum KI-Training"),
        ("copyright-notice", "(c) A. Person. TDM reserved."),
    )
    assert {each.where for each in reading.statements} == {"IIM 2:40 Special Instructions", "Exif Copyright"}
    assert {each.evidence for each in reading.statements} == {found.evidence}
    assert denied(reading) == DATA_USES


@pytest.mark.control("C1.5")
def test_evidence_of_before_these_fields_is_still_read() -> None:
    """An old record has no such key, and says nothing by it."""
    answer, _ = inspect(JOB, photograph(seed=1))
    kept = {name: answer[name] for name in ("sha256", "xmp", "too_many_packets", "manifests")}
    assert embedded_of(kept).fields == ()
    assert rights_fields.read_embedded(embedded_of(kept)) == SILENCE


@pytest.mark.control("C1.5", "C5.2")
def test_what_is_beyond_a_bound_is_not_silence() -> None:
    """More than the reader reads, or more text than is searched: a person must look."""
    unread = rights_fields.read_embedded(embedded(fields=(("unread", "more than 16 entries"),)))
    assert [(each.where, each.why) for each in unread.unreadable] == [("metadata", "more than 16 entries")]
    terms = [(RIGHTS, "UsageTerms", f"No AI training. {n}" + "x" * 8000) for n in range(4)]
    reading = rights_fields.read_embedded(embedded(*terms))
    assert denied(reading) == DATA_USES
    assert [each.why for each in reading.unreadable] == ["more than 16384 characters of terms"]


def expression(*texts: str, **fields: str) -> Reading:
    pairs = [(IPTC, "EncRightsExpr", text) for text in texts]
    pairs += [(IPTC, name, value) for name, value in fields.items()]
    return rights_expressions.read_embedded(embedded(*pairs))


def policy(**rules: Any) -> str:
    return json.dumps(
        {"@context": "http://www.w3.org/ns/odrl.jsonld", "@type": "Set", "uid": "urn:x", **rules}
    )


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("prohibition", "no", "is_specified"),
    [
        ({"action": "use"}, ALL_USES, True),
        ({"action": "odrl:reproduce"}, ALL_USES, True),
        ({"action": "tdm:mine"}, ALL_USES, True),
        ({"action": "http://www.w3.org/ns/tdmrep/mine"}, ALL_USES, True),
        ({"action": f"{ODRL}derive"}, DATA_USES, True),
        ({"action": "extract"}, DATA_USES | {I}, True),
        ({"action": "aggregate"}, DATA_USES, True),
        ({"action": "index"}, {S}, True),
        ({"action": "cc:DerivativeWorks"}, DATA_USES, True),
        ({"action": "aiTrain"}, TRAINING, False),
        ({"action": "ex:machine-learning"}, TRAINING, False),
        ({"action": "ex:something"}, ALL_USES, False),
        ({"action": ["distribute", "derive"]}, DATA_USES, True),
        ({"action": {"@id": "odrl:derive"}}, DATA_USES, True),
        ({"action": [{"rdf:value": {"@id": "odrl:derive"}, "odrl:refinement": [{}]}]}, DATA_USES, True),
        ({"action": {"name": "derive"}, "constraint": [{"leftOperand": "spatial"}]}, DATA_USES, True),
        ({"action": 5}, ALL_USES, False),
        ({"target": "urn:y"}, ALL_USES, False),
        ("urn:elsewhere", ALL_USES, False),
        ([{"action": "sell"}, {"action": "derive"}], DATA_USES, True),
        ({"action": "distribute"}, set(), True),
    ],
)
def test_an_embedded_prohibition_denies_what_it_means(
    prohibition: Any, no: set[Use], is_specified: bool
) -> None:
    """Actions in every form of ODRL; constraints narrow nothing, an unknown action is every use."""
    reading = expression(policy(prohibition=prohibition))
    assert denied(reading, is_specified=is_specified) == no == denied(reading)
    assert (allowed(reading), reading.unreadable) == (set(), ())


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    "text",
    [
        json.dumps({"@graph": [{"odrl:prohibition": [{"odrl:action": "odrl:derive"}]}]}),
        json.dumps([{f"{ODRL}prohibition": [{f"{ODRL}action": [{"@id": f"{ODRL}derive"}]}]}]),
        json.dumps({"policytype": "set", "prohibitions": [{"target": "urn:x", "action": "derive"}]}),
        json.dumps({"@graph": [{"@type": "odrl:Prohibition", "action": "derive"}]}),
        json.dumps({"action": "derive", "prohibition": [{"target": "urn:x"}]}),
        '{"prohibition": {"action": "derive"}, "prohibition": {"action": "sell"}}',
        '{"prohibition": {"action": "sell", "action": "derive"}}',
    ],
)
def test_a_prohibition_is_found_wherever_json_ld_lets_it_stand(text: str) -> None:
    """In graphs, by address, in the older form, by type, with the policy's own action, given twice."""
    reading = expression(text)
    assert (denied(reading), reading.unreadable) == (DATA_USES, ())


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("rules", "why"),
    [
        ({"permission": [{"action": "use"}]}, ""),
        ({"permission": [{"action": "distribute", "constraint": [{}]}]}, ""),
        (
            {"permission": [{"action": "tdm:mine", "duty": [{"action": "compensate"}]}]},
            "a permission with conditions",
        ),
        ({"permission": [{"action": "use", "assignee": "urn:you"}]}, "a permission with conditions"),
        ({"permission": [{"action": {"@id": "use", "refinement": []}}]}, "a permission with conditions"),
        ({"permissions": [{"action": "use", "duties": []}]}, "a permission with conditions"),
        ({"permission": [{"target": "urn:x"}]}, "a permission without an action that can be read"),
        ({"permission": "urn:elsewhere"}, "a permission without an action that can be read"),
        ({"permission": [{"action": "use"}], "obligation": [{"action": "pay"}]}, "an obligation"),
    ],
)
def test_a_permission_allows_nothing_and_its_conditions_wait_for_a_person(
    rules: dict[str, Any], why: str
) -> None:
    """Whom and what it means is not evaluated."""
    reading = expression(policy(**rules))
    assert reading.statements == ()
    assert [each.why for each in reading.unreadable] == ([why] if why else [])


@pytest.mark.control("C1.5")
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<o:policy xmlns:o='http://www.w3.org/ns/odrl/2/'/>", "in a language that is not read"),
        ("The Encoded Rights Expression", "in a language that is not read"),
        ("[" * 20_000, "in a language that is not read"),
        ("1" * 5000, "in a language that is not read"),
        ('"text"', "no prohibition or permission in it"),
        ("{}", "no prohibition or permission in it"),
        (policy(prohibition=[]), "no prohibition or permission in it"),
        ("x" * 70_000, "longer than 65536 characters"),
    ],
)
def test_an_expression_that_is_not_read_is_there_and_unread(text: str, why: str) -> None:
    """RightsML in XML, prose, nonsense, too much of it: a person must look."""
    reading = expression(text, RightsExprLangId="urn:language")
    assert [each.why.partition(":")[0] for each in reading.unreadable] == [why]
    assert reading.statements == ()
    assert reading.noted("rights-expression-language") == ("urn:language",)


@pytest.mark.control("C1.5")
def test_a_linked_expression_is_noted_and_waits_for_a_person() -> None:
    """Its address is a lead; what stands there is not known."""
    reading = expression(
        LinkedRightsExpr="https://example.org/rights", RightsExprEncType="application/ld+json"
    )
    assert reading.noted("rights-expression-link") == ("https://example.org/rights",)
    assert [each.where for each in reading.unreadable] == ["XMP Iptc4xmpExt:LinkedEncRightsExpr"]


@pytest.mark.control("C1.5", "C5.2")
def test_expressions_are_bounded_and_what_is_beyond_is_told() -> None:
    """Too many expressions, too many objects in one; what was read of them counts."""
    many = expression(*(policy(prohibition={"action": "index"}, uid=f"urn:{n}") for n in range(20)))
    assert denied(many) == {S}
    assert [each.why for each in many.unreadable] == ["more than 8 rights expressions"]
    rules = json.dumps({"prohibition": [{"action": "index"}], "x": [{}] * 5000})
    large = expression(rules)
    assert denied(large) == {S}
    assert [each.why for each in large.unreadable] == ["more than 2000 objects in one expression"]
    crowd = expression(json.dumps({"prohibition": {"action": [f"ex:a{n}" for n in range(3000)]}}))
    assert (denied(crowd), len(crowd.statements)) == (ALL_USES, len(ALL_USES))


@pytest.mark.control("C1.5")
def test_rights_expressions_are_found_in_real_xmp() -> None:
    """As structures in a bag, with JSON in the text; XML in place of text is announced and not found."""
    body = policy(prohibition={"action": "tdm:mine"}).replace('"', "&quot;")
    bag = (
        "<iptc:EmbdEncRightsExpr><rdf:Bag><rdf:li rdf:parseType='Resource'>"
        "<iptc:EncRightsExpr>{}</iptc:EncRightsExpr><iptc:RightsExprEncType>application/ld+json</iptc:RightsExprEncType>"
        "<iptc:RightsExprLangId>urn:odrl</iptc:RightsExprLangId></rdf:li></rdf:Bag></iptc:EmbdEncRightsExpr>"
    )
    reading = rights_expressions.read_embedded(received(jpeg(rdf(bag.format(body)))))
    assert denied(reading) == ALL_USES
    assert {each.quote for each in reading.statements} == {"prohibition: mine"}
    nested = rdf(bag.format("<o:Policy xmlns:o='http://www.w3.org/ns/odrl/2/'><o:prohibition/></o:Policy>"))
    lost = rights_expressions.read_embedded(received(jpeg(nested)))
    assert [each.why for each in lost.unreadable] == ["a rights expression is announced and not found"]
    assert rights_expressions.read_embedded(received(jpeg(xmp_packet('dc:format="x"')))) is SILENCE


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.text(max_size=8)
    | st.sampled_from(["use", "odrl:derive", "sell"]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["prohibition", "permission", "obligation", "action", "@id", "@type", "duty", "x"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=15,
)


@pytest.mark.control("C1.5", "C5.2")
@given(JSON, st.text(max_size=40))
def test_no_expression_raises_allows_or_hides_a_prohibition_beside_it(content: object, text: str) -> None:
    """Any JSON and any text beside a prohibition: it stands."""
    reading = expression(json.dumps(content), text, policy(prohibition={"action": "use"}))
    assert denied(reading) == ALL_USES
    assert allowed(reading) == set()
    inside = expression(json.dumps([content, {"prohibition": {"action": "use"}}]))
    assert (denied(inside), allowed(inside)) == (ALL_USES, set())


@pytest.mark.control("C1.5", "C5.2")
@given(
    st.lists(
        st.tuples(
            st.sampled_from(
                ["iim:copyright-notice", "exif:copyright", "iim:instructions", "unread", "other"]
            ),
            st.text(max_size=60),
        ),
        max_size=5,
    )
)
def test_no_other_field_weakens_a_refusal(fields: list[tuple[str, str]]) -> None:
    """Any text in any field: nothing raises or allows, and the refusal beside it stands."""
    reading = rights_fields.read_embedded(embedded(fields=(*fields, ("exif:copyright", "No AI training"))))
    assert denied(reading) == DATA_USES
    assert allowed(reading) == set()


@pytest.mark.control("C1.5")
def test_what_is_there_and_broken_comes_through_the_cage_as_that() -> None:
    """XMP that does not parse, more packets than are read, a manifest that is none: each is reported."""
    box = b"JP\x00\x01\x00\x00\x00\x01\x00\x00\x00\x40jumb\x00\x00\x00\x28jumdc2pa\x00\x11\x00\x10training-mining"
    picture = jpeg(*[b"<x:xmpmeta"] * 17)
    found = received(picture[:2] + segment(0xEB, box) + picture[2:])
    assert {each.where for each in found.malformed} == {"XMP", "C2PA"}
    assert len(found.malformed) == 18
    assert {each.signal for each in everything(found).unreadable} == {"c2pa-training-mining", "xmp"}


def everything(found: Embedded) -> Reading:
    signals = (
        plus_data_mining,
        c2pa_training_mining,
        creative_commons,
        rights_fields,
        rights_expressions,
        xmp_packets,
    )
    return merge(signal.read_embedded(found) for signal in signals)


@pytest.mark.control("C1.5", "P2.4")
@pytest.mark.parametrize(
    ("name", "spec", "unreadable"),
    [
        ("C_with_CAWG_data.jpg", {G, I}, set()),
        ("datadiligence-opted-out.png", {G, N, M, I}, set()),
        ("IPTC-PhotometadataRef-Std2024.1.jpg", {G}, {"rights-expressions"}),
        ("IPTC-PhotometadataRef-Std2021.1.jpg", set(), {"rights-expressions"}),
        ("c2pa-adobe-20220124-A.jpg", set(), set()),
        ("c2pa-adobe-20220124-C.jpg", set(), set()),
        ("c2pa-adobe-20220124-CA.jpg", set(), set()),
        ("c2pa-adobe-20220124-CAI.jpg", set(), set()),
        ("c2pa-adobe-20220124-E-dat-CA.jpg", set(), set()),
        ("c2pa-adobe-20220124-E-sig-CA.jpg", set(), set()),
        ("c2pa-adobe-20220124-E-uri-CA.jpg", set(), set()),
        ("c2pa-adobe-20220124-XCA.jpg", set(), set()),
    ],
)
def test_published_pictures_say_what_they_say(
    vectors: Path, name: str, spec: set[Use], unreadable: set[str]
) -> None:
    """Through the caged function; broken and changed manifests allow nothing, and state no training entry."""
    found = received((vectors / "images" / name).read_bytes())
    reading = everything(found)
    assert denied(reading, is_specified=True) == spec
    assert denied(reading) == spec
    assert allowed(reading) == set()
    assert {each.signal for each in reading.unreadable} == unreadable
    if "-E-" in name or "XCA" in name:
        assert found.manifests is not None
        assert found.manifests.state == "Invalid"
