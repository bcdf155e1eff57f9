from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.database import Database, migrate, open_database
from clearance.errors import BadInput
from clearance.governing import Project, ProjectStore, ProjectUse, parse_subject
from clearance.identifiers import Host
from clearance.sourcing import (
    Basis,
    Grant,
    LicenceIndex,
    LicenceStore,
    OpenLicence,
    Pace,
    Quotas,
    Source,
    SourceIndex,
    SourceStore,
    UnknownLicence,
    normalise_licence,
    parse_host_pattern,
)

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    with open_database(f"sqlite:///{tmp_path}/control.sqlite") as opened:
        migrate(opened)
        yield opened


def source(name: str, *patterns: str) -> Source:
    return Source(
        name=name,
        owner="An owner",
        hosts=tuple(parse_host_pattern(pattern) for pattern in patterns),
        basis=Basis.PUBLIC_DOMAIN,
        open_licence="",
        diligence="looked into",
        diligence_sha256="",
        quotas=Quotas(max_items=5),
        pace=Pace(min_delay_s=1.5),
    )


@pytest.mark.control("C1.3")
@pytest.mark.parametrize(
    ("host", "name"),
    [
        ("example.org", "exact"),
        ("www.example.org", "below"),
        ("a.b.example.org", "below"),
        ("deep.img.example.org", "deeper"),
        ("example.org:8080", "ported"),
        ("other.net", "all"),
        ("notexample.org", "all"),
        ("other.net:81", None),
        ("[2001:db8::1]:81", "six"),
    ],
)
def test_the_most_specific_pattern_names_the_source(host: str, name: str | None) -> None:
    """Exact before suffix before everything; a port must be named to be meant."""
    index = SourceIndex(
        [
            source("all", "*"),
            source("below", "*.example.org"),
            source("exact", "Example.org"),
            source("ported", "example.org:8080"),
            source("deeper", "*.img.example.org"),
            source("six", "[2001:db8::1]:81"),
        ]
    )
    found = index.match(Host(host))
    assert (found.name if found else None) == name
    assert index.match(Host(host)) is found


@pytest.mark.parametrize(
    "text",
    ["", "http://example.org", "example.org/path", "*example.org", "a*b.org", "x:0", "x:99999", "a b", "*.*"],
)
def test_what_is_no_host_pattern_is_refused(text: str) -> None:
    """Schemes, paths and wildcards elsewhere do not belong there."""
    with pytest.raises(BadInput, match="host pattern"):
        parse_host_pattern(text)


@pytest.mark.control("C1.3")
def test_a_source_is_kept_with_its_due_diligence(database: Database) -> None:
    """What was registered comes back whole."""
    store = SourceStore(database)
    made = source("archive", "example.org", "*.example.org")
    store.add(made, evidence=b"%PDF", now=NOW)
    assert store.list() == (made,)
    assert store.get("archive") == made


@pytest.mark.control("C1.3")
@pytest.mark.parametrize(
    ("broken", "why"),
    [
        (replace(source("archive", "x.org")), "exists already"),
        (replace(source("second", "example.org")), "belongs to source 'archive'"),
        (replace(source("second"), hosts=()), "at least one"),
        (replace(source("second", "x.org"), diligence=" "), "C1.3"),
        (replace(source("second", "x.org"), open_licence="CC0"), "goes with"),
        (
            replace(source("second", "x.org"), basis=Basis.OPEN_LICENCE, open_licence="mine"),
            "not in the table",
        ),
        (replace(source("../x", "x.org")), "letters"),
    ],
)
def test_a_source_that_cannot_be_registered_says_why(database: Database, broken: Source, why: str) -> None:
    """Names and patterns are given once, and nothing is registered without due diligence."""
    store = SourceStore(database)
    store.add(source("archive", "example.org"), evidence=b"", now=NOW)
    with pytest.raises(BadInput, match=why):
        store.add(broken, evidence=b"", now=NOW)
    with pytest.raises(BadInput, match="sources: archive"):
        store.get("none")


