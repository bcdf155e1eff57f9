"""A risk analysis from its form to its signature, and what is collected on it."""

import json
import sqlite3
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

import clearance
from clearance.collecting import utc_now
from clearance.errors import BadInput, Refused, StorageError
from clearance.register import read_entry
from clearance.workspace.risk import Risks
from pictures_made import photograph
from sites import Site
from workspaces import Tried, filled, sign_risk


def show(tried: Tried, **options: Any) -> dict[str, Any]:
    with clearance.open(tried.root) as here:
        return here.risks.show("p", **options)


def change(tried: Tried, **changes: Any) -> None:
    with clearance.open(tried.root) as here:
        here.projects.change("p", **changes)


@pytest.fixture
def url(tried: Tried, site: Site) -> str:
    """One picture of one registered source."""
    tried.source("archive", site.host)
    return site.serve("/a.jpg", photograph(seed=1))


@pytest.mark.control("C3.3")
def test_nothing_is_collected_before_an_analysis_is_signed(tried: Tried, site: Site, url: str) -> None:
    """Refused without a request; drafted, filled in and signed by commands alone, then collected."""
    tried.table([url])
    refused = tried.run("collect", "urls.txt", "--project", "p", "--json")
    assert refused.returncode == 3
    message = json.loads(refused.stdout)["error"]["message"]
    assert "no risk analysis is signed; `clearance risk draft --project p`" in message
    assert (site.asked, tried.items()) == ([], [])

    drafted = json.loads(tried.run("risk", "draft", "--project", "p", "--json").stdout)
    form = tried.root / "risk" / "p.yaml"
    assert Path(drafted["file"]) == form
    assert "harms.H1.likelihood" in drafted["blank"]
    unsigned = tried.run("risk", "sign", "--project", "p", "--by", "A. Person", "--json")
    assert unsigned.returncode == 2
    assert "blank: project.owner, data.1.need" in json.loads(unsigned.stdout)["error"]["message"]
    form.write_text(filled(form.read_text()))
    assert tried.run("collect", "urls.txt", "--project", "p").returncode == 3

    signed = tried.run("risk", "sign", "--project", "p", "--by", " A. Person ", "--json")
    assert signed.returncode == 0, signed.stderr
    facts = json.loads(signed.stdout)
    assert (facts["state"], facts["signed_by"], facts["covers"]) == ("current", "A. Person", ["archive"])
    assert tried.run("collect", "urls.txt", "--project", "p").returncode == 0
    assert len(tried.items(decision="kept")) == 1
    assert tried.verified()["ok"]


@pytest.mark.control("C3.3")
@pytest.mark.parametrize(
    "change",
    [
        "content = CAST(content || x'0a' AS BLOB)",
        "signed_by = 'Mallory'",
        "signed_at = '2030-01-01 00:00:00.000000'",
        "covers = replace(covers, '\"target\": 1000', '\"target\": 9999')",
    ],
)
def test_what_was_signed_is_in_the_log_by_its_commitment_only(tried: Tried, url: str, change: str) -> None:
    """With its bytes, signer, time or cover changed, it is not what the log holds, and nothing is collected."""
    signed = tried.sign()
    assert signed["in_log"]
    with clearance.open(tried.root) as here:
        entries = list(here.holding.stores.log.entries())
    (entry,) = [read_entry(raw) for raw in entries if b"risk-signed" in raw]
    assert getattr(entry, "facts", None) == {"analysis": signed["commitment"]}
    assert not any(b"Test Person" in raw for raw in entries)
    with sqlite3.connect(tried.root / "control.sqlite") as database:
        before = database.execute("SELECT * FROM risk_analyses").fetchall()
        database.execute(f"UPDATE risk_analyses SET {change}")
        assert database.execute("SELECT * FROM risk_analyses").fetchall() != before
    assert (show(tried)["state"], show(tried)["in_log"]) == ("outdated", False)
    with pytest.raises(Refused, match="the log does not hold it: it is not what was signed"):
        tried.collect([url], signs=False)


