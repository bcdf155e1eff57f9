"""The credit line of every picture that goes out, as its licence asks for it. Pure.

What a licence asks for and nobody recorded is not invented: such pictures are told apart and counted.

Source: Creative Commons 4.0 section 3(a)(1) (title, creator, notices, source, licence, changes); C1.3.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
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
    """As the picture's own metadata states it; empty where it states none."""
    caption: str
    """Of the table that it was collected by: no title, and not in the credit line."""
    creator: str
    """As the picture, or whoever holds rights in it, states it; empty where nobody does."""
    credit: str
    """Who is to be named: the credit line that is asked for, or else the creators; empty where nobody is."""
    copyright_notice: str
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
    *("item_id", "credit_line", "state", "title", "caption", "creator", "credit", "copyright_notice", "url"),
    *("basis", "licence", "licence_url", "licensor", "conditions", "changes"),
)


def attribute(record: Mapping[str, Any], contract: Licence | None, *, organisation: str) -> Attribution:
    """Return whom to name for a kept picture, from its record and the contract that it came under."""
    credit = credit_of(record)
    notice = _copyright_notice(record)
    basis = Basis(record["basis"])
    licence = normalise_licence(record["licence"]) if basis is Basis.OPEN_LICENCE else None
    known = licence if isinstance(licence, OpenLicence) else None
    title = _plain(record.get("described", {}).get("headline", ""))
    changes = _changes(record["picture"])
    under = _under(basis, known, contract, record["licence"], organisation=organisation)
    is_asked = basis is Basis.LICENCE or (known is not None and known.needs_attribution)
    if credit:
        state = CreditState.GIVEN if is_asked else CreditState.NOT_ASKED
    else:
        state = CreditState.MISSING if is_asked else CreditState.NOT_ASKED
    called = f"“{title}”" if title else "Picture"
    titled = f"{called} by {credit}" if credit else f"{called}, creator not recorded"
    # Where the notice is all that is stated, it stands there already.
    noticed = f" {_closed(notice)}" if notice and notice != credit else ""
    return Attribution(
        item_id=record["item_id"],
        title=title,
        caption=_plain(record["row"]["caption"]),
        creator=creators_of(record),
        credit=credit,
        copyright_notice=notice,
        url=_plain(record["url"]),
        basis=basis.value,
        licence=known.id if known is not None else _plain(record["licence"]),
        licence_url=known.url if known is not None else "",
        licensor=_plain(contract.licensor) if contract is not None else "",
        conditions=_plain(contract.conditions) if contract is not None else "",
        changes=changes,
        state=state,
        line=f"{titled}, {_plain(record['url'])}.{noticed} {under}. Changes: {changes}.",
    )


def credit_of(record: Mapping[str, Any]) -> str:
    """Return who is to be named for a picture; empty where nothing says it.

    A credit line is how the rights holder asks to be named, and stands alone, as it is; creators are named
    where there is none, and the copyright notice where there are neither.

    Source: IPTC Photo Metadata Standard 2025.1, Credit Line; Creative Commons 4.0 section 3(a)(1)(A)(i).
    """
    return _first(record, "credit_line", "credit") or creators_of(record) or _copyright_notice(record)


def creators_of(record: Mapping[str, Any]) -> str:
    """Return who made a picture, as stated; empty where nobody states it."""
    stated = record.get("described", {}).get("creators") or _noted(record, "creator")
    values = dict.fromkeys(value.strip() for value in stated)
    values.pop("", None)
    return _plain(", ".join([*values][:_MAX_NAMES]))


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
        attribution.caption,
        attribution.creator,
        attribution.credit,
        attribution.copyright_notice,
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


def _copyright_notice(record: Mapping[str, Any]) -> str:
    return _first(record, "copyright_notice", "copyright-notice")


def _first(record: Mapping[str, Any], described: str, noted: str) -> str:
    """Return what the picture's metadata states, else the nearest that was noted beside it."""
    stated = (record.get("described", {}).get(described, ""), *_noted(record, noted))
    return next((plain for value in stated if (plain := _plain(value))), "")


def _noted(record: Mapping[str, Any], name: str) -> Iterator[str]:
    return (value for noted, value in record.get("rights", []) if noted == name)


def _closed(sentence: str) -> str:
    return sentence if sentence.endswith(".") else f"{sentence}."


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
