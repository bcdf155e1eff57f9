"""How a workspace stands, on one page: what waits for a person, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from clearance.collecting import HostIdentityStore, Verdict, utc_now
from clearance.governing import ApprovalState, ApprovalStore, Permission
from clearance.policy import TwoPersons
from clearance.register import ItemFilter
from clearance.workspace.holding import Holding
from clearance.workspace.origins import Licences
from clearance.workspace.promises import Projects
from clearance.workspace.registers import Accounts
from clearance.workspace.retention import Retentions
from clearance.workspace.risk import Risks
from clearance.workspace.terms import Terms

_SOON = timedelta(days=30)


class Statuses:
    """Tells how a workspace stands."""

    def __init__(
        self,
        holding: Holding,
        *,
        projects: Projects,
        licences: Licences,
        terms: Terms,
        accounts: Accounts,
        risks: Risks,
        retention: Retentions,
    ) -> None:
        self._holding = holding
        self._projects = projects
        self._licences = licences
        self._terms = terms
        self._accounts = accounts
        self._risks = risks
        self._retention = retention

    def status(self) -> dict[str, Any]:
        """Return how projects, clocks, people's duties and the register stand; what waits comes first.

        Raises:
            Refused: the actor may see nothing of this workspace.
        """
        self._holding.require(Permission.VIEW)
        projects = [self._project(project["name"]) for project in self._projects.list()]
        retention = self._retention.status()
        counts = self._holding.stores.items.counts_by("decision", ItemFilter())
        waiting = [
            *self._projects_waiting(projects),
            *self._sources_waiting(),
            *self._clocks_waiting(retention, held=counts.get(Verdict.HELD.value, 0)),
            *self._duties_waiting(),
            *self._datasets_waiting(),
        ]
        return {
            "waiting": waiting,
            "projects": projects,
            "items": counts,
            "retention": {
                name: retention[name] for name in ("overdue", "overdue_by_reason", "due_within_30_days")
            },
            "erased": retention["erased"],
            "log_entries": self._holding.stores.log.size,
        }

    def _project(self, name: str) -> dict[str, Any]:
        shown = self._projects.show(name)
        return {
            "name": name,
            "target": shown["target"],
            "items": shown["items"],
            "progress": shown["progress"],
            "risk": self._risks.show(name)["state"],
        }

    def _projects_waiting(self, projects: list[dict[str, Any]]) -> Iterator[dict[str, str]]:
        for project in projects:
            if project["risk"] != "current":
                yield _waits(
                    "C3.3",
                    f"project {project['name']}: its risk analysis is {project['risk']}",
                    f"clearance risk show --project {project['name']}",
                )
            licensed = project["progress"]["licensed"]
            if licensed["share"] is not None and licensed["share"] < licensed["floor"]:
                yield _waits(
                    "C4.3",
                    f"project {project['name']}: {licensed['share']:.0%} licensed, not"
                    f" {licensed['floor']:.0%} as promised",
                    f"clearance items prune --project {project['name']}",
                )

    def _sources_waiting(self) -> Iterator[dict[str, str]]:
        for source in self._terms.list():
            if source["reasons"]:
                why = source["reasons"][0]["detail"]
                yield _waits(
                    "C1.4", f"source {source['source']}: {why}", f"clearance terms show {source['source']}"
                )
        for standing in HostIdentityStore(self._holding.database).changed():
            yield _waits(
                "C5.2",
                f"the certificate of host {standing.host} has changed",
                f"clearance source confirm-host {standing.host} --by NAME",
            )
        today = self._holding.policy.day(utc_now())
        for licence in self._licences.by_id().values():
            if licence.valid_until is not None and today <= licence.valid_until < today + _SOON:
                yield _waits(
                    "C3.2",
                    f"licence {licence.id} of {licence.licensor} ends on {licence.valid_until}",
                    f"clearance licence renew {licence.id} --reference CONTRACT --until DATE",
                )

    def _datasets_waiting(self) -> Iterator[dict[str, str]]:
        """Name datasets whose newest version lost members, and model or property releases that end soon."""
        versions = self._holding.versions
        for version in {each.name: each for each in versions.list()}.values():
            gone = len(versions.manifest(version).erased())
            if gone:
                yield _waits(
                    "C5.4",
                    f"dataset {version.reference}: {gone} members were erased since",
                    f"clearance dataset shrink {version.name}",
                )
        today = self._holding.policy.day(utc_now())
        for consent in self._holding.consents.all():
            ends = consent.expires_at
            if ends is not None and today <= ends < today + _SOON and consent.withdrawal is None:
                yield _waits(
                    "P2.1",
                    f"{consent.kind.value} release {consent.id} ends on {ends}",
                    f"clearance consent show {consent.id}",
                )

    def _clocks_waiting(self, retention: dict[str, Any], *, held: int) -> Iterator[dict[str, str]]:
        if retention["overdue"]:
            yield _waits(
                "C3.2", f"{retention['overdue']} past their retention clock", "clearance retention sweep"
            )
        if held:
            yield _waits("C1.1", f"{held} pictures are held", "clearance items list --decision held")

    def _duties_waiting(self) -> Iterator[dict[str, str]]:
        for account in self._accounts.list():
            if account["overdue"]:
                yield _waits(
                    "C2.2",
                    f"the mailbox of account {account['name']} was not read in time",
                    f"clearance account check {account['name']} --by NAME",
                )
        if self._holding.is_rolled_back():
            yield _waits(
                "C2.1",
                "another copy of this workspace is newer: this one can only be read",
                "see docs/keys.md",
            )
        policy = self._holding.policy
        hours = policy.parameters(TwoPersons).approval_valid_hours
        for approval in ApprovalStore(self._holding.database).list():
            if approval.state(utc_now(), valid_hours=hours) is ApprovalState.ASKED:
                yield _waits(
                    "C5.1",
                    f"{approval.asked_by} asks for a second person: {approval.action.value}",
                    f"clearance people approve {approval.id}",
                )
        if policy.review_due < policy.day(utc_now()):
            yield _waits("C5.5", f"the policy's review was due on {policy.review_due}", "edit policy.yaml")


def _waits(control: str, what: str, then: str) -> dict[str, str]:
    return {"control": control, "what": what, "next": then}