@pytest.mark.control("C3.3", "C3.1")
def test_a_changed_purpose_or_use_stops_collecting_until_signed_anew(
    tried: Tried, site: Site, url: str
) -> None:
    """The refusal says what changed; the old analysis no longer agrees with the record, a new one does."""
    form = tried.root / "risk" / "p.yaml"
    with clearance.open(tried.root) as here:
        here.risks.draft("p")
        form.write_text(filled(form.read_text()))
        here.risks.sign("p", by="A. Person")
    change(tried, purpose="to sell", use="analysis")
    with pytest.raises(
        Refused, match="the purpose was changed since it was signed; it was signed for gen"
    ) as no:
        tried.collect([url], signs=False)
    assert f"bring {form} up to date, then `clearance risk sign --project p --by NAME`" in str(no.value)
    assert (show(tried)["state"], site.asked) == ("outdated", [])
    with (
        clearance.open(tried.root) as here,
        pytest.raises(
            BadInput, match="project.purpose: on record is 'to sell'; project.use: on record is 'ana"
        ),
    ):
        here.risks.sign("p", by="A. Person")
    tried.sign()
    assert tried.collect([url], signs=False)["kept"] == 1


@pytest.mark.control("C3.3")
def test_only_sources_that_are_covered_are_collected_from(tried: Tried, site: Site, url: str) -> None:
    """A source registered later waits for a signature; those that were covered go on meanwhile."""
    tried.sign()
    with Site() as other:
        tried.source("later", other.host)
        further = other.serve("/b.jpg", photograph(seed=2))
        with pytest.raises(Refused, match="source later is not covered"):
            tried.collect([url, further], signs=False)
        assert (site.asked, other.asked) == ([], [])
        assert (show(tried)["state"], show(tried)["not_covered"]) == ("current", ["later"])
        assert tried.collect([url], signs=False)["kept"] == 1
        assert (
            "not covered, and not collected from: later" in tried.run("risk", "show", "--project", "p").stderr
        )
        assert tried.collect([url, further])["kept"] == 1
    with sqlite3.connect(tried.root / "control.sqlite") as database:
        database.execute("UPDATE sources SET basis = 'own-work' WHERE name = 'archive'")
    with pytest.raises(Refused, match="open licence of source archive changed since it was signed"):
        tried.collect([site.serve("/c.jpg", photograph(seed=3))], signs=False)


@pytest.mark.control("C3.3")
def test_a_host_that_nobody_registered_needs_no_cover_and_gives_nothing(tried: Tried, site: Site) -> None:
    """An analysis of no source lets nothing through: what is unregistered is denied as ever."""
    assert tried.sign()["covers"] == []
    report = tried.collect([site.serve("/a.jpg", photograph(seed=1))], signs=False)
    assert (report["by_reason"], site.asked) == ({"source-registered": 1}, [])


@pytest.mark.control("C3.3")
def test_an_old_signature_no_longer_holds(tried: Tried, site: Site, url: str) -> None:
    """After the days of the policy somebody looks again; a policy with fewer days asks earlier."""
    with clearance.open(tried.root) as here:
        past = Risks(
            here.holding,
            projects=here.projects,
            sources=here.sources,
            licences=here.licences,
            clock=lambda: utc_now() - timedelta(days=100),
        )
        here.risks = past
        sign_risk(here, "p")
    assert show(tried)["state"] == "current"
    tried.policy("valid_days: 365", "valid_days: 90")
    with pytest.raises(Refused, match="more than 90 days ago; `clearance risk draft --project p`"):
        tried.collect([url], signs=False)
    assert site.asked == []


@pytest.mark.control("C3.3")
def test_a_decision_to_stop_is_not_signed(tried: Tried, url: str) -> None:
    """Whoever found that the risk is too high stops the collection by not signing."""
    with clearance.open(tried.root) as here:
        form = Path(here.risks.draft("p")["file"])
        form.write_text(filled(form.read_text()).replace("decision: proceed", "decision: stop"))
        size = here.holding.stores.log.size
        with pytest.raises(BadInput, match="decision: stop"):
            here.risks.sign("p", by="A. Person")
        assert (here.risks.show("p")["state"], here.holding.stores.log.size) == ("none", size)


