"""Copy detection and search, measured: 32 edits of photographs, each method and the whole answer.

Photographs come out of installed packages, cut into quarters that do not overlap, because there are few;
other quarters of the same photograph are in the index, too, which makes hard negatives. A folder of
photographs, if one is named, is used whole instead.
"""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import cv2
import numpy as np

from bench.edits import EDITS, Edited, Rgb
from clearance.fingerprints import Fingerprint, Fingerprints, Match, Query, Region, View, search
from clearance.fingerprints.hamming import within
from clearance.identifiers import ItemId
from clearance.pictures import read_query
from clearance.pictures.features import features_of
from clearance.pictures.query import QUERY_SIDE, described
from clearance.policy import MatchLimits, default_policy_bytes, read_policy

_PACKAGES = (
    (
        "skimage.data",
        (
            *(
                "astronaut.png",
                "brick.png",
                "camera.png",
                "cell.png",
                "chelsea.png",
                "coffee.png",
                "coins.png",
            ),
            *(
                "grass.png",
                "gravel.png",
                "hubble_deep_field.jpg",
                "ihc.png",
                "moon.png",
                "motorcycle_left.png",
            ),
            *("retina.jpg", "rocket.jpg"),
        ),
    ),
    ("sklearn.datasets.images", ("china.jpg", "flower.jpg")),
    ("matplotlib.mpl-data.sample_data", ("grace_hopper.jpg",)),
)
_QUERIES = 24
_KEPT_SIDE = 512
_LONGEST_SIDE = 800
_LEAST_SIDE = 160
_LEAST_APART = 90
"""Bits between the PDQ codes of two photographs that count as different ones."""
_CODES = 1_000_000
_SEED = 2026


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Asked:
    """One edited photograph, and what was measured between it and the items."""

    edit: str
    truth: ItemId | None
    """The item that it was made from; none where that is not in the index."""
    plain_bits: Mapping[ItemId, int]
    """Between the PDQ codes as they are, of the items that are anywhere near."""
    matches: tuple[Match, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Method:
    """A way to answer: which items it takes for copies."""

    name: str
    is_in_table: bool
    """Of the edits, too, and not of the means only."""
    takes: Callable[[Asked], set[ItemId]]


def measure_matching(folder: Path | None) -> str:
    """Measure, and return the part of the results that tells it."""
    photographs = list(_distinct(_photographs(folder)))
    chance = np.random.default_rng(_SEED)
    order = chance.permutation(len(photographs)).tolist()
    queries, held_out = order[:_QUERIES], order[_QUERIES : 2 * _QUERIES]
    limits = read_policy(default_policy_bytes(), where="default").parameters(MatchLimits)
    with tempfile.TemporaryDirectory() as work:
        store = Fingerprints(Path(work) / "fingerprints")
        kept = {number: _kept(photographs[number]) for number in order if number not in held_out}
        begun = time.perf_counter()
        stored = [_fingerprint(number, rgb) for number, rgb in kept.items()]
        seconds = time.perf_counter() - begun
        store.add(stored)
        size = sum(path.stat().st_size for path in Path(work).rglob("*") if path.is_file()) / len(stored)
        others = [photographs[number] for number in held_out]
        asked = [
            *_asked(store, stored, photographs, queries, others=others, is_there=True),
            *_asked(store, stored, photographs, held_out, others=others, is_there=False),
        ]
    lines = [
        f"{len(photographs)} photographs, {len(stored)} of them in the index: {_whence(folder)}",
        f"Features: {seconds / len(stored) * 1000:.1f} ms a picture of {_KEPT_SIDE} px, one thread, decoding"
        f" excluded; {size / 1024:.1f} KiB an item in the index.",
        "",
        *_recall_table(asked, limits),
        "",
        *_search_table(),
        "",
    ]
    return "\n".join(["", "## Matching", "", *lines])


def _whence(folder: Path | None) -> str:
    if folder is not None:
        return f"whole, from `{folder.name}`."
    return "quarters of those that scikit-image, scikit-learn and matplotlib carry."


def _photographs(folder: Path | None) -> Iterator[Rgb]:
    if folder is not None:
        for path in sorted(folder.rglob("*")):
            if path.suffix.lower() in (".jpg", ".jpeg", ".png", ".webp"):
                yield from _opened(path.read_bytes())
        return
    for package, files in _PACKAGES:
        root, *below = package.split(".")
        for file in files:
            for rgb in _opened(resources.files(root).joinpath(*below, file).read_bytes()):
                yield from _quarters(rgb)


def _opened(data: bytes) -> Iterator[Rgb]:
    bgr = cv2.imdecode(np.frombuffer(data, np.uint8), cv2.IMREAD_COLOR)
    if bgr is not None:
        yield np.asarray(cv2.cvtColor(bgr, cv2.COLOR_BGR2RGB), np.uint8)


def _quarters(rgb: Rgb) -> Iterator[Rgb]:
    height, width = rgb.shape[0] // 2, rgb.shape[1] // 2
    for top in (0, height):
        for left in (0, width):
            yield np.ascontiguousarray(rgb[top : top + height, left : left + width])


def _reduced(rgb: Rgb, longest: int) -> Rgb:
    scale = longest / max(rgb.shape[:2])
    if scale >= 1:
        return rgb
    size = (round(rgb.shape[1] * scale), round(rgb.shape[0] * scale))
    return np.ascontiguousarray(cv2.resize(rgb, size, interpolation=cv2.INTER_AREA), np.uint8)


def _distinct(photographs: Iterator[Rgb]) -> Iterator[Rgb]:
    """Return photographs that have enough in them, and are near no earlier one, turned or not."""
    known: list[bytes] = []
    for whole in photographs:
        rgb = _reduced(whole, _LONGEST_SIDE)
        query = _query(rgb)
        near = any(_bits(code, other) < _LEAST_APART for code in query.codes for other in known)
        if query.quality >= 50 and min(rgb.shape[:2]) >= _LEAST_SIDE and not near:
            known.append(query.codes[0])
            yield rgb


def _kept(rgb: Rgb) -> Rgb:
    """Return a photograph as the vault keeps it."""
    reduced = _reduced(rgb, _KEPT_SIDE)
    encoded = cv2.imencode(".jpg", reduced, [cv2.IMWRITE_JPEG_QUALITY, 95])[1]
    return np.ascontiguousarray(cv2.imdecode(encoded, cv2.IMREAD_COLOR), np.uint8)


def _fingerprint(number: int, rgb: Rgb) -> Fingerprint:
    features = features_of(rgb)
    return Fingerprint(item=_item(number), **{name: getattr(features, name) for name in features.__slots__})


def _query(rgb: Rgb) -> Query:
    header, payload = described(_reduced(rgb, QUERY_SIDE))
    read = read_query({**header, "size": [rgb.shape[1], rgb.shape[0]]}, payload)
    left, top, width, height = read.inner
    return Query(
        codes=read.codes,
        quality=read.quality,
        trimmed_codes=read.trimmed_codes,
        trimmed_quality=read.trimmed_quality,
        inner=Region(x=left, y=top, width=width, height=height),
        iscc=read.iscc,
        width=read.width,
        height=read.height,
        views=(
            View(points=read.points, descriptors=read.descriptors, is_mirrored=False),
            View(points=read.mirrored_points, descriptors=read.mirrored_descriptors, is_mirrored=True),
        ),
    )


def _asked(
    store: Fingerprints,
    stored: Sequence[Fingerprint],
    photographs: Sequence[Rgb],
    numbers: Sequence[int],
    *,
    others: Sequence[Rgb],
    is_there: bool,
) -> Iterator[Asked]:
    # Wider than the policy's bounds, so that one search tells of all of them.
    wide = MatchLimits(
        match_pdq_bits=60,
        possible_pdq_bits=80,
        min_pdq_quality=50,
        match_inliers=8,
        possible_inliers=8,
        vote_bits=40,
        candidates=50,
    )
    codes = np.frombuffer(b"".join(each.pdq for each in stored), np.uint8).reshape(-1, 32)
    for number in numbers:
        chance = np.random.default_rng(number)
        around = [rgb for rgb in others if rgb is not photographs[number]]
        around = [around[place] for place in chance.permutation(len(around))]
        for edit, apply in EDITS.items():
            query = _query(apply(Edited(rgb=photographs[number], others=around, chance=chance)))
            apart = np.bitwise_count(codes ^ np.frombuffer(query.codes[0], np.uint8)).sum(axis=1)
            near = np.flatnonzero(apart <= wide.possible_pdq_bits).tolist()
            yield Asked(
                edit=edit,
                truth=_item(number) if is_there else None,
                plain_bits={stored[place].item: int(apart[place]) for place in near},
                matches=search(store, query, wide),
            )


def _methods(limits: MatchLimits) -> Iterator[Method]:
    """Return what is compared: each method at the policy's bounds for a match and for a possible one."""
    bounds = (
        ("match", limits.match_pdq_bits, limits.match_inliers),
        ("match or possible", limits.possible_pdq_bits, limits.possible_inliers),
    )
    for verdict, bits, inliers in bounds:

        def is_plain(asked: Asked, most: int = bits) -> set[ItemId]:
            return {item for item, apart in asked.plain_bits.items() if apart <= most}

        def is_iscc(asked: Asked, most: int = bits) -> set[ItemId]:
            return {m.item for m in asked.matches if m.iscc_bits is not None and m.iscc_bits <= most}

        def is_pdq(asked: Asked, most: int = bits) -> set[ItemId]:
            return {m.item for m in asked.matches if m.pdq_bits is not None and m.pdq_bits <= most}

        def is_laid(asked: Asked, least: int = inliers) -> set[ItemId]:
            return {m.item for m in asked.matches if (m.inliers or 0) >= least}

        def is_either(asked: Asked, most: int = bits, least: int = inliers) -> set[ItemId]:
            return is_pdq(asked, most) | is_laid(asked, least)

        yield Method(name=f"PDQ alone, {bits} bits", is_in_table=True, takes=is_plain)
        yield Method(name=f"ISCC alone, {bits} bits", is_in_table=True, takes=is_iscc)
        yield Method(name=f"PDQ turned, inverted, trimmed, {bits} bits", is_in_table=False, takes=is_pdq)
        yield Method(name=f"local features, {inliers} inliers", is_in_table=False, takes=is_laid)
        yield Method(name=f"whole answer: {verdict}", is_in_table=True, takes=is_either)


def _recall_table(asked: Sequence[Asked], limits: MatchLimits) -> Iterator[str]:
    """Return recall by edit, and for each method what it took for copies that are none."""
    there = [each for each in asked if each.truth is not None]
    absent = [each for each in asked if each.truth is None]
    methods = tuple(_methods(limits))
    yield (
        f"| method, bound | mean recall over {len(EDITS)} edits ({len(there)} questions) | held-out pictures"
        f" taken for an item (of {len(absent)}) | other items named beside (of {len(there)}) |"
    )
    yield "|---|---|---|---|"
    for method in methods:
        recall = _share(each.truth in method.takes(each) for each in there)
        false = sum(bool(method.takes(each)) for each in absent)
        beside = sum(bool(method.takes(each) - {each.truth}) for each in there)
        yield f"| {method.name} | {recall:.3f} | {false} | {beside} |"
    shown = [method for method in methods if method.is_in_table]
    yield ""
    yield "| edit | " + " | ".join(method.name for method in shown) + " |"
    yield "|---" * (len(shown) + 1) + "|"
    for edit in EDITS:
        rows = [each for each in there if each.edit == edit]
        shares = (_share(each.truth in method.takes(each) for each in rows) for method in shown)
        yield f"| {edit} | " + " | ".join(f"{share:.2f}" for share in shares) + " |"


def _search_table() -> Iterator[str]:
    """Return how long an exact range search takes at a million codes, in a mapped file as they are stored."""
    chance = np.random.default_rng(_SEED)
    most = read_policy(default_policy_bytes(), where="default").parameters(MatchLimits).possible_pdq_bits
    with tempfile.TemporaryDirectory() as work:
        path = Path(work) / "codes.npy"
        np.save(path, chance.integers(0, 256, (_CODES, 32), dtype=np.uint8))
        codes = np.load(path, mmap_mode="r")
        took, missed = [], 0
        for place in chance.integers(0, _CODES, 200).tolist():
            bits = np.unpackbits(codes[place])
            bits[chance.permutation(256)[:most]] ^= 1
            begun = time.perf_counter()
            _, found, _ = within(np.packbits(bits)[None], codes, max_bits=most)
            took.append((time.perf_counter() - begun) * 1000)
            missed += place not in found.tolist()
        begun = time.perf_counter()
        within(codes[:16], codes, max_bits=most)
        batch = (time.perf_counter() - begun) * 1000
    half, worst = np.percentile(took, (50, 99))
    yield (
        f"Search of {_CODES:,} random codes in a mapped file, one thread, to {most} bits: p50 {half:.2f} ms,"
        f" p99 {worst:.2f} ms a code; 16 codes of one question {batch:.0f} ms. Of {len(took)} codes at that"
        f" distance {missed} were missed."
    )


def _share(values: Iterable[bool]) -> float:
    held = list(values)
    return sum(held) / len(held)


def _item(number: int) -> ItemId:
    return ItemId(f"{number:016x}")


def _bits(one: bytes, other: bytes) -> int:
    return (int.from_bytes(one) ^ int.from_bytes(other)).bit_count()