def add_licence(store: LicenceStore, **changes: object) -> object:
    values: dict[str, object] = {
        "licensor": "Agency",
        "sources": ("archive",),
        "paths": ("/licensed/*",),
        "grants": frozenset({Grant.TRAIN}),
        "valid_from": date(2026, 1, 1),
        "valid_until": date(2027, 1, 1),
        "conditions": "credit",
        "reference": "C-1",
        "now": NOW,
        **changes,
    }
    return store.add(**values)  # type: ignore[arg-type] # the values of a licence


@pytest.mark.control("C1.1")
def test_licences_are_numbered_kept_and_found_by_path(database: Database) -> None:
    """A licence speaks of its sources and paths, and of nothing else."""
    store = LicenceStore(database)
    first, second = add_licence(store), add_licence(store, paths=(), sources=("archive", "other"))
    assert store.list() == (first, second)
    assert store.get("licence-0002") == second
    index = LicenceIndex(store.list())
    assert index.covering("archive", "/licensed/a.jpg") == (first, second)
    assert index.covering("archive", "/a.jpg") == (second,)
    assert index.covering("nobody", "/a.jpg") == ()


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"licensor": " "}, "--licensor"),
        ({"reference": ""}, "--reference"),
        ({"grants": frozenset()}, "--uses"),
        ({"sources": ()}, "--source"),
        ({"valid_until": date(2025, 1, 1)}, "before it begins"),
        ({"paths": ("licensed",)}, "--path"),
        ({"paths": ("/" + "*a" * 51,)}, "wildcards"),
        ({"paths": ("/" + "a" * 3000,)}, "too long"),
    ],
)
def test_a_licence_that_cannot_be_recorded_says_why(
    database: Database, changes: dict[str, object], why: str
) -> None:
    """Each missing or impossible value is named."""
    store = LicenceStore(database)
    with pytest.raises(BadInput, match=why):
        add_licence(store, **changes)
    with pytest.raises(BadInput, match="none yet"):
        store.get("licence-0001")


@pytest.mark.control("C1.1")
@pytest.mark.parametrize(
    ("text", "licence"),
    [
        ("https://creativecommons.org/licenses/by/4.0/", "CC-BY-4.0"),
        ("http://www.creativecommons.org/licenses/by/4.0", "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/by-sa/3.0/de/deed.de", "CC-BY-SA-3.0"),
        ("https://creativecommons.org/licenses/by-nc-nd/2.0/legalcode", "CC-BY-NC-ND-2.0"),
        ("https://creativecommons.org/licenses/by/3.0/igo/", "CC-BY-3.0"),
        ("creativecommons.org/licenses/by/4.0/deed.en?ref=x#y", "CC-BY-4.0"),
        ("https://creativecommons.org/publicdomain/zero/1.0/deed.fr", "CC0-1.0"),
        ("https://creativecommons.org/publicdomain/mark/1.0/", "PDM-1.0"),
        ("CC-BY-4.0", "CC-BY-4.0"),
        ("cc by 4.0", "CC-BY-4.0"),
        ("CC BY-SA 4.0 International", "CC-BY-SA-4.0"),
        ("Creative Commons Attribution-NonCommercial-ShareAlike 4.0 International", "CC-BY-NC-SA-4.0"),
        ("Creative Commons Attribution 2.0 Generic License", "CC-BY-2.0"),
        ("Creative Commons Attribution 4.0 International (CC BY 4.0)", "CC-BY-4.0"),
        ("https://creativecommons.org/licenses/by-nd-nc/1.0/", "CC-BY-ND-NC-1.0"),
        ("https://creativecommons.org/licenses/by/4.0/deed.zh-hans", "CC-BY-4.0"),
        ("CC0", "CC0-1.0"),
        ("cc0 1.0", "CC0-1.0"),
        ("Public Domain Mark 1.0", "PDM-1.0"),
        ("OGL-UK-3.0", "OGL-UK-3.0"),
        ("https://www.nationalarchives.gov.uk/doc/open-government-licence/version/3/", "OGL-UK-3.0"),
        ("Licence Ouverte 2.0", "etalab-2.0"),
        ("FAL-1.3", "FAL-1.3"),
    ],
)
def test_the_many_ways_to_write_a_licence_read_as_one(text: str, licence: str) -> None:
    """URLs with ports, deeds and languages, SPDX ids, names in full."""
    found = normalise_licence(text)
    assert isinstance(found, OpenLicence), found
    assert found.id == licence
    elements = licence.split("-")
    assert (found.is_noncommercial, found.is_no_derivatives) == ("NC" in elements, "ND" in elements)


