"""A readable account of what led to a decision, for items and for addresses that were never asked for."""

import json

import pytest

import clearance
from clearance.errors import BadInput
from pictures_made import PROHIBITED, photograph
from sites import Site
from workspaces import Tried


@pytest.mark.control("C1.2", "C2.1")
def test_an_item_is_explained_by_its_id_and_by_its_address(tried: Tried, site: Site) -> None:
    """Facts, signals with words and evidence, both verdicts, rule, control, and the same decision again."""
    tried.source("archive", site.host)
    site.serve("/robots.txt", b"User-agent: GPTBot\nDisallow: /other/\n")
    url = site.serve("/a.jpg", photograph(seed=1, xmp=PROHIBITED))
    tried.collect([url])
    (item,) = tried.items()
    by_id = json.loads(tried.run("explain", item["id"], "--json").stdout)
    assert json.loads(tried.run("explain", url, "--project", "p", "--json").stdout) == by_id
    assert (by_id["decision"], by_id["replay"]["same"], by_id["standing"]) == ("denied", True, [])
    (reason,) = by_id["reasons"]
    assert (reason["control"], reason["title"], reason["rule"]) == (
        "C1.5",
        "Machine-readable reservations are obeyed",
        "reservation",
    )
    (signal,) = by_id["signals"]
    assert (signal["place"], signal["signal"], signal["use"]) == (
        "picture",
        "plus-data-mining",
        "generative-training",
    )
    assert signal["evidence"] == [item["content_id"]]
    assert [verdict["policy"] for verdict in by_id["verdicts"]] == ["denied", *["unknown"] * 4]
    assert len(by_id["asked"]) == 6
    told = tried.run("explain", item["id"]).stdout
    assert "C1.5 Machine-readable reservations are obeyed" in told
    assert "Decided again from the evidence: the same" in told


@pytest.mark.control("C1.2")
def test_an_address_without_a_record_is_explained_from_what_its_host_said(tried: Tried, site: Site) -> None:
    """Nobody is asked; whether anybody was is told."""
    unknown = json.loads(tried.run("explain", site.url("/a.jpg"), "--json").stdout)
    assert "its host was never asked" in unknown["facts"][0][1]
    tried.source("archive", site.host, reviewed=False)
    site.serve("/robots.txt", b"User-agent: *\nDisallow: /private/\nContent-Usage: train-ai=n")
    with clearance.open(tried.root) as here:
        here.survey(tried.table([site.url("/a.jpg")]))
        asked = len(site.asked)
        told = here.explain(site.url("/b.jpg"))
        private = here.explain(site.url("/private/b.jpg"), project="p")
    assert len(site.asked) == asked
    assert told["decision"] == "not collected; as far as is known: deny"
    assert {reason["rule"] for reason in told["reasons"]} == {"reservation"}
    assert [each["rule"] for each in told["standing"]] == ["terms-reviewed"]
    assert {reason["rule"] for reason in private["reasons"]} == {"crawl-disallowed", "reservation"}
    shown = tried.run("explain", site.url("/b.jpg")).stdout
    assert "What stands against the source today" in shown


@pytest.mark.control("C1.2")
def test_what_was_never_an_address_is_explained_as_far_as_it_goes(tried: Tried) -> None:
    """A row without an address has a record too; what is neither item nor address is refused."""
    tried.collect(["nonsense"])
    (item,) = tried.items()
    with clearance.open(tried.root) as here:
        told = here.explain(item["id"])
        with pytest.raises(BadInput, match="no item"):
            here.explain("0123456789abcdef")
    assert (told["decision"], told["signals"], told["replay"]) == ("failed", [], None)
    assert tried.run("explain", item["id"]).returncode == 0


@pytest.mark.control("C2.1")
def test_a_record_whose_evidence_was_too_large_says_so(tried: Tried, site: Site) -> None:
    """What was cut is not weighed again, and not hidden."""
    tried.source("archive", site.host)
    filler = "".join(f"<meta name='robots-{n}' content='{'x' * 4000}'>" for n in range(200))
    page = site.serve("/p", filler.encode(), headers={"Content-Type": "text/html"})
    table = tried.root / "urls.csv"
    table.write_text(f"url,page\n{site.serve('/a.jpg', photograph(seed=1))},{page}")
    tried.collect(table, page_col="page")
    (item,) = tried.items()
    assert item["decision"] == "kept"
    assert tried.run("explain", item["id"]).returncode == 0
