"""Anyone may ask whether a picture is in the vault: the answer is a match, a possible one, or none by these methods."""

import base64
import io
import json
import re
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

import clearance
from clearance.errors import BadInput, ConfigurationError
from clearance.fingerprints.layers import LOCAL
from clearance.identifiers import sha256_of
from clearance.workspace import Workspace
from pictures_made import jpeg, photograph, textured
from sites import Site
from workspaces import Tried

NONE_FOUND = "no match found with these methods"
FIELDS = base64.b64decode(
    "CAg6hAEKPAoBeBIBcCILQXZlcmFnZVBvb2wqFQoMa2VybmVsX3NoYXBlQAhACKABByoQCgdzdHJpZGVzQAhACKABBwoP"
    "CgFwEgF5IgdGbGF0dGVuEgFnWhsKAXgSFgoUCAESEAoCCAEKAggDCgIIIAoCCCBiEwoBeRIOCgwIARIICgIIAQoCCDBC"
    "BAoAEBE="
)
"""An ONNX file: AveragePool of 8 x 8 over 1 x 3 x 32 x 32, then Flatten."""


def collected(tried: Tried, site: Site, pictures: dict[str, bytes]) -> dict[str, str]:
    """Collect pictures from the site; returns their items by name."""
    tried.source("s", site.host)
    urls = [site.serve(f"/{name}.jpg", body) for name, body in pictures.items()]
    tried.collect(urls)
    return {Path(item["url"]).stem: item["id"] for item in tried.items()}


def asked(tried: Tried, picture: bytes, **options: Any) -> dict[str, Any]:
    """Ask about a picture."""
    path = tried.root.parent / "asked.bin"
    path.write_bytes(picture)
    with clearance.open(tried.root) as here:
        return here.match(path, **options)


@pytest.mark.control("C1.2")
def test_one_question_has_its_answer_with_method_distance_and_region(tried: Tried, site: Site) -> None:
    """A collected picture is found as it was, smaller and mirrored; another one is not, and the answer says by
    which methods it was looked for.
    """
    pictures = {name: jpeg(textured(seed)) for seed, name in enumerate(("a", "b", "c"))}
    items = collected(tried, site, pictures)
    same = asked(tried, pictures["a"])
    assert same["answer"] == "match"
    assert [(found["item"], found["method"], found["distance"]) for found in same["matches"]] == [
        (items["a"], "sha256", 0)
    ]
    mirrored = asked(tried, jpeg(textured(1)[:, ::-1]), project="p")
    (found,) = mirrored["matches"]
    assert (found["item"], found["verdict"], found["method"]) == (items["b"], "match", "pdq")
    assert found["distance"] <= 31
    assert found["region"] == {"x": 0.0, "y": 0.0, "width": 1.0, "height": 1.0}
    assert found["url"] == site.url("/b.jpg")
    other = asked(tried, jpeg(textured(99)))
    assert (other["answer"], other["matches"]) == (NONE_FOUND, [])
    assert other["methods"] == [
        {"method": "sha256", "covered": 3, "of": 3},
        {"method": "pdq", "covered": 3, "of": 3},
        {"method": "iscc", "covered": 0, "of": 3},
        {"method": "local-features", "covered": 0, "of": 3},
    ]
    assert "clearance items examine" in other["hint"]


@pytest.mark.control("C3.4", "C5.1")
def test_a_question_leaves_no_hash_that_others_could_guess(tried: Tried) -> None:
    """The list of reads knows the same question again, and holds nothing that outlives an erasure in the clear."""
    pictures = [jpeg(textured(seed)) for seed in (0, 0, 1)]
    for picture in pictures:
        assert asked(tried, picture)["answer"] == NONE_FOUND
    with clearance.open(tried.root) as here:
        third, second, first = (read["query"]["picture"] for read in here.reads.list())
    assert (first == second, first == third) == (True, False)
    raw = b"".join(path.read_bytes() for path in tried.root.rglob("*") if path.is_file())
    assert sha256_of(pictures[0]).encode() not in raw


@pytest.mark.control("C1.2", "C4.2")
def test_a_part_is_found_once_local_features_were_read(tried: Tried, site: Site) -> None:
    """A crop and a picture within another are found by geometry, each with its place in what was asked."""
    pictures = {name: jpeg(textured(seed)) for seed, name in enumerate(("a", "b"))}
    items = collected(tried, site, pictures)
    with clearance.open(tried.root) as here:
        here.examine()
    crop = asked(tried, jpeg(textured(0)[60:200, 80:260]))
    (found,) = crop["matches"]
    assert (found["item"], found["verdict"], found["method"], found["distance"]) == (
        items["a"],
        "match",
        "local-features",
        None,
    )
    assert found["inliers"] >= 15
    page = np.full((400, 640, 3), 255, np.uint8)
    page[100:340, 300:620] = textured(1)[:, ::-1]
    (found,) = asked(tried, jpeg(page))["matches"]
    assert found["item"] == items["b"]
    assert found["region"] == {
        "x": pytest.approx(300 / 640, abs=0.03),
        "y": pytest.approx(100 / 400, abs=0.03),
        "width": pytest.approx(320 / 640, abs=0.05),
        "height": pytest.approx(240 / 400, abs=0.05),
    }
    assert crop["hint"] is None