@pytest.mark.control("C1.1")
@pytest.mark.parametrize(
    "text",
    [
        "",
        "CC BY",
        "cc by-sa",
        "CC BY 9.0",
        "all rights reserved",
        "public domain",
        "https://creativecommons.org/licenses/by/",
        "https://creativecommons.org/licenses/xx/4.0/",
        "https://creativecommons.org/licenses/by/4.1/",
        "https://creativecommons.org.evil.example/licenses/by/4.0/",
        "https://evil.example/creativecommons.org/licenses/by/4.0/",
        "https://rightsstatements.org/vocab/InC/1.0/",
        "https://example.org/terms",
        "http://[::1",
        "CC BY-ND-SA 4.0",
        "https://creativecommons.org/licenses/by/4.0/" + "/" * 150 + "!",
        "https://creativecommons.org/licenses/by/4.0/" + "-a" * 75 + "!",
        "cc by" + " nc" * 60 + "!",
        "https://creativecommons.org/licenses/by/4.0" + "/deed" * 31 + "!",
        "https://creativecommons.org/licenses/by/4.0" + "/_" * 75 + "!",
        "CC BY 4.0 (CC BY-NC 4.0)",
        "mine (mine)",
    ],
)
def test_what_is_no_known_licence_is_said_to_be_unknown(text: str) -> None:
    """Without a version, with a foreign host, or simply words: no permission."""
    assert isinstance(normalise_licence(text), UnknownLicence)


@given(st.text(max_size=80))
def test_reading_a_licence_never_raises(text: str) -> None:
    """Any text is known or unknown."""
    assert isinstance(normalise_licence(text), (OpenLicence, UnknownLicence))


PROJECT = Project(
    name="birds",
    purpose="study",
    use=ProjectUse.ANALYSIS,
    subjects=(parse_subject("owl"), parse_subject("cat")),
    licensed_share=0.5,
    target=10,
    owner="A. Person",
    starts=date(2026, 1, 1),
    ends=date(2026, 12, 31),
    created_at=NOW,
)


@pytest.mark.control("C3.1")
def test_a_project_is_kept_and_knows_its_days(database: Database) -> None:
    """Both its first and its last day are days of the project."""
    store = ProjectStore(database)
    store.add(PROJECT)
    assert store.get("birds") == PROJECT
    assert [
        PROJECT.is_running_on(date(*day))
        for day in ((2025, 12, 31), (2026, 1, 1), (2026, 12, 31), (2027, 1, 1))
    ] == [
        False,
        True,
        True,
        False,
    ]


@pytest.mark.control("C3.1")
@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"name": "a/b"}, "letters"),
        ({"purpose": " "}, "--purpose"),
        ({"target": 0}, "--target"),
        ({"ends": date(2025, 1, 1)}, "before it starts"),
        ({"name": "birds"}, "exists already"),
    ],
)
def test_a_project_without_a_determined_purpose_is_refused(
    database: Database, changes: dict[str, object], why: str
) -> None:
    """Each missing or impossible value is named."""
    store = ProjectStore(database)
    store.add(PROJECT)
    with pytest.raises(BadInput, match=why):
        store.add(replace(PROJECT, **{"name": "second", **changes}))  # type: ignore[arg-type] # fields of a project
    with pytest.raises(BadInput, match="projects: birds"):
        store.get("none")
