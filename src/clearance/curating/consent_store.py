"""The model releases and property releases of one workspace; their personal parts are sealed.

What can be listed stands in the tables under a pseudonym; names, places and what somebody declared of
themselves are sealed under a key of the workspace, each bound to its record.

Source: P2.1, C4.1, C5.1; GDPR articles 4(5), 7(1), 7(3), 17, 32.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import unicodedata
from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import Connection, delete, insert, select, update

from clearance.curating.consent_covers import AT_ONCE, covered, remember_withdrawn, remembered, uncover
from clearance.curating.consent_rows import ERASED, consent_of, content_of, cover_of
from clearance.curating.people.consent_reading import ReadConsent
from clearance.curating.people.consents import (
    Consent,
    ConsentIndex,
    ConsentKind,
    ConsentState,
    Cover,
    CoverKind,
    Pictured,
    Withdrawal,
)
from clearance.curating.tables import consent_covers, consents
from clearance.database import Database
from clearance.errors import BadInput, printable
from clearance.identifiers import ItemId, Sha256
from clearance.parts import in_parts
from clearance.register import ItemStore
from clearance.vault import open_text, seal_text

_PSEUDONYM_CHARS = 16

Attributes = dict[ItemId, list[tuple[str, str]]]
"""Names and values that people in a picture declared of themselves, by item."""


class ConsentStore:
    """The records of one workspace; `key` returns 32 bytes, and is asked when first needed."""

    def __init__(self, database: Database, key: Callable[[], bytes], items: ItemStore) -> None:
        self._database = database
        self._key = key
        self._items = items

    def check_new(self, read: ReadConsent) -> None:
        """Refuse what cannot be recorded.

        Raises:
            BadInput: its document is another person's already: one of the two was never asked.
        """
        subject = self._pseudonym(read)
        with self._database.begin() as connection:
            _refuse_reuse(connection, read.document_sha256, subject)

    def add(self, read: ReadConsent, *, new: str, by: str, now: datetime) -> Consent:
        """Record a model release or property release under its id (`new_consent_id`).

        Raises:
            BadInput: its document is another person's already.
        """
        subject = self._pseudonym(read)
        with self._database.begin() as connection:
            _refuse_reuse(connection, read.document_sha256, subject)
            connection.execute(
                insert(consents).values(
                    id=new,
                    kind=read.kind.value,
                    subject=subject,
                    document_sha256=read.document_sha256,
                    content=content_of(read),
                    sealed=seal_text(self._key(), json.dumps(read.personal), place=_place(new)),
                    shoot_from=read.shoot_from,
                    shoot_to=read.shoot_to,
                    signed_at=read.signed_at,
                    expires_at=read.expires_at,
                    recorded_by=by,
                    recorded_at=now,
                )
            )
            covers = [
                {"consent": new, "kind": cover.kind.value, "covered": cover.value, "person": cover.person}
                for cover in read.covers
            ]
            connection.execute(insert(consent_covers), covers)
        return self.get(new)

    def all(self) -> tuple[Consent, ...]:
        """Return all records, oldest first."""
        with self._database.begin() as connection:
            covers: dict[str, list[Cover]] = {}
            lines = select(consent_covers).order_by(
                consent_covers.c.kind, consent_covers.c.covered, consent_covers.c.person
            )
            for row in connection.execute(lines).mappings():
                covers.setdefault(row["consent"], []).append(cover_of(row))
            query = select(consents).order_by(consents.c.recorded_at, consents.c.id)
            rows = connection.execute(query).mappings().all()
        owners: dict[str, set[str]] = {}
        for row in rows:
            owners.setdefault(row["document_sha256"], set()).add(row["subject"])
        return tuple(
            consent_of(row, covers.get(row["id"], ()), is_shared=len(owners[row["document_sha256"]]) > 1)
            for row in rows
        )

    def get(self, consent: str) -> Consent:
        """Return one record.

        Raises:
            BadInput: there is none of that id.
        """
        found = next((each for each in self.all() if each.id == consent), None)
        if found is None:
            raise BadInput(f"no consent {printable(consent)!r}; `clearance consent list` shows them")
        return found

    def index(self) -> ConsentIndex:
        """Return what finds the records that cover a picture; read once, asked often."""
        return ConsentIndex(self.all(), self._keyed)

    def personal(self, consent: str) -> dict[str, Any]:
        """Open the personal parts of a record; nothing where they were erased.

        Raises:
            WrongKey: they were changed, or belong to another record.
        """
        with self._database.begin() as connection:
            sealed = connection.execute(
                select(consents.c.sealed).where(consents.c.id == consent)
            ).scalar_one()
        opened: dict[str, Any] = (
            json.loads(open_text(self._key(), bytes(sealed), place=_place(consent))) if sealed else {}
        )
        return opened

    def noted(self, consent: str) -> Mapping[str, Any]:
        """Return what else was noted of a record: the form that was signed, who recorded it and when."""
        with self._database.begin() as connection:
            columns = (consents.c.content, consents.c.recorded_by, consents.c.recorded_at)
            row = connection.execute(select(*columns).where(consents.c.id == consent)).mappings().one()
        content = row["content"]
        return {
            "form": content["form"],
            "notice_version": content["notice_version"],
            "recorded_by": row["recorded_by"],
            "recorded_at": row["recorded_at"],
        }

    def standing(self, consent: str) -> Consent:
        """Return a record that was not withdrawn.

        Raises:
            BadInput: there is none of that id, or it was withdrawn before.
        """
        known = self.get(consent)
        if known.withdrawal is not None:
            raise BadInput(f"{known.id} was withdrawn on {known.withdrawal.at:%Y-%m-%d} already")
        return known

    def withdraw(self, consent: str, withdrawal: Withdrawal) -> Consent:
        """Note that consent was withdrawn; the first withdrawal stands.

        Raises:
            BadInput: there is none of that id, or it was withdrawn before.
        """
        known = self.standing(consent)
        with self._database.begin() as connection:
            _note_withdrawal(connection, known.id, withdrawal)
        return self.get(consent)

    def erase(self, consent: str, withdrawal: Withdrawal) -> Consent:
        """Erase what a record says of its person; that there was one, and which pictures it spoke of, stays.

        The pictures stay out: a record that is erased counts as withdrawn for ever (GDPR article 17).

        Raises:
            BadInput: there is none of that id.
        """
        known = self.get(consent)
        with self._database.begin() as connection:
            if known.withdrawal is None:
                _note_withdrawal(connection, known.id, withdrawal)
            # A pseudonym of its own: nothing that could be guessed, or compared with another.
            own = {"subject": f"erased-{known.id}", "content": dict(ERASED)}
            connection.execute(
                update(consents).where(consents.c.id == known.id).values(**own, **_nothing_said(known.id))
            )
        return self.get(consent)

    def declared_attributes(self, pictured: Iterable[Pictured], *, at: datetime) -> Attributes:
        """Return what people in pictures declared of themselves for balance audits, by item.

        Only where they consented to just that, and the record is in force. Whoever shows them shows sums:
        never one picture's, nor a group so small that somebody could be known by it (GDPR article 9(2)(a)).
        """
        index = self.index()
        opened: dict[str, list[tuple[str, str]]] = {}
        found: Attributes = {}
        for picture in pictured:
            for line in index.covering(picture):
                consent = line.consent
                if consent.state(at) is not ConsentState.IN_FORCE:
                    continue
                if consent.id not in opened:
                    opened[consent.id] = _attributes(self.personal(consent.id))
                if opened[consent.id]:
                    found.setdefault(picture.item, []).extend(opened[consent.id])
        return found

    def forget(self, items: pa.Array) -> Mapping[str, int]:
        """Erase what records say of items whose records are still there; one that speaks of none goes whole.

        Of one that was withdrawn its id, its pseudonym and a keyed hash of the bytes stay: the same bytes
        collected again are known as withdrawn. Returns how many records went.
        """
        ids = items.to_pylist()
        hashes = self._hashes_of_these_alone(items)
        with self._database.begin() as connection:
            remember_withdrawn(connection, hashes, self._keyed)
            touched = uncover(connection, CoverKind.ITEM, ids)
            touched |= uncover(connection, CoverKind.PICTURE, hashes)
            gone = touched - covered(connection, touched)
            known = remembered(connection, gone)
            for part in in_parts(sorted(gone - known), AT_ONCE):
                connection.execute(delete(consents).where(consents.c.id.in_(part)))
            for consent in sorted(known):
                _empty(connection, consent)
        return {"consents": len(gone)}

    def _keyed(self, sha256: Sha256) -> str:
        digest = hmac.new(self._key(), json.dumps(["picture", sha256]).encode(), hashlib.sha256)
        return digest.hexdigest()

    def _hashes_of_these_alone(self, items: pa.Array) -> set[Sha256]:
        """Return the hashes of bytes that no record which stays has, too."""
        hashes = pc.unique(self._items.rows(["sha256"], key="item_id", values=items).column("sha256"))
        every = self._items.rows(["item_id", "sha256"], key="sha256", values=hashes)
        stays = every.filter(pc.invert(pc.is_in(every.column("item_id"), value_set=items)))
        alone = set(hashes.to_pylist()) - set(stays.column("sha256").to_pylist()) - {""}
        return {Sha256(sha256) for sha256 in alone}

    def _pseudonym(self, read: ReadConsent) -> str:
        """Name a person so that the same one has the same name here, and nobody without the key can tell."""
        named = [_folded(read.subject_name), _folded(read.subject_reference)]
        digest = hmac.new(self._key(), json.dumps(["subject", *named]).encode(), hashlib.sha256)
        return f"P-{digest.hexdigest()[:_PSEUDONYM_CHARS]}"


def new_consent_id(kind: ConsentKind) -> str:
    """Return a random id for a record that is to be made."""
    return f"{'MR' if kind is ConsentKind.MODEL else 'PR'}-{secrets.token_hex(6)}"


def _nothing_said(consent: str) -> dict[str, Any]:
    """Return the columns of what somebody signed, emptied; the hash of the document is one of its own."""
    return {
        "document_sha256": f"erased-{consent}",
        "sealed": b"",
        "signed_at": None,
        "expires_at": None,
    }


def _empty(connection: Connection, consent: str) -> None:
    """Leave of a withdrawn record that it was withdrawn, and the pseudonym under which it can be renewed."""
    row = consents.c.id == consent
    content = connection.execute(select(consents.c.content).where(row)).scalar_one()
    left = {name: value for name, value in ERASED.items() if name != "is_erased" or name in content}
    connection.execute(
        update(consents).where(row).values(content=left, withdrawal={}, **_nothing_said(consent))
    )


def _refuse_reuse(connection: Connection, document: Sha256, subject: str) -> None:
    other = connection.execute(
        select(consents.c.id)
        .where(consents.c.document_sha256 == document, consents.c.subject != subject)
        .limit(1)
    ).scalar()
    if other is not None:
        raise BadInput(
            f"document.sha256: {other} names the same document for somebody else; a model release speaks for"
            " one person"
        )


def _note_withdrawal(connection: Connection, consent: str, withdrawal: Withdrawal) -> None:
    said = {"channel": withdrawal.channel, "effect": withdrawal.effect}
    connection.execute(
        update(consents).where(consents.c.id == consent).values(withdrawn_at=withdrawal.at, withdrawal=said)
    )


def _place(consent: str) -> str:
    return f"consent {consent}"


def _folded(text: str) -> str:
    return " ".join(unicodedata.normalize("NFKC", text).casefold().split())


def _attributes(personal: Mapping[str, Any]) -> list[tuple[str, str]]:
    declared = personal.get("attributes")
    return sorted(declared["values"].items()) if declared and declared["is_consented"] else []