@pytest.mark.control("C1.2")
def test_a_picture_of_one_colour_is_not_matched_and_the_answer_says_why(tried: Tried, site: Site) -> None:
    """Two plain pictures are alike without being one: that is no match, and no clean answer either."""
    collected(tried, site, {"grey": jpeg(np.full((200, 200, 3), 128, np.uint8))})
    answer = asked(tried, jpeg(np.full((240, 320, 3), 131, np.uint8)))
    assert (answer["answer"], answer["matches"]) == ("quality too low to match", [])
    assert answer["picture"]["quality"] < 50


@pytest.mark.control("C3.4", "C5.4")
def test_an_erased_picture_is_not_found_and_no_file_holds_its_fingerprint(tried: Tried, site: Site) -> None:
    """What was erased has no fingerprint left: the raw files are searched for its code and its descriptors."""
    items = collected(tried, site, {"a": jpeg(textured(0)), "b": jpeg(textured(1))})
    with clearance.open(tried.root) as here:
        here.examine()
    assert asked(tried, jpeg(textured(0)))["answer"] == "match"
    with clearance.open(tried.root) as here:
        marks = _marks(here, items["a"])
        assert all(_holds(tried, mark) for mark in marks)
        done = here.erasures.erase(items=(items["a"],), reason="request", by="Test Person")
    assert json.loads(Path(done["certificate"]).read_text())["counts"]["fingerprints"] == 1
    answer = asked(tried, jpeg(textured(0)))
    assert (answer["answer"], answer["matches"]) == (NONE_FOUND, [])
    assert not any(_holds(tried, mark) for mark in marks)
    assert asked(tried, jpeg(textured(1)))["answer"] == "match"


def _marks(here: Workspace, item: str) -> list[bytes]:
    """Return what an item is found by: its id, its code, one of its descriptors."""
    for arrays, _ in here.holding.fingerprints.segments(LOCAL):
        ids = [name.decode() for name in arrays["ids"].tolist()]
        if item in ids:
            row = ids.index(item)
            start = int(arrays["counts"][:row].sum())
            return [item.encode(), arrays["iscc"][row].tobytes(), arrays["descriptors"][start].tobytes()]
    raise AssertionError(item)


def _holds(tried: Tried, mark: bytes) -> bool:
    return any(mark in path.read_bytes() for path in (tried.root / "fingerprints").iterdir())


@pytest.mark.control("C5.2")
@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"no picture at all", "cannot be read as a picture"),
        (b"", "cannot be read as a picture"),
        (photograph(seed=1)[:200], "cannot be read as a picture"),
        (photograph(seed=1, width=12, height=12), "a side is under 16 pixels"),
        (photograph(seed=1, form="BMP"), "cannot be read as a picture"),
    ],
)
def test_what_is_no_picture_is_bad_input(tried: Tried, content: bytes, why: str) -> None:
    """A query that does not decode within the policy's limits is refused with the reason, in an empty vault, too."""
    with pytest.raises(BadInput, match=why):
        asked(tried, content)


@pytest.mark.control("C1.2")
def test_while_somebody_changes_the_workspace_the_answer_covers_less(tried: Tried, site: Site) -> None:
    """Nothing waits and nothing is claimed: codes that could not be added are told as not covered."""
    items = collected(tried, site, {"a": jpeg(textured(0)), "b": jpeg(textured(1))})
    near = jpeg(textured(0)[:, ::-1])
    with clearance.open(tried.root) as other, other.holding.locked():
        busy = asked(tried, near)
    assert (busy["answer"], busy["methods"][1]) == (NONE_FOUND, {"method": "pdq", "covered": 0, "of": 2})
    free = asked(tried, near)
    assert [found["item"] for found in free["matches"]] == [items["a"]]
    assert free["methods"][1] == {"method": "pdq", "covered": 2, "of": 2}


@pytest.mark.control("C5.2")
def test_a_file_beyond_the_policys_bytes_is_not_read(tried: Tried) -> None:
    """The bound for what is fetched holds for what is asked about."""
    tried.policy("max_picture_bytes: 50000000", "max_picture_bytes: 1000")
    with pytest.raises(BadInput, match="larger than 1000 bytes"):
        asked(tried, photograph(seed=1))


