from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from clearance.curating import CopyOf, CopyStore, best_copy, joined
from clearance.database import migrate, open_database
from clearance.identifiers import ItemId
from clearance.sourcing import Basis

items = st.integers(0, 12).map(lambda number: ItemId(f"i{number:02}"))
links = st.lists(st.tuples(items, items), max_size=20)


def copy(
    item: str, basis: Basis = Basis.OPEN_LICENCE, *, pixels: int = 100, at: str = "2026-01-01"
) -> CopyOf:
    return CopyOf(item=ItemId(item), basis=basis, pixels=pixels, received_pixels=pixels, collected_at=at)


@pytest.mark.control("C3.1", "C4.3")
def test_the_best_copy_is_chosen_by_rights_then_quality_then_age() -> None:
    """A licensed thumbnail goes before a large picture from anywhere; of equals, the first stays."""
    licensed = copy("c", Basis.LICENCE, pixels=10)
    large, small = copy("b", pixels=200), copy("a", pixels=100)
    later, sooner = copy("d", at="2026-02-01"), copy("e", at="2026-01-01")
    reduced, original = replace(large, received_pixels=10), replace(large, item=ItemId("z"))
    assert best_copy([large, licensed, small]) == licensed
    assert best_copy([small, large]) == large
    assert best_copy([later, sooner]) == sooner
    assert best_copy([reduced, original]) == original
    assert best_copy([replace(small, received_pixels=900), large]) == large
    assert best_copy([copy("g"), copy("f")]).item == "f"
    order = [Basis.LICENCE, Basis.OWN_WORK, Basis.PUBLIC_DOMAIN, Basis.OPEN_LICENCE, Basis.TDM_EXCEPTION]
    assert set(order) == set(Basis)
    for better, worse in pairwise(order):
        assert best_copy([copy("a", worse), copy("b", better)]).basis is better


def components(pairs: list[tuple[ItemId, ItemId]]) -> set[frozenset[ItemId]]:
    """Find what hangs together by walking from each item, as slowly as can be."""
    found = set()
    for start in {item for pair in pairs for item in pair}:
        reached, size = {start}, 0
        while len(reached) > size:
            size = len(reached)
            reached |= {item for pair in pairs if reached & set(pair) for item in pair}
        found.add(frozenset(reached))
    return found


def grouped(clusters: dict[ItemId, ItemId]) -> set[frozenset[ItemId]]:
    names = set(clusters.values())
    return {frozenset(item for item, name in clusters.items() if name == each) for each in names}


@given(links, links)
def test_clusters_are_what_hangs_together_in_whatever_order_it_was_found(
    first: list[tuple[ItemId, ItemId]], second: list[tuple[ItemId, ItemId]]
) -> None:
    """Linking in two goes gives what linking everything at once gives, and the name is the lowest item."""
    known = joined(first, {})
    known.update({item: item for pair in first for item in pair if item not in known})
    known.update(joined(second, known))
    known.update({item: item for pair in second for item in pair if item not in known})
    assert grouped(known) == components([*first, *second])
    assert all(min(group) == known[next(iter(group))] for group in grouped(known))


@pytest.mark.control("C3.4")
def test_clusters_are_kept_and_lose_who_is_erased(tmp_path: Path) -> None:
    """The others of a cluster stay together, also when the one that it is named after is gone."""
    a, b, c, d = map(ItemId, "abcd")
    with open_database(f"sqlite:///{tmp_path / 'c.sqlite'}") as database:
        migrate(database)
        store = CopyStore(database)
        known = store.known()
        store.link([(a, b), (c, d)], looked_at=[a, c, ItemId("e")], known=known)
        assert store.clusters() == {a: a, b: a, c: c, d: c}
        # Found as copies, and not looked for themselves: their turn comes.
        assert store.looked_at() == {a, c, ItemId("e")}
        store.link([(b, d)], looked_at=[b], known=known)
        assert store.clusters() == {a: a, b: a, c: a, d: a}
        assert store.looked_at() == {a, b, c, ItemId("e")}
        assert store.known() == known
        assert store.forget(pa.array(["a", "x"])) == {"copies": 1}
        assert store.clusters() == {b: a, c: a, d: a}
        store.link([(ItemId("f"), c)], looked_at=[ItemId("f")], known=store.known())
        assert store.clusters() == {b: a, c: a, d: a, ItemId("f"): a}
        assert store.looked_at() == {b, c, ItemId("e"), ItemId("f")}
