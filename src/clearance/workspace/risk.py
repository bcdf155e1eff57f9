"""Risk analyses, wired: the form for a project, the signature under it, and whether it still holds (C3.3)."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable, Mapping
from dataclasses import asdict, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from clearance.collecting import utc_now
from clearance.errors import BadInput, Refused, StorageError, printable
from clearance.governing import (
    MAX_ANALYSIS_BYTES,
    Finding,
    Permission,
    Project,
    RiskAnalysis,
    RiskStore,
    SignedAnalysis,
    SourceOnRecord,
    against_collection,
    covers_of,
    describe_findings,
    draft_analysis,
    findings_against,
    read_analysis,
    render_risk,
)
from clearance.identifiers import sha256_of
from clearance.policy import RiskDuty
from clearance.register import NONCE_BYTES, Event, canonical, commitment, read_entry
from clearance.sourcing import Licence
from clearance.workspace.holding import Holding
from clearance.workspace.origins import Licences, Sources
from clearance.workspace.promises import Projects

_EVENT = "risk-signed"
_MAX_NAME_CHARS = 200


class Risks:
    """The risk analyses of a workspace."""

    def __init__(
        self,
        holding: Holding,
        *,
        projects: Projects,
        sources: Sources,
        licences: Licences,
        clock: Callable[[], datetime] = utc_now,
    ) -> None:
        self._holding = holding
        self._projects = projects
        self._sources = sources
        self._licences = licences
        self._clock = clock
        self._store = RiskStore(holding.database)

    def draft(self, project: str, *, file: Path | None = None) -> dict[str, Any]:
        """Write the form of an analysis, filled in with what is recorded; a file that is there stays.

        Raises:
            BadInput: there is no such project, or the file cannot be written or is there already.
        """
        self._holding.require(Permission.PLAN)
        known = self._projects.get(project)
        sources = self._on_record()
        licences = (_licence_line(each) for each in self._licences.by_id().values())
        text = draft_analysis(known, sources.values(), licences=licences)
        path = file or self._path(project)
        try:
            if file is None:
                path.parent.mkdir(exist_ok=True)
            with path.open("x", encoding="utf-8") as opened:
                opened.write(text)
        except FileExistsError as error:
            raise BadInput(
                f"{path} is there already, and is not written over: correct it, or name another with --file"
            ) from error
        except OSError as error:
            raise BadInput(f"{path}: {error.strerror}") from error
        found = read_analysis(text.encode(), where=str(path)).findings
        return {"project": project, "file": str(path), "blank": [finding.place for finding in found]}

    def sign(self, project: str, *, by: str, file: Path | None = None) -> dict[str, Any]:
        """Sign an analysis as it stands in its file, and put its commitment into the log.

        Raises:
            BadInput: something is blank, unknown or contradicts the record, or the decision is to stop; the
                message says all of it, with the place.
        """
        self._holding.require(Permission.SIGN_RISK)
        signer = by.strip()
        if not 0 < len(signer) <= _MAX_NAME_CHARS or not signer.isprintable():
            raise BadInput(f"--by {printable(by)!r}: the name of the person who signs")
        known = self._projects.get(project)
        content, path = self._content(project, file)
        with self._holding.locked():
            sources = self._on_record()
            read = read_analysis(content, where=str(path))
            found = (*read.findings, *findings_against(read.analysis, known, sources))
            if found:
                raise BadInput(f"{path}: not to be signed yet: {describe_findings(found)}")
            signed = SignedAnalysis(
                project=project,
                content=content,
                nonce=secrets.token_bytes(NONCE_BYTES),
                covers=covers_of(read.analysis, known, sources),
                signed_by=signer,
                recorded_by=self._holding.actor.name,
                signed_at=self._clock(),
            )
            # The log first: whatever a crash leaves, nothing is collected on what the log does not hold.
            self._holding.log_event(_EVENT, analysis=_commitment(signed))
            self._store.add(signed)
            return self._standing(known, replace(signed, is_logged=True))

    def show(self, project: str, *, file: Path | None = None, html: Path | None = None) -> dict[str, Any]:
        """Return the analysis in force and whether it still holds, or a draft with what it lacks.

        Args:
            project: whose analysis.
            file: a draft to show in place of what is signed.
            html: where to write it as a page.

        Raises:
            BadInput: there is no such project, the draft cannot be read, or nothing is there for a page.
        """
        self._holding.require(Permission.VIEW)
        known = self._projects.get(project)
        facts = self._draft_facts(known, file) if file is not None else self._signed_facts(known)
        if html is None:
            return facts
        if facts["analysis"] is None:
            raise BadInput(f"project {project!r}: nothing is signed yet; --file makes a page of a draft")
        try:
            html.write_text(
                render_risk({**facts, "organisation": self._holding.configuration.organisation.name}),
                encoding="utf-8",
            )
        except OSError as error:
            raise StorageError(f"{html}: {error.strerror}") from error
        return {**facts, "html": str(html)}

    def require_signed(self, project: Project, sources: Iterable[str] = ()) -> None:
        """Go on only where an analysis is signed that holds for the project and covers these sources (C3.3).

        Raises:
            Refused: none does; the message says why, and what to do next.
        """
        self._holding.require(Permission.VIEW)
        self._holding.require(Permission.COLLECT)
        why = self._against(project, self._latest(project.name), sources)
        if why:
            raise Refused(
                f"project {project.name!r}, rule risk-signed (C3.3): {'; '.join(why)}; {self._next(project)}"
            )

    def _against(
        self, project: Project, signed: SignedAnalysis | None, sources: Iterable[str]
    ) -> tuple[str, ...]:
        known = self._on_record()
        reasons = against_collection(
            signed,
            project=project,
            sources=[known[name] for name in sorted(set(sources))],
            now=self._clock(),
            policy=self._holding.policy,
        )
        return tuple(reason.detail for reason in reasons)

    def _next(self, project: Project) -> str:
        path = self._path(project.name)
        sign = f"`clearance risk sign --project {project.name} --by NAME`"
        if path.exists():
            return f"bring {path} up to date, then {sign}"
        return f"`clearance risk draft --project {project.name}` writes a form to fill in, then {sign}"

    def _signed_facts(self, project: Project) -> dict[str, Any]:
        signed = self._latest(project.name)
        if signed is None:
            return {
                "project": project.name,
                "state": "none",
                "why": list(self._against(project, None, ())),
                "next": self._next(project),
                "analysis": None,
            }
        read = read_analysis(signed.content, where=f"the signed analysis of {project.name}")
        return {**self._standing(project, signed), "analysis": analysis_facts(read.analysis)}

    def _standing(self, project: Project, signed: SignedAnalysis) -> dict[str, Any]:
        known = self._on_record()
        covered = [name for name in signed.covers.sources if name in known]
        why = self._against(project, signed, covered)
        valid = timedelta(days=self._holding.policy.parameters(RiskDuty).valid_days)
        return {
            "project": project.name,
            "state": "outdated" if why else "current",
            "why": list(why),
            "next": self._next(project) if why else "",
            "signed_by": signed.signed_by,
            "recorded_by": signed.recorded_by,
            "signed_at": signed.signed_at.isoformat(),
            "valid_until": (signed.signed_at + valid).isoformat(),
            "covers": covered,
            "not_covered": [name for name in known if name not in signed.covers.sources],
            "commitment": _commitment(signed),
            "in_log": signed.is_logged,
        }

    def _draft_facts(self, project: Project, file: Path) -> dict[str, Any]:
        content, path = self._content(project.name, file)
        read = read_analysis(content, where=str(path))
        found = (*read.findings, *findings_against(read.analysis, project, self._on_record()))
        return {
            "project": project.name,
            "state": "draft",
            "why": [],
            "findings": [_finding_facts(finding) for finding in found],
            "analysis": analysis_facts(read.analysis),
        }

    def _latest(self, project: str) -> SignedAnalysis | None:
        """Return what was signed last, and whether the log holds it."""
        signed = self._store.latest(project)
        if signed is None:
            return None
        sought = _commitment(signed)
        entries = (read_entry(raw) for raw in self._holding.stores.log.entries() if sought.encode() in raw)
        is_logged = any(
            isinstance(entry, Event) and entry.kind == _EVENT and entry.facts.get("analysis") == sought
            for entry in entries
        )
        return replace(signed, is_logged=is_logged)

    def _content(self, project: str, file: Path | None) -> tuple[bytes, Path]:
        path = file or self._path(project)
        try:
            with path.open("rb") as opened:
                return opened.read(MAX_ANALYSIS_BYTES + 1), path
        except FileNotFoundError as error:
            raise BadInput(
                f"{path} is not there; `clearance risk draft --project {project}` writes a form to fill in"
            ) from error
        except OSError as error:
            raise BadInput(f"{path}: {error.strerror}") from error

    def _path(self, project: str) -> Path:
        return self._holding.root / "risk" / f"{project}.yaml"

    def _on_record(self) -> Mapping[str, SourceOnRecord]:
        return {
            source.name: SourceOnRecord(
                name=source.name,
                basis=source.basis.value,
                hosts=tuple(pattern.text for pattern in source.hosts),
                open_licence=source.open_licence,
            )
            for source in self._sources.all()
        }


def analysis_facts(analysis: RiskAnalysis) -> dict[str, Any]:
    """Return an analysis as plain values, in the words of its file, with the risks that follow."""
    facts = asdict(analysis)
    project = facts["project"]
    for name in ("starts", "ends"):
        project[name] = project[name].isoformat() if project[name] else None
    facts["alternatives"] = [
        {"alternative": each.name, "considered": each.considered} for each in analysis.alternatives
    ]
    facts["harms"] = [
        {**asdict(each), "risk": each.risk, "residual_risk": each.residual_risk} for each in analysis.harms
    ]
    return facts


def _finding_facts(finding: Finding) -> dict[str, str]:
    return {"place": finding.place, "what": finding.what}


def _commitment(signed: SignedAnalysis) -> str:
    """Commit to the file and to everything that decides whether it holds: what it covers, who, when."""
    covers = signed.covers
    facts = canonical(
        {
            "content": sha256_of(signed.content),
            "covers": {
                "purpose": covers.purpose,
                "use": covers.use,
                "target": covers.target,
                "subjects": [[name, target] for name, target in sorted(covers.subjects.items())],
                "ends": covers.ends.isoformat() if covers.ends else None,
                "sources": [[name, digest] for name, digest in sorted(covers.sources.items())],
            },
            "signed_by": signed.signed_by,
            "recorded_by": signed.recorded_by,
            "signed_at": signed.signed_at.isoformat(),
        }
    )
    return commitment(signed.nonce, facts).hex()


def _licence_line(licence: Licence) -> str:
    until = f" until {licence.valid_until}" if licence.valid_until else ""
    uses = ", ".join(sorted(grant.value for grant in licence.grants))
    return f"{licence.id} of {licence.licensor} for {', '.join(licence.sources)}: {uses}{until}"
