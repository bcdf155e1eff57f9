"""Places are taken before a picture is fetched, by many tasks at once, and never one too many."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from dataclasses import replace
from random import Random
from typing import Any, TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clearance.collecting.inspected import Inspected
from clearance.collecting.outcome import Considered
from clearance.collecting.places import Left, Needs, Place, Promises, SourceQuotas
from clearance.collecting.quotas import Quota, QuotaKind
from clearance.collecting.table import Row
from clearance.identifiers import IsccCode, sha256_of
from clearance.policy import RuleId, default_policy_bytes, read_policy
from clearance.sourcing import Basis, Embedded, Pace, Quotas, Source, parse_host_pattern
from conftest import NOW

T = TypeVar("T")
POLICY = read_policy(default_policy_bytes())
ROW = Row(number=1, url="", caption="", licence="", sha256="", page="", subject="", extra=())
ARCHIVE = Source(
    name="archive",
    owner="",
    hosts=(parse_host_pattern("a.example"),),
    basis=Basis.PUBLIC_DOMAIN,
    open_licence="",
    diligence="looked into",
    diligence_sha256="",
    quotas=Quotas(),
    pace=Pace(),
)
AGENCY = replace(ARCHIVE, name="agency", basis=Basis.LICENCE)


def outcome(rule: RuleId) -> Considered:
    decision = POLICY.decide([POLICY.reason(rule)])
    return Considered(row=ROW, url=None, decision=decision, decided_at=NOW)


STORED = Inspected(
    sha256=sha256_of(b""),
    format="JPEG",
    width=1,
    height=1,
    orientation=1,
    iscc=IsccCode(""),
    iscc_units=(),
    pdq=b"",
    pdq_quality=0,
    embedded=Embedded(xmp=(), malformed=(), manifests=None, evidence=()),
    content=b"x" * 10,
    content_width=1,
    content_height=1,
)
KEPT = replace(outcome(RuleId.BASIS_PUBLIC_DOMAIN), inspected=STORED)
HELD = replace(outcome(RuleId.CONTENT_MISMATCH), inspected=STORED)
FAILED = outcome(RuleId.FETCH_FAILED)


def needs(**changes: object) -> Needs:
    values = {"pictures": 100, "subjects": {}, "licensed_share": 0.0, "licensed": 0, "others": 0, **changes}
    return Needs(**values)  # type: ignore[arg-type] # as above


def quota(kind: QuotaKind, most: int, used: int = 0) -> Quota:
    return Quota(kind=kind, most=most, used=used, is_agreed=True, detail=f"{most}")


def ran(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end; who waits for a place that nobody gives back fails instead of waiting for ever."""

    async def bounded() -> T:
        return await asyncio.wait_for(work, timeout=30)

    return asyncio.run(bounded())


async def fill(promises: Promises, source: Source, *subjects: str) -> Place | Left | Quota:
    place = await promises.take(source, subjects)
    if isinstance(place, Place):
        await promises.settle(place, KEPT)
    return place


@pytest.mark.control("C3.1")
def test_a_row_of_several_subjects_takes_the_first_that_is_not_full() -> None:
    """A full one is passed over; where all are full the row is left, and its place of the project is free again."""

    async def tried() -> list[object]:
        promises = Promises(needs(pictures=4, subjects={"owl": 1, "cat": 2}), SourceQuotas({}))
        rows = [("owl", "cat"), ("owl", "cat"), ("owl",), ("cat",), ("cat", "owl")]
        found = [await fill(promises, ARCHIVE, *subjects) for subjects in rows]
        return [each.subject if isinstance(each, Place) else each for each in found]

    assert ran(tried()) == ["owl", "cat", Left.SUBJECT, "cat", Left.SUBJECT]


@pytest.mark.control("C3.1")
def test_the_projects_target_goes_before_its_subjects() -> None:
    """Where the project has enough, no subject is looked at; without targets a row counts for its first subject."""

    async def tried() -> list[object]:
        promises = Promises(needs(pictures=1, subjects={"owl": 5}), SourceQuotas({}))
        first, second = await fill(promises, ARCHIVE, "owl"), await fill(promises, ARCHIVE, "owl")
        free = Promises(needs(), SourceQuotas({}))
        named, unnamed = await fill(free, ARCHIVE, "cat", "owl"), await fill(free, ARCHIVE)
        return [each.subject if isinstance(each, Place) else each for each in (first, second, named, unnamed)]

    assert ran(tried()) == ["owl", Left.TARGET, "cat", ""]


