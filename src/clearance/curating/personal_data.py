"""Personal data in captions, addresses, file names and in the words that were read in a picture. Pure.

What is found is told by its kind and place, masked: the number or address itself is stored nowhere. Whom to
credit and whom to ask for a licence is rights information, not personal data to take away. That nothing was
found says nothing: names are not looked for at all.

Source: GDPR article 4(1); ISO 13616 (IBAN), ISO/IEC 7812 (cards), ICAO Doc 9303 (travel documents); C4.1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Literal
from urllib.parse import unquote

Where = Literal["caption", "file-name", "url", "keywords", "table", "pixels"]

_MAX_CHARS = 20_000
_MAX_FINDINGS = 20
_MAX_SNIPPET_CHARS = 40


class PersonalDataKind(StrEnum):
    """What was found, by the names that the policy uses."""

    E_MAIL = "e-mail"
    PHONE = "phone"
    IBAN = "iban"
    CARD = "card"
    TRAVEL_DOCUMENT = "travel-document"
    NUMBER_PLATE = "number-plate"
    NAME_BADGE = "name-badge"


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonalData:
    """One finding."""

    kind: PersonalDataKind
    where: Where
    snippet: str
    """Its first character and its shape; every other letter and digit is a star."""


# All repetitions are bounded, and none begins where another may end: time is linear in the text.
_E_MAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])([A-Za-z0-9._%+-]{1,64})@((?:[A-Za-z0-9-]{1,63}\.){1,6})([A-Za-z]{2,24})(?![A-Za-z0-9])"
)
_ROLES = re.compile(
    r"(?:licen[cs]\w*|lizenz\w*|rights|sales|info|office|contact|kontakt|press|presse|media|photo\w*|foto\w*|image\w*"
    r"|picture\w*|bild\w*|redaktion|editorial|archiv\w*|support|hello|mail|desk)",
    re.IGNORECASE,
)
"""Addresses of an office, not of a person."""
_RIGHTS_CUE = re.compile(
    r"licen[cs]|lizenz|rights|copyright|©|\(c\)|credit|courtesy|(?:photo|foto|image|picture)s?\s*(?:by|von|par|:)",
    re.IGNORECASE,
)
_CUE_REACH = 80
"""Characters before an address in which a word of rights makes it a contact for licences."""
_FILE_ENDINGS = frozenset(
    {
        "png",
        "jpg",
        "jpeg",
        "webp",
        "gif",
        "avif",
        "tif",
        "tiff",
        "svg",
        "html",
        "php",
        "pdf",
        "mp",
        "css",
        "js",
    }
)
"""What follows `@2x.` in the name of a file is no domain."""
_INTERNATIONAL = re.compile(r"(?:(?<![\d+])\+|(?<!\w)(?<!\d )00)[1-9](?:[ ().\-/]{0,2}\d){7,14}(?!\d)")
"""A reader of pictures leaves out the blank before the plus sign."""
_NATIONAL = re.compile(
    r"(?<!\w)(?:tel(?:efon|ephone|éfono)?|phone|mobile?|mobil|handy|cell|call|fon|fax|whatsapp|sms|✆|☎)(?!\w)[.:]{0,2}\s{0,3}"
    r"(\(?\d(?:[ ().\-/]{0,2}\d){5,13})(?!\d)",
    re.IGNORECASE,
)
_NORTH_AMERICAN = re.compile(r"(?<![\w.-])\(?[2-9]\d{2}\)?[ .-][2-9]\d{2}[ .-]\d{4}(?![\w-])")
_IBAN = re.compile(r"(?<![A-Za-z0-9])([A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30})")
_IBAN_CHARS = {
    **{"NO": 15, "BE": 16, "DK": 18, "FI": 18, "NL": 18, "MK": 19, "SI": 19, "AT": 20, "BA": 20, "EE": 20},
    **{"LT": 20, "LU": 20, "XK": 20, "CH": 21, "HR": 21, "LI": 21, "LV": 21, "BG": 22, "DE": 22, "GB": 22},
    **{"GE": 22, "IE": 22, "ME": 22, "RS": 22, "AE": 23, "GI": 23, "IL": 23, "AD": 24, "CZ": 24, "ES": 24},
    **{"MD": 24, "PK": 24, "RO": 24, "SA": 24, "SE": 24, "SK": 24, "TN": 24, "PT": 25, "IS": 26, "TR": 26},
    **{"FR": 27, "GR": 27, "IT": 27, "MC": 27, "SM": 27, "AL": 28, "AZ": 28, "CY": 28, "HU": 28, "LB": 28},
    **{"PL": 28, "BR": 29, "QA": 29, "UA": 29, "JO": 30, "KW": 30, "MT": 31},
}
_CARD = re.compile(r"(?<![\d.])\d(?:[ -]?\d){12,18}(?![\d])")
_ISSUERS = re.compile(r"4|5[1-5]|2[2-7]|3[47]|35|30|36|38|6011|64|65|62")
_MACHINE_READABLE = re.compile(r"[A-Z0-9<]{20,100}")
_LEAST_FILLERS = 4
_PLATES = re.compile(
    r"[A-ZÄÖÜ]{1,3}[-·• ][A-Z]{1,2} ?\d{1,4}[EH]?"  # Germany
    r"|[A-Z]{2}\d{2} ?[A-Z]{3}"  # United Kingdom
    r"|[A-Z]{2}[- ]?\d{3}[- ]?[A-Z]{2}"  # France, Italy
    r"|\d{4} ?[BCDFGHJKLMNPRSTVWXYZ]{3}"  # Spain
    r"|[A-Z]{3}[-· ]?\d{3,4}|\d[A-Z]{3}\d{3}"  # the Americas, Scandinavia
    r"|[A-Z]{2}-\d{2}-\d{2}|\d{2}-[A-Z]{2,3}-\d{1,2}|[A-Z]{1,2}-\d{3}-[A-Z]{1,2}"  # Netherlands
)
_NO_PLATES = frozenset(
    {"ISO", "DIN", "IEC", "IEEE", "USB", "DSC", "IMG", "RFC", "VOL", "MAX", "MIN", "FIG", "NO"}
)
_BADGE = re.compile(r"mynameis|meinnameist|jemappelle|mellamo|minamees")
_NAMED = re.compile(r"\b[Nn](?:ame|AME)\s{0,3}:\s{0,3}[^\W\d_]{2,40}\s[^\W\d_]{2,40}")


def find_personal_data(text: str, where: Where) -> tuple[PersonalData, ...]:
    """Return what a text holds, each kind and shape once; the text is read up to a bound."""
    bounded = text[:_MAX_CHARS]
    if where in ("url", "file-name"):
        bounded = unquote(bounded)
    found = dict.fromkeys(
        PersonalData(kind=kind, where=where, snippet=_masked(value)) for kind, value in _in(bounded, where)
    )
    return tuple(found)[:_MAX_FINDINGS]


def _in(text: str, where: Where) -> Iterator[tuple[PersonalDataKind, str]]:
    yield from _e_mails(text)
    yield from _ibans(text)
    if where in ("url", "file-name"):
        # Addresses and names of files are full of numbers that are those of pictures.
        return
    if where == "table":
        # Columns are full of numbers, too; one with the code of a country is dialled.
        yield from ((PersonalDataKind.PHONE, match[0]) for match in _INTERNATIONAL.finditer(text))
        return
    yield from _phones(text)
    yield from _cards(text)
    yield from _travel_documents(text)
    if where == "pixels":
        # Elsewhere a short code of letters and digits is hardly ever a plate.
        yield from _plates(text)
        yield from _badges(text)
    for match in _NAMED.finditer(text):
        yield PersonalDataKind.NAME_BADGE, match[0]


def _e_mails(text: str) -> Iterator[tuple[PersonalDataKind, str]]:
    for match in _E_MAIL.finditer(text):
        before = text[max(0, match.start() - _CUE_REACH) : match.start()]
        is_rights = _ROLES.fullmatch(match[1]) or _RIGHTS_CUE.search(before)
        if match[3].lower() not in _FILE_ENDINGS and not is_rights:
            yield PersonalDataKind.E_MAIL, match[0]


def _phones(text: str) -> Iterator[tuple[PersonalDataKind, str]]:
    for match in _INTERNATIONAL.finditer(text):
        yield PersonalDataKind.PHONE, match[0]
    for match in _NATIONAL.finditer(text):
        yield PersonalDataKind.PHONE, match[1]
    for match in _NORTH_AMERICAN.finditer(text):
        yield PersonalDataKind.PHONE, match[0]


def _ibans(text: str) -> Iterator[tuple[PersonalDataKind, str]]:
    for match in _IBAN.finditer(text):
        compact = re.sub(r"[ -]", "", match[0]).upper()
        # What follows the number may be read along with it: its country says how long it is.
        number = compact[: _IBAN_CHARS.get(compact[:2], len(compact))]
        if len(number) == _IBAN_CHARS.get(number[:2], 0) and _has_check_digits(number):
            yield PersonalDataKind.IBAN, number


def _has_check_digits(iban: str) -> bool:
    """Check by ISO 7064 MOD 97-10."""
    digits = "".join(str(int(char, 36)) for char in iban[4:] + iban[:4])
    return int(digits) % 97 == 1


def _cards(text: str) -> Iterator[tuple[PersonalDataKind, str]]:
    for match in _CARD.finditer(text):
        digits = re.sub(r"[ -]", "", match[0])
        if digits.isascii() and _ISSUERS.match(digits) and len(set(digits)) > 1 and _is_luhn(digits):
            yield PersonalDataKind.CARD, digits


def _is_luhn(digits: str) -> bool:
    """Check by ISO/IEC 7812-1 annex B."""
    doubled = [int(digit) * 2 for digit in digits[-2::-2]]
    total = sum(map(int, digits[-1::-2])) + sum(value - 9 if value > 9 else value for value in doubled)
    return total % 10 == 0


def _travel_documents(text: str) -> Iterator[tuple[PersonalDataKind, str]]:
    # Blanks are read into the line, and its fillers as the quotation marks of French.
    compact = text.replace("«", "<<").replace("‹", "<").replace(" ", "")
    for match in _MACHINE_READABLE.finditer(compact):
        line = match[0]
        if line.count("<") >= _LEAST_FILLERS and sum(char != "<" for char in line) >= 5:
            yield PersonalDataKind.TRAVEL_DOCUMENT, line


def _plates(text: str) -> Iterator[tuple[PersonalDataKind, str]]:
    line = text.strip()
    if _PLATES.fullmatch(line) and re.split(r"[^A-Z]", line)[0] not in _NO_PLATES:
        yield PersonalDataKind.NUMBER_PLATE, line


def _badges(text: str) -> Iterator[tuple[PersonalDataKind, str]]:
    letters = "".join(char for char in text.casefold() if char.isalpha())
    if _BADGE.search(letters):
        yield PersonalDataKind.NAME_BADGE, "name badge"


def _masked(value: str) -> str:
    """Leave the first character and the shape of what was found."""
    rest = "".join("*" if char.isalnum() else char for char in value[1:_MAX_SNIPPET_CHARS])
    return value[:1] + rest
