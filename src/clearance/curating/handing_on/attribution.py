"""The credit line of every picture that goes out, as its licence asks for it. Pure.

What a licence asks for and nobody recorded is not invented: such pictures are told apart and counted.

Source: Creative Commons 4.0 section 3(a)(1) (title, creator, notices, source, licence, changes); C1.3.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, assert_never

from clearance.errors import printable
from clearance.sourcing import Basis, Licence, OpenLicence, normalise_licence

_MAX_CHARS = 1000
"""Of one value in a credit line; the record has the whole of it."""
_MAX_NAMES = 5
"""Of one kind in a credit line."""
_FORMULA = ("=", "+", "-", "@")
"""A cell that begins with one of these is computed by spreadsheet programs."""


class CreditState(StrEnum):
    """How a picture stands with the credit that is due for it."""

    GIVEN = "given"
    MISSING = "missing"
    """The licence asks for a credit, and none is on record."""
    NOT_ASKED = "not-asked"
    """Nothing asks for a credit; it is given as a courtesy where there is one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Attribution:
    """Whom to name for one picture, and under what it is used."""

    item_id: str
    title: str
    creator: str
    """As the picture, or whoever holds rights in it, states it; empty where nobody does."""
    url: str
    basis: str
    licence: str
    licence_url: str
    """Empty where the licence is a contract or there is none."""
    licensor: str
    conditions: str
    changes: str
    state: CreditState
    line: str
    """The credit line as it may be printed."""

    @property
    def is_missing(self) -> bool:
        """Whether a credit is due and none is on record."""
        return self.state is CreditState.MISSING


ATTRIBUTION_TABLE = "attribution.csv"
COLUMNS = (
    *("item_id", "credit_line", "state", "title", "creator", "url", "basis", "licence", "licence_url"),
    *("licensor", "conditions", "changes"),
)


def attribute(record: Mapping[str, Any], contract: Licence | None, *, organisation: str) -> Attribution:
    """Return whom to name for a kept picture, from its record and the contract that it came under."""
    creator = credit_of(record)
    basis = Basis(record["basis"])
    licence = normalise_licence(record["licence"]) if basis is Basis.OPEN_LICENCE else None
    known = licence if isinstance(licence, OpenLicence) else None
    title = _plain(record["row"]["caption"])
    changes = _changes(record["picture"])
    under = _under(basis, known, contract, record["licence"], organisation=organisation)
    is_asked = basis is Basis.LICENCE or (known is not None and known.needs_attribution)
    if creator:
        state = CreditState.GIVEN if is_asked else CreditState.NOT_ASKED
    else:
        state = CreditState.MISSING if is_asked else CreditState.NOT_ASKED
    named = creator or "creator not recorded"
    titled = f"“{title}” by {named}" if title else f"Picture by {named}"
    return Attribution(
        item_id=record["item_id"],
        title=title,
        creator=creator,
        url=_plain(record["url"]),
        basis=basis.value,
        licence=known.id if known is not None else _plain(record["licence"]),
        licence_url=known.url if known is not None else "",
        licensor=_plain(contract.licensor) if contract is not None else "",
        conditions=_plain(contract.conditions) if contract is not None else "",
        changes=changes,
        state=state,
        line=f"{titled}, {_plain(record['url'])}. {under}. Changes: {changes}.",
    )


def credit_of(record: Mapping[str, Any]) -> str:
    """Return who is to be named for a picture, as its own metadata says; empty where it says nothing."""
    rights = record.get("rights", [])
    parts = (_stated(rights, "creator"), _stated(rights, "credit"))
    return " / ".join(dict.fromkeys(part for part in parts if part)) or _stated(rights, "copyright-notice")


def csv_header() -> str:
    """Return the first line of the attribution table."""
    return _csv_line(COLUMNS)


def csv_line(attribution: Attribution) -> str:
    """Return one picture's line of the attribution table; no cell of it is ever a formula."""
    return _csv_line([_safe_cell(value) for value in _values(attribution)])


def text_line(attribution: Attribution) -> str:
    """Return one picture's line of the list for people."""
    return f"{attribution.item_id}  {attribution.line}\n"


def _values(attribution: Attribution) -> list[str]:
    return [
        attribution.item_id,
        attribution.line,
        attribution.state.value,
        attribution.title,
        attribution.creator,
        attribution.url,
        attribution.basis,
        attribution.licence,
        attribution.licence_url,
        attribution.licensor,
        attribution.conditions,
        attribution.changes,
    ]


def _under(
    basis: Basis, known: OpenLicence | None, contract: Licence | None, stated: str, *, organisation: str
) -> str:
    """Say in words under what a picture is used."""
    match basis:
        case Basis.LICENCE:
            if contract is None:
                return f"Licensed by contract {_plain(stated)}"
            return f"Licensed by {_plain(contract.licensor)} ({contract.id})"
        case Basis.OPEN_LICENCE:
            return f"{known.id}, {known.url}" if known is not None else f"Licence {_plain(stated)}"
        case Basis.PUBLIC_DOMAIN:
            return f"Public domain{f' ({_plain(stated)})' if stated else ''}"
        case Basis.OWN_WORK:
            return f"Own work of {_plain(organisation)}"
        case Basis.TDM_EXCEPTION:
            return "No licence: taken for text and data mining, all rights stay with their holders"
        case _ as never:
            assert_never(never)


def _stated(rights: Sequence[Sequence[str]], name: str) -> str:
    values = [value for noted, value in rights if noted == name and value.strip()]
    return _plain(", ".join(dict.fromkeys(values[:_MAX_NAMES])))


def _changes(picture: Mapping[str, Any]) -> str:
    kept = picture["kept"]
    same = {picture["width"], picture["height"]} == {kept["width"], kept["height"]}
    return "re-encoded as JPEG" if same else "resized and re-encoded as JPEG"


def _plain(text: str) -> str:
    return printable(" ".join(text.split()), max_chars=_MAX_CHARS)


def _safe_cell(value: str) -> str:
    return f"'{value}" if value.lstrip().startswith(_FORMULA) else value


def _csv_line(cells: list[str] | tuple[str, ...]) -> str:
    line = io.StringIO()
    csv.writer(line, lineterminator="\n").writerow(cells)
    return line.getvalue()
