"""How many pictures may still be kept: places that are taken before a picture is fetched and given back if it
is not kept.

Taking the places first keeps every promise exactly: nothing is fetched that could not be kept, and two tasks
never take the same place (C3.1, C3.6, C4.3).
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from clearance.collecting.outcome import Considered, Verdict
from clearance.collecting.quotas import Quota, QuotaKind, unlicensed_room
from clearance.sourcing import Basis, Source


class Places:
    """A number of places, shared by the tasks of one event loop; `None` means without limit."""

    def __init__(self, free: int | None) -> None:
        self._free = free
        self._taken = 0
        self._changed = asyncio.Condition()

    async def take(self) -> bool:
        """Take a place; wait while all are taken but not all are filled; `False` once all are filled."""
        if self._free is None:
            return True
        async with self._changed:
            await self._changed.wait_for(lambda: not self._free or self._taken < self._free)
            if not self._free:
                return False
            self._taken += 1
            return True

    async def settle(self, *, filled: bool) -> None:
        """End what `take` began: the place is filled for good, or free again."""
        if self._free is None:
            return
        async with self._changed:
            self._taken -= 1
            if filled:
                self._free -= 1
            self._changed.notify_all()


class Left(StrEnum):
    """Why a row is left without a record: the project needs no picture of its kind any more."""

    TARGET = "target"
    SUBJECT = "subject"
    LICENSED_SHARE = "licensed-share"


@dataclass(frozen=True, slots=True, kw_only=True)
class Needs:
    """What a project still needs when a run begins."""

    pictures: int
    subjects: Mapping[str, int]
    """By the names of those subjects that have a target."""
    licensed_share: float
    """The least share of licensed pictures; 0 means that there is no floor."""
    licensed: int
    """Licensed pictures that are kept already."""
    others: int
    """Kept ones without a contract."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """The places that one row holds: in the project, in its subject, at its source."""

    source: Source
    subject: str
    held: tuple[Places, ...]
    """Of the project and its subject, and of the pictures without a contract: filled when it is kept."""


class Promises:
    """Every promise of a project about how many pictures it takes; places are taken in one order, so that no
    two tasks wait for each other.
    """

    def __init__(self, needs: Needs, quotas: SourceQuotas) -> None:
        self._target = Places(needs.pictures)
        self._subjects = {name: Places(free) for name, free in needs.subjects.items()}
        self._needs = needs
        self._licensed = needs.licensed
        self._unlicensed = Places(None)
        self._quotas = quotas

    def close_licensed(self) -> None:
        """Note that all licensed rows are done with: how many others may join them is known now (C4.3)."""
        share = self._needs.licensed_share
        if share > 0:
            room = unlicensed_room(share, licensed=self._licensed, others=self._needs.others)
            self._unlicensed = Places(room)

    async def take(self, source: Source, subjects: Sequence[str]) -> Place | Left | Quota:
        """Take the places that a picture would fill, or learn which of them there is none of.

        A row of several subjects takes the first that is not full.
        """
        held: list[Places] = []
        place: Place | Left | Quota = Left.TARGET
        try:
            place = await self._taken(source, subjects, held)
        finally:
            if not isinstance(place, Place):
                await _settle(held, filled=False)
        return place

    async def settle(self, place: Place, considered: Considered | None) -> None:
        """End what `take` began."""
        kept = considered is not None and considered.verdict is Verdict.KEPT
        if kept and place.source.basis is Basis.LICENCE:
            self._licensed += 1
        # What is held for a person is taken from its source all the same.
        stored = considered is not None and considered.inspected is not None
        await self._quotas.settle(place.source, filled=stored)
        await _settle(place.held, filled=kept)

    def claim_bytes(self, place: Place, considered: Considered) -> Quota | None:
        """Count the bytes of a picture that came, or return the quota that they would go beyond."""
        if considered.inspected is None:
            return None
        return self._quotas.claim(place.source, len(considered.inspected.content))

    async def _taken(
        self, source: Source, subjects: Sequence[str], held: list[Places]
    ) -> Place | Left | Quota:
        if not await _take(self._target, held):
            return Left.TARGET
        subject = await self._subject(subjects, held)
        if subject is None:
            return Left.SUBJECT
        if source.basis is not Basis.LICENCE and not await _take(self._unlicensed, held):
            return Left.LICENSED_SHARE
        spent = await self._quotas.take(source)
        return spent or Place(source=source, subject=subject, held=tuple(held))

    async def _subject(self, subjects: Sequence[str], held: list[Places]) -> str | None:
        """Take a place of the first subject that is not full; nothing comes back where all are."""
        if not self._subjects:
            return next(iter(subjects), "")
        for name in subjects:
            if await _take(self._subjects[name], held):
                return name
        return None


class SourceQuotas:
    """What each source may still give, over all runs (C3.6)."""

    def __init__(self, quotas: Mapping[str, Sequence[Quota]]) -> None:
        self._counted = {
            name: tuple(quota for quota in each if quota.kind is not QuotaKind.BYTES)
            for name, each in quotas.items()
        }
        self._sized = {
            name: next((quota for quota in each if quota.kind is QuotaKind.BYTES), None)
            for name, each in quotas.items()
        }
        self._places: dict[str, Places] = {}
        self._bytes: dict[str, int] = {}

    async def take(self, source: Source) -> Quota | None:
        """Take a place at a source, or return the quota that leaves none."""
        sized = self._sized.get(source.name)
        if sized is not None and self._bytes.get(source.name, 0) >= sized.left:
            return sized
        tightest = min(self._counted.get(source.name, ()), key=lambda quota: quota.left, default=None)
        if tightest is None:
            return None
        if source.name not in self._places:
            self._places[source.name] = Places(tightest.left)
        return None if await self._places[source.name].take() else tightest

    def claim(self, source: Source, size: int) -> Quota | None:
        """Count the bytes of a picture, or return the quota that they would go beyond."""
        sized = self._sized.get(source.name)
        given = self._bytes.get(source.name, 0)
        if sized is not None and given + size > sized.left:
            return sized
        self._bytes[source.name] = given + size
        return None

    async def settle(self, source: Source, *, filled: bool) -> None:
        """End what `take` began."""
        if source.name in self._places:
            await self._places[source.name].settle(filled=filled)


async def _take(places: Places, held: list[Places]) -> bool:
    if not await places.take():
        return False
    held.append(places)
    return True


async def _settle(held: Sequence[Places], *, filled: bool) -> None:
    for places in held:
        await places.settle(filled=filled)
