"""Each place that somebody could change behind a frozen version's back, changed: `dataset verify` names it."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import lance
import pyarrow as pa
import pytest

import clearance
from pictures_made import photograph
from sites import Site
from workspaces import Tried, copied


@pytest.fixture(scope="module")
def frozen(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """Two pictures in a version; its workspace and its id."""
    tried = Tried(tmp_path_factory.mktemp("frozen") / "workspace")
    tried.project()
    with Site() as site:
        tried.source("archive", site.host)
        tried.collect([site.serve(f"/{seed}.jpg", photograph(seed=seed)) for seed in (1, 2)])
        birds = str(tried.freeze("birds")["id"])
        tried.freeze("fish")
        return tried.root, birds


def in_database(statement: str) -> Callable[[Tried, str], None]:
    def change(tried: Tried, _: str) -> None:
        with clearance.open(tried.root) as here, here.holding.database.begin() as connection:
            connection.exec_driver_sql(statement)

    return change


def in_facts(**changes: Any) -> Callable[[Tried, str], None]:
    def change(tried: Tried, _: str) -> None:
        with clearance.open(tried.root) as here, here.holding.database.begin() as connection:
            (stated,) = connection.exec_driver_sql(
                "SELECT facts FROM dataset_versions WHERE name = 'birds'"
            ).one()
            text = json.dumps({**json.loads(stated), **changes})
            connection.exec_driver_sql("UPDATE dataset_versions SET facts = ?", (text,))

    return change


def in_records(change_rows: Callable[[list[dict[str, Any]]], object]) -> Callable[[Tried, str], None]:
    def change(tried: Tried, _: str) -> None:
        uri = str(tried.root / "items" / "items.lance")
        table = lance.dataset(uri).to_table()
        rows = table.to_pylist()
        change_rows(rows)
        lance.write_dataset(pa.Table.from_pylist(rows, schema=table.schema), uri, mode="overwrite")

    return change


def other_bytes(rows: list[dict[str, Any]]) -> None:
    record = json.loads(rows[0]["record"])
    record["picture"]["kept"]["sha256"] = "0" * 64
    rows[0]["record"] = json.dumps(record).encode()


def other_place(rows: list[dict[str, Any]]) -> None:
    rows[0]["shard_entry"], rows[1]["shard_entry"] = rows[1]["shard_entry"], rows[0]["shard_entry"]


def flipped(name: str) -> Callable[[Tried, str], None]:
    def change(tried: Tried, version: str) -> None:
        (path,) = sorted((tried.root / "datasets" / version).glob(name))
        content = bytearray(path.read_bytes())
        content[-1] ^= 1
        path.write_bytes(content)

    return change


def in_log(tried: Tried, _: str) -> None:
    for path in (tried.root / "log" / "tile").rglob("*"):
        if path.is_file() and "entries" in path.parts:
            content = path.read_bytes()
            path.write_bytes(content.replace(b'"project-created"', b'"project-creates"'))


@pytest.mark.control("C2.1")
@pytest.mark.parametrize(
    ("change", "problem"),
    [
        (in_database("UPDATE dataset_versions SET root = '00'"), "its root is not the one in the log"),
        (in_database("UPDATE dataset_versions SET log_index = 0"), "the log has something else in its place"),
        (
            in_database(
                "UPDATE dataset_versions SET log_index = (SELECT max(log_index) FROM dataset_versions)"
            ),
            "the log has something else in its place",
        ),
        (in_database("UPDATE dataset_versions SET log_index = 4000"), "the log does not know it"),
        (
            in_database("UPDATE dataset_versions SET number = 2"),
            "number: the control database says another one",
        ),
        (
            in_database("UPDATE dataset_versions SET frozen_by = 'x'"),
            "frozen_by: the control database says another",
        ),
        (in_database("UPDATE dataset_versions SET parent = 'x'"), "the log says another parent"),
        (
            in_database("UPDATE dataset_versions SET frozen_at = '2020-01-01 00:00:00'"),
            "the log says another time",
        ),
        (in_facts(items=3), "the log says another number of items"),
        (in_facts(considered=9), "facts: the control database says another one"),
        (in_facts(policy="0" * 64), "the log says another policy"),
        (flipped("*.leaves"), "its leaves do not give its root"),
        (in_log, "log"),
        (in_records(lambda rows: rows.pop()), "there is no record of it"),
        (in_records(other_bytes), "its record speaks of other bytes"),
        (in_records(other_place), "its bytes in the vault are other ones"),
    ],
)
def test_whatever_is_changed_is_named(
    frozen: tuple[Path, str], tmp_path: Path, change: Callable[[Tried, str], None], problem: str
) -> None:
    """One thing is changed in a copy of the workspace, and verification says which."""
    workspace, version = frozen
    tried = copied(workspace, tmp_path / "copy")
    change(tried, version)
    with clearance.open(tried.root) as here:
        found = here.datasets.verify("birds")
    assert not found["ok"]
    assert problem in "; ".join(found["problems"])


def test_what_nobody_changed_is_whole(frozen: tuple[Path, str], tmp_path: Path) -> None:
    """The copy alone is no problem."""
    tried = copied(frozen[0], tmp_path / "copy")
    with clearance.open(tried.root) as here:
        found = here.datasets.verify("birds")
    assert (found["ok"], found["problems"], found["pictures_opened"]) == (True, [], 2)
