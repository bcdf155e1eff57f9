from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest

from clearance.curating import Member, SetKind, Version, VersionStore
from clearance.database import Database, migrate, open_database
from clearance.errors import BadInput, RegisterDamaged
from clearance.identifiers import ItemId
from clearance.register import Log, Signer

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
FIRST = Member(
    item_id=ItemId("aa01"),
    url="https://o'brien.example/ä.jpg",
    host="o'brien.example",
    source="archive",
    basis="licence",
    licence="licence-1",
    credit="Photo: Änne",
    sha256="1" * 64,
    content_sha256="2" * 64,
    iscc="ISCC:AAA",
    width=640,
    height=480,
    caption="a bird",
    cluster="aa01",
    checked_at="2026-11-24T00:00:00Z",
    collected_at="2026-11-24T00:00:00.000000Z",
)
MEMBERS = tuple(
    replace(FIRST, item_id=ItemId(f"aa{n:02}"), url=f"https://example.org/{n}") for n in range(1, 6)
)


class Versions:
    def __init__(self, root: Path, database: Database) -> None:
        self.root = root
        self.store = VersionStore(root / "datasets", database)
        self.log = Log.create(root / "log", Signer("example.org/log", bytes(range(32))))

    def freeze(self, name: str = "birds", members: tuple[Member, ...] = MEMBERS, **changes: Any) -> Version:
        head = {
            "version": 1,
            "name": name,
            "number": 1,
            "parent": "",
            "project": "p",
            "kind": SetKind.CREATIVE.value,
            "policy": "f" * 64,
            "facts": {"considered": len(members)},
            **changes,
        }
        return self.store.freeze(members, head=head, audit=b'{"a": 1}', log=self.log, by="Ann", now=NOW)


@pytest.fixture
def versions(tmp_path: Path) -> Iterator[Versions]:
    (tmp_path / "log").mkdir()
    with open_database(f"sqlite:///{tmp_path / 'c.sqlite'}") as database:
        migrate(database)
        yield Versions(tmp_path, database)


@pytest.mark.control("C2.1")
def test_a_frozen_version_comes_back_as_it_was(versions: Versions) -> None:
    """Members, audit and root are what was frozen, and the log has the root."""
    frozen = versions.freeze()
    assert versions.store.list() == (frozen,)
    assert versions.store.get("birds") == versions.store.get("birds@1") == frozen
    assert tuple(versions.store.members(frozen)) == MEMBERS
    assert versions.store.audit(frozen) == {"a": 1}
    manifest = versions.store.manifest(frozen)
    assert manifest.problems() == []
    assert (manifest.root().hex(), frozen.log_index, versions.log.size) == (frozen.root, 0, 1)
    assert (frozen.items, frozen.kind, frozen.reference) == (5, SetKind.CREATIVE, "birds@1")


@pytest.mark.control("C5.4", "C3.4")
def test_an_erased_member_leaves_only_its_leaf(versions: Versions) -> None:
    """Row and nonce are gone from the file, the root still holds, and the others are untouched."""
    frozen = versions.freeze()
    gone = pa.array(["aa02", "nobody"])
    assert versions.store.holding(gone) == {frozen.id: 1}
    assert versions.store.forget(gone) == {"dataset_versions": 1}
    manifest = versions.store.manifest(frozen)
    assert [member.item_id for member in manifest.members()] == ["aa01", "aa03", "aa04", "aa05"]
    assert manifest.erased().to_pylist() == ["aa02"]
    assert manifest.problems() == []
    assert manifest.root().hex() == frozen.root
    raw = b"".join(path.read_bytes() for path in manifest.directory.iterdir())
    table = pa.parquet.read_table(manifest.directory / "rows.parquet")
    assert table.column("row").to_pylist()[1] is None
    assert table.column("nonce").to_pylist()[1] is None
    assert b"example.org/2" not in raw
    assert versions.store.forget(gone) == {"dataset_versions": 0}


@pytest.mark.control("C2.1")
@pytest.mark.parametrize(
    ("change", "problem"),
    [
        ({"row": lambda row: row.replace(b"a bird", b"a bard")}, "member 2: not the row that was frozen"),
        ({"row": lambda _: b"{"}, "member 2: cannot be read"),
        ({"row": lambda _: None}, "member 2: cannot be read"),
        ({"nonce": lambda _: None}, "member 2: cannot be read"),
        ({"nonce": lambda _: b"\x00" * 16}, "member 2: not the row that was frozen"),
        ({"item_id": lambda _: "aa09"}, "member 2: not the row that was frozen"),
        ({"position": lambda _: 7}, "member 2: not at its place"),
    ],
)
def test_a_changed_row_is_found(versions: Versions, change: dict[str, Any], problem: str) -> None:
    """Whatever of a row is another than it was frozen, is named with its place."""
    manifest = versions.store.manifest(versions.freeze())
    path = manifest.directory / "rows.parquet"
    table = pa.parquet.read_table(path)
    rows = table.to_pylist()
    for name, how in change.items():
        rows[1][name] = how(rows[1][name])
    pa.parquet.write_table(pa.Table.from_pylist(rows, schema=table.schema), path)
    assert manifest.problems() == [problem]


