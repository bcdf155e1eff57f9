"""The documentation says what the code does: nothing missing, nothing stale, no broken link."""

import importlib.util
import re
from pathlib import Path

import pytest

from clearance.policy import CONTROLS, FRAMES, RuleId, Stage
from clearance.sourcing import SIGNALS

ROOT = Path(__file__).parent.parent
PAGES = sorted([ROOT / "README.md", ROOT / "CHANGELOG.md", *(ROOT / "docs").rglob("*.md")])


def test_the_reference_is_made_from_this_code() -> None:
    """Whoever changes a command, a setting or a rule runs `python docs/make_reference.py`."""
    spec = importlib.util.spec_from_file_location("make_reference", ROOT / "docs" / "make_reference.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    assert module.reference() == (ROOT / "docs" / "reference.md").read_text()


@pytest.mark.control("C5.5")
def test_every_rule_signal_and_control_is_documented() -> None:
    """What decides about pictures stands where people can read it."""
    reference = (ROOT / "docs" / "reference.md").read_text()
    for rule in RuleId:
        assert f"- `{rule}` (" in reference
    for signal in SIGNALS:
        assert f"- `{signal.name}`:" in reference
    for control in CONTROLS:
        assert f"**{control.id}**" in reference


def test_every_reason_that_stands_in_the_way_is_explained() -> None:
    """The tables of the tutorials know each rule that can refuse a picture."""
    page = "".join((ROOT / "docs" / name).read_text() for name in ("collect.md", "curate.md"))
    explained = set(re.findall(r"`([a-z-]+)(?::\*)?`", page))
    silent = {
        RuleId.PACE,
        RuleId.SURVEY,
        RuleId.RESERVATION_LIFTED,
        RuleId.NETWORK_ADDRESS,
        RuleId.REDIRECT_OUTSIDE,
        # Bounds of what is looked for, kept and told: docs/match.md, docs/metadata.md, docs/audit.md.
        *(RuleId.MATCHING, RuleId.METADATA, RuleId.BALANCE_AUDIT),
        # What is kept, and who touches it, refuses no picture: docs/keep.md and docs/people.md speak of it.
        *(rule for rule in RuleId if FRAMES[rule].stage is Stage.KEEP),
    }
    assert {
        rule.value for rule in RuleId if not rule.value.startswith("basis-") and rule not in silent
    } - explained <= {
        "licence-use",
        "licence-term",
    }


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_link_to_a_file_leads_somewhere(page: Path) -> None:
    """Links between pages and into the code exist."""
    for target in re.findall(r"\]\(([^)#:]+?)\)", page.read_text()):
        assert (page.parent / target).exists(), target


def test_the_commands_of_the_readme_are_commands() -> None:
    """Every command and option shown exists."""
    shown = " ".join(
        re.findall(r"^\$ clearance (.*(?:\\\n.*)*)", (ROOT / "README.md").read_text(), re.MULTILINE)
    )
    reference = (ROOT / "docs" / "reference.md").read_text() + "--json --workspace"
    for option in re.findall(r"--[a-z-]+", shown):
        assert f"`{option}`" in reference or option in reference, option
