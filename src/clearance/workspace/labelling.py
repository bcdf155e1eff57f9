"""Give a picture that leaves its rights metadata back, and prove by reading it that nothing else is in it.

Source: IPTC Photo Metadata Standard 2025.1; CEPIC guidelines, Transparency; C1.1, C4.1.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clearance.curating import Attribution
from clearance.errors import IntegrityError, printable
from clearance.identifiers import ItemId, Malformed
from clearance.pictures import RightsMetadata, bounded_rights, read_back, read_described, with_rights
from clearance.policy import MetadataDuty

_MAX_SHOWN = 3
_DATE_CHARS = {"none": 0, "year": len("2026"), "month": len("2026-11")}


def labelled(jpeg: bytes, record: Mapping[str, Any], line: Attribution, duty: MetadataDuty) -> bytes:
    """Return a kept picture with its rights written into it, read back and compared.

    Raises:
        IntegrityError: what stands in it is not what was written, or more than that.
    """
    rights = rights_of(record, line, duty)
    written = with_rights(jpeg, rights)
    read = read_back(written)
    item = ItemId(record["item_id"])
    if isinstance(read, Malformed):
        raise IntegrityError(f"item {item}: its rights cannot be read back: {read.why}")
    if read.leaks:
        found = ", ".join(f"{leak.where} {printable(leak.what)}" for leak in read.leaks[:_MAX_SHOWN])
        raise IntegrityError(f"item {item}: there is more in it than its rights: {found}")
    if read.rights != bounded_rights(rights):
        raise IntegrityError(f"item {item}: the rights that are read back are not those that were written")
    return written


def rights_of(record: Mapping[str, Any], line: Attribution, duty: MetadataDuty) -> RightsMetadata:
    """Return what goes back into a picture: what it said of its rights, and under what it is used now.

    What its own metadata says comes first, and is never written over by what we know from elsewhere.
    """
    said = read_described(record.get("described", {}))
    # Older records have the rights fields alone; the first of a kind is the nearest.
    noted = dict(reversed(record.get("rights", [])))
    creators = said.creators or tuple(value for name, value in record.get("rights", []) if name == "creator")
    return RightsMetadata(
        item=record["item_id"],
        creators=creators,
        copyright_notice=said.copyright_notice or noted.get("copyright-notice", ""),
        credit_line=said.credit_line or noted.get("credit", ""),
        source=said.source or noted.get("source", ""),
        usage_terms=said.usage_terms or noted.get("usage-terms", "") or line.conditions,
        web_statement=said.web_statement or noted.get("web-statement", "") or line.licence_url,
        licence_url=line.licence_url,
        licensor=said.licensor or noted.get("licensor", "") or line.licensor,
        licensor_url=said.licensor_url or noted.get("licensor-url", ""),
        licensor_email=noted.get("licensor-email", ""),
        copyright_owner=said.copyright_owner or noted.get("copyright-owner", ""),
        image_supplier=said.image_supplier,
        image_supplier_id=said.image_supplier_id,
        data_mining=next(iter(said.data_mining), ""),
        other_constraints=said.other_constraints or noted.get("other-constraints", ""),
        job_id=said.job_id,
        digital_source_type=said.digital_source_type,
        country=said.country if duty.keeps_country else "",
        taken=said.taken[: _DATE_CHARS[duty.date_precision]],
    )