@pytest.mark.control("C2.1")
def test_what_is_missing_is_found(versions: Versions) -> None:
    """A row less, a damaged file and another head are named, and nothing is taken for whole."""
    manifest = versions.store.manifest(versions.freeze())
    rows, head = manifest.directory / "rows.parquet", manifest.directory / "head.json"
    whole = pa.parquet.read_table(rows)
    more = whole.to_pylist()
    pa.parquet.write_table(
        pa.Table.from_pylist([*more, {**more[4], "position": 6}], schema=whole.schema), rows
    )
    assert manifest.problems() == ["member 6: not at its place", "6 rows, and 5 were frozen"]
    pa.parquet.write_table(whole.slice(0, 4), rows)
    assert manifest.problems() == ["4 rows, and 5 were frozen"]
    stated = head.read_text()
    head.write_text(stated.replace('\\"name\\":\\"birds\\"', '\\"name\\":\\"words\\"'))
    assert manifest.problems()[0] == "the head is not the one that was frozen"
    head.write_text("[]")
    assert manifest.problems()[0].startswith("the head cannot be read")
    with pytest.raises(RegisterDamaged):
        manifest.head()
    head.write_text(stated)
    rows.write_bytes(b"PAR1")
    assert "the manifest cannot be read" in manifest.problems()[0]
    with pytest.raises(RegisterDamaged):
        manifest.items()
    with pytest.raises(RegisterDamaged):
        list(manifest.members())
    (manifest.directory / "audit.json").unlink()
    with pytest.raises(RegisterDamaged):
        versions.store.audit(versions.store.get("birds"))
    with pytest.raises(RegisterDamaged):
        versions.store.audit_bytes(versions.store.get("birds"))


@pytest.mark.control("C5.4")
def test_a_version_is_followed_by_a_smaller_one(versions: Versions) -> None:
    """The newest version of a name is meant where no number stands, and the earlier one stays."""
    first = versions.freeze()
    second = versions.freeze(members=MEMBERS[:3], number=2, parent=first.id)
    assert versions.store.get("birds") == second
    assert versions.store.get("birds@1") == first
    assert second.parent == first.id
    with pytest.raises(BadInput, match="a version never grows"):
        versions.store.check_name("birds")


@pytest.mark.parametrize("name", ["", "../x", "a b", "a@1", "-a", "x" * 65, "é", "a\n"])
def test_a_name_that_could_be_anything_else_is_refused(versions: Versions, name: str) -> None:
    """Names are plain words: they go into files, addresses and other people's tables."""
    with pytest.raises(BadInput, match="dataset name"):
        versions.store.check_name(name)


@pytest.mark.parametrize("reference", ["", "nobody", "birds@0", "birds@2", "birds@", "@1", "birds@1@1"])
def test_an_unknown_version_is_said_so(versions: Versions, reference: str) -> None:
    """Who names none that there is learns where to look."""
    versions.freeze()
    with pytest.raises(BadInput, match="clearance dataset list"):
        versions.store.get(reference)


@pytest.mark.control("C2.1")
def test_a_version_that_never_reached_the_log_is_taken_back(versions: Versions) -> None:
    """A crash before the log leaves nothing, one after it leaves a frozen version."""
    frozen = versions.freeze()
    assert not versions.store.is_interrupted()
    # After the log, before the note.
    with versions.store._database.begin() as connection:
        connection.exec_driver_sql("UPDATE dataset_versions SET state = 'freezing', log_index = NULL")
    assert versions.store.is_interrupted()
    assert versions.store.list() == ()
    versions.store.settle(versions.log)
    assert versions.store.list() == (frozen,)

    # Before the log: the members cannot be read to the end.
    def broken() -> Iterator[Member]:
        yield MEMBERS[0]
        raise ValueError("cut off")

    with pytest.raises(ValueError, match="cut off"):
        versions.store.freeze(
            broken(), head={"name": "other"}, audit=b"", log=versions.log, by="Ann", now=NOW
        )
    assert versions.store.list() == (frozen,)
    assert [path.name for path in (versions.root / "datasets").iterdir()] == [frozen.id]
    # A folder that nobody knows is what a crash before the note leaves.
    (versions.root / "datasets" / "0011").mkdir()
    assert versions.store.is_interrupted()
    versions.store.settle(versions.log)
    assert not versions.store.is_interrupted()