def test_a_file_that_is_there_is_never_written_over(tried: Tried) -> None:
    """Neither a draft that a person has worked on, nor what a link leads to."""
    elsewhere = tried.root / "elsewhere.yaml"
    link = tried.root / "link.yaml"
    link.symlink_to(elsewhere)
    with clearance.open(tried.root) as here:
        here.risks.draft("p")
        (tried.root / "risk" / "p.yaml").write_text("mine")
        for file in (None, link, tried.root / "policy.yaml"):
            with pytest.raises(BadInput, match="not written over"):
                here.risks.draft("p", file=file)
        with pytest.raises(BadInput, match="No such file"):
            here.risks.draft("p", file=tried.root / "none" / "p.yaml")
    assert (tried.root / "risk" / "p.yaml").read_text() == "mine"
    assert not elsewhere.exists()


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "\x1b[31m", "a" * 201])
def test_a_signature_has_a_name(tried: Tried, name: str) -> None:
    """One that can be read, and is nobody's terminal command."""
    with clearance.open(tried.root) as here, pytest.raises(BadInput, match="--by"):
        here.risks.sign("p", by=name)


def test_what_cannot_be_signed_or_shown_is_said(tried: Tried) -> None:
    """No such project, no such file, a folder, a file too large, no YAML: exit status 2, and what to do."""
    big = tried.root / "big.yaml"
    big.write_bytes(b"#" * (1 << 20))
    (tried.root / "bad.yaml").write_text("a: ?")
    for arguments, says in (
        (("sign", "--project", "q", "--by", "A"), "no project 'q'"),
        (("draft", "--project", "q"), "no project 'q'"),
        (("show", "--project", "q"), "no project 'q'"),
        (("sign", "--project", "p", "--by", "A"), "`clearance risk draft --project p` writes a form"),
        (("sign", "--project", "p", "--by", "A", "--file", "."), "Is a directory"),
        (("sign", "--project", "p", "--by", "A", "--file", "big.yaml"), "larger than"),
        (("show", "--project", "p", "--file", "bad.yaml"), "line 1, column 4"),
        (("show", "--project", "p", "--html", "x.html"), "nothing is signed yet"),
    ):
        result = tried.run("risk", *arguments, "--json")
        assert result.returncode == 2, (arguments, result.stderr)
        assert says in json.loads(result.stdout)["error"]["message"], arguments
    assert show(tried)["state"] == "none"
    assert "nothing can be collected for p" in tried.run("risk", "show", "--project", "p").stderr


HOSTILE = "<script>alert(1)</script>&\"'"


@pytest.mark.control("C3.3", "C5.2")
def test_the_page_shows_a_draft_and_what_was_signed(tried: Tried, url: str) -> None:
    """A draft says so, and what it lacks; a signed one says by whom; what people wrote stays text."""
    draft, page = tried.root / "draft.html", tried.root / "risk.html"
    with clearance.open(tried.root) as here:
        form = Path(here.risks.draft("p")["file"])
        here.risks.show("p", file=form, html=draft)
        complete = filled(form.read_text())
        form.write_text(
            complete.replace("retention: written by the test", f"retention: {json.dumps(HOSTILE)}")
        )
        here.risks.sign("p", by="A. <b>Person</b>")
        here.risks.show("p", html=page)
        with pytest.raises(StorageError):
            here.risks.show("p", html=tried.root)
    unfinished, finished = draft.read_text(), page.read_text()
    assert "Nobody has signed it" in unfinished
    assert "<code>harms.H1.likelihood</code> blank" in unfinished
    assert "Signed by A. &lt;b&gt;Person&lt;/b&gt; on " in finished
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in finished
    assert "<script" not in finished
    assert "which stands in the log" in finished
    change(tried, purpose="another")
    tried.run("risk", "show", "--project", "p", "--html", "risk.html")
    assert "the purpose was changed since it was signed" in page.read_text()