@pytest.mark.control("C1.2")
def test_the_command_answers_in_json_and_says_what_it_cannot_read(tried: Tried) -> None:
    """All three answers end with status 0; a folder and a missing file with 2."""
    picture = tried.root.parent / "picture.png"
    written = io.BytesIO()
    Image.fromarray(textured(3)).save(written, "PNG")
    picture.write_bytes(written.getvalue())
    done = tried.run("match", str(picture), "--json")
    assert (done.returncode, json.loads(done.stdout)["answer"]) == (0, NONE_FOUND)
    assert NONE_FOUND in tried.run("match", str(picture)).stdout
    for bad in (tried.root, tried.root / "missing.jpg"):
        refused = tried.run("match", str(bad), "--json")
        assert (refused.returncode, json.loads(refused.stdout)["error"]["kind"]) == (2, "BadInput")
    assert tried.run("match", str(picture), "--project", "unknown").returncode == 2


def with_model(tried: Tried, **settings: Any) -> str:
    """Set an own model: the mean colours of sixteen fields; returns the hash of its file."""
    pytest.importorskip("onnxruntime")
    path = tried.root.parent / "fields.onnx"
    path.write_bytes(FIELDS)
    sha256 = sha256_of(FIELDS)
    given_settings = {"file": str(path), "name": "fields 1", "sha256": sha256, "size": 32, **settings}
    toml = tried.root / "clearance.toml"
    head, _, own = toml.read_text().partition("[embedding]")
    for name, value in given_settings.items():
        own = re.sub(rf"(?m)^{name} = .*$", f"{name} = {json.dumps(value)}", own)
    toml.write_text(f"{head}[embedding]{own}")
    return sha256


@pytest.mark.control("C1.2")
def test_an_own_model_proposes_and_never_decides(tried: Tried, site: Site) -> None:
    """Calibrated, it makes a possible match of what codes do not know; not calibrated, it makes none; and its
    vectors go with the item.
    """
    items = collected(tried, site, {"a": jpeg(textured(0)), "b": jpeg(textured(1))})
    with_model(tried, threshold=0.97, calibration_pairs=1000)
    with clearance.open(tried.root) as here:
        assert here.embed() == {"embedded": 2, "failed": 0, "left": 0}
        assert here.embed() == {"embedded": 0, "failed": 0, "left": 0}
    # Each of the sixteen fields turned upside down: the same mean colours, another picture.
    like = jpeg(textured(0).reshape(4, 60, 4, 80, 3)[:, ::-1, :, ::-1].reshape(240, 320, 3))
    answer = asked(tried, like)
    assert answer["answer"] == "possible"
    (found,) = answer["matches"]
    assert (found["item"], found["verdict"], found["method"], found["distance"]) == (
        items["a"],
        "possible",
        "embedding",
        None,
    )
    assert found["cosine"] >= 0.97
    assert answer["methods"][-1] == {"method": "embedding", "covered": 2, "of": 2}
    with_model(tried, threshold=0.97, calibration_pairs=0)
    assert asked(tried, like)["answer"] == NONE_FOUND
    with clearance.open(tried.root) as here:
        here.erasures.erase(items=(items["a"],), reason="request", by="Test Person")
        assert here.holding.fingerprints.items_with_vectors(sha256_of(FIELDS)).to_pylist() == [items["b"]]


@pytest.mark.control("C1.2")
@pytest.mark.parametrize(
    ("settings", "why"),
    [
        ({"sha256": "0" * 64}, "its SHA-256 is"),
        ({"file": "/missing/model.onnx"}, "No such file"),
        ({"file": "/missing/model.pt"}, "needs torch"),
        ({"file": "model.pkl"}, "an .onnx file or a TorchScript"),
        ({"name": ""}, "has a name and the SHA-256"),
        ({"calibration_false": 2, "calibration_pairs": 1}, "more than"),
    ],
)
def test_a_model_that_is_not_the_one_that_is_set_is_refused(
    tried: Tried, settings: dict[str, Any], why: str
) -> None:
    """Before any picture is looked at: another file, a missing one, a missing library, a kind that runs code."""
    if "pt" in str(settings.get("file")) and find_spec("torch"):
        pytest.skip("PyTorch is installed")
    with_model(tried, **settings)
    with pytest.raises(ConfigurationError, match=why):
        asked(tried, photograph(seed=1))


@pytest.mark.control("C5.2")
def test_a_file_that_is_no_model_says_so(tried: Tried) -> None:
    """It fails inside the cage, and the answer names it."""
    sha256 = with_model(tried)
    (tried.root.parent / "fields.onnx").write_bytes(b"no model")
    tried.configure(sha256, sha256_of(b"no model"))
    with pytest.raises(BadInput, match="fields 1 has no vector for it: model: "):
        asked(tried, photograph(seed=1))