@pytest.mark.control("C4.3")
def test_others_join_only_as_far_as_the_licensed_share_allows() -> None:
    """Three licensed pictures carry three others at a half, those of earlier runs among them."""

    async def tried() -> list[bool]:
        promises = Promises(needs(licensed_share=0.5, licensed=1, others=1), SourceQuotas({}))
        for _ in range(2):
            await fill(promises, AGENCY)
        promises.close_licensed()
        return [isinstance(await fill(promises, ARCHIVE), Place) for _ in range(3)]

    assert ran(tried()) == [True, True, False]


@pytest.mark.control("C4.3")
def test_without_a_licensed_picture_a_floor_leaves_everything_else() -> None:
    """And without a floor nothing is left for it."""

    async def tried(share: float) -> object:
        promises = Promises(needs(licensed_share=share), SourceQuotas({}))
        promises.close_licensed()
        return await fill(promises, ARCHIVE)

    assert ran(tried(0.1)) is Left.LICENSED_SHARE
    assert isinstance(ran(tried(0.0)), Place)


@pytest.mark.control("C3.6")
def test_the_tightest_quota_of_a_source_stops_it() -> None:
    """It is named; and what a refused row held of the project is free again."""
    items, share = quota(QuotaKind.ITEMS, 5), quota(QuotaKind.CATALOGUE_SHARE, 3, used=2)

    async def tried() -> list[object]:
        promises = Promises(needs(pictures=2), SourceQuotas({"archive": (items, share)}))
        first = await promises.take(ARCHIVE, ())
        assert isinstance(first, Place)
        await promises.settle(first, FAILED)
        return [await fill(promises, AGENCY), await fill(promises, ARCHIVE), await fill(promises, ARCHIVE)]

    agency, archive, third = ran(tried())
    assert isinstance(agency, Place)
    # A picture that was not kept took nothing: nothing was stored of it.
    assert isinstance(archive, Place)
    assert third is Left.TARGET


@pytest.mark.control("C3.6")
def test_bytes_are_counted_before_a_picture_is_kept() -> None:
    """One that would go beyond the quota is refused, a smaller one still fits; a spent quota asks for nothing."""
    sized = quota(QuotaKind.BYTES, 1000, used=400)
    quotas = SourceQuotas({"archive": (sized,)})
    assert quotas.claim(ARCHIVE, 601) is sized
    assert quotas.claim(ARCHIVE, 500) is None
    assert ran(quotas.take(ARCHIVE)) is None
    assert quotas.claim(ARCHIVE, 101) is sized
    assert quotas.claim(ARCHIVE, 100) is None
    assert ran(quotas.take(ARCHIVE)) is sized
    assert quotas.claim(AGENCY, 10**9) is None


@pytest.mark.control("C3.1", "C3.6", "C4.3")
@settings(max_examples=60)
@given(
    st.integers(0, 12),
    st.dictionaries(st.sampled_from("abc"), st.integers(0, 5), min_size=1),
    st.sampled_from([0.0, 0.3, 0.5, 1.0]),
    st.integers(0, 6),
    st.integers(0, 2**32),
)
def test_many_tasks_at_once_keep_every_promise(
    target: int, subjects: dict[str, int], share: float, most: int, seed: int
) -> None:
    """Whatever fails and in whatever order, no count is exceeded, and nobody waits for ever."""
    chance = Random(seed)
    rows = [tuple(chance.sample(sorted(subjects), chance.randint(1, len(subjects)))) for _ in range(60)]
    kept: Counter[str] = Counter()
    stored: Counter[str] = Counter()

    async def work(promises: Promises, source: Source, row: tuple[str, ...]) -> None:
        place = await promises.take(source, row)
        if not isinstance(place, Place):
            return
        for _ in range(chance.randint(0, 3)):
            await asyncio.sleep(0)
        considered = chance.choice([KEPT, KEPT, HELD, FAILED, None])
        if considered is KEPT:
            kept.update([source.name, f"subject {place.subject}", "all"])
        stored[source.name] += considered in (KEPT, HELD)
        await promises.settle(place, considered)

    async def run() -> None:
        limits = {"archive": (quota(QuotaKind.ITEMS, most),)}
        promises = Promises(
            needs(pictures=target, subjects=subjects, licensed_share=share), SourceQuotas(limits)
        )
        await asyncio.gather(*(work(promises, AGENCY, row) for row in rows[:20]))
        promises.close_licensed()
        await asyncio.gather(*(work(promises, ARCHIVE, row) for row in rows[20:]))

    ran(run())
    assert kept["all"] <= target
    assert all(kept[f"subject {name}"] <= each for name, each in subjects.items())
    assert kept["agency"] >= share * kept["all"]
    assert stored["archive"] <= most
