"""Accounts for collection: each has a mailbox, a person who reads it, and the day of the last time (C2.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import RowMapping, insert, select

from clearance.database import Database
from clearance.errors import BadInput, printable
from clearance.governing import checked_name
from clearance.sourcing.tables import account_checks, accounts

_MAILBOX = re.compile(r"[^\s@<>\"(),:;\\\[\]]{1,64}@[^\s@<>\"(),:;\\\[\]]{1,190}")
AHEAD = timedelta(days=1)
"""East of Greenwich it may be tomorrow already; days are compared in UTC."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account that we hold at a site, for instance for its programming interface or its members' area."""

    name: str
    source: str
    mailbox: str
    responsible: str
    """The person who reads the mailbox."""
    last_checked: date | None
    checked_by: str
    """Who did; empty where nobody has yet."""
    created_at: datetime

    def is_overdue(self, today: date, *, max_age_days: int) -> bool:
        """Tell whether the mailbox went unread for too long; a day to come is no check."""
        if self.last_checked is None or self.last_checked > today + AHEAD:
            return True
        return today - self.last_checked > timedelta(days=max_age_days)


class AccountStore:
    """The accounts of one workspace, with every check of their mailboxes."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def add(self, account: Account) -> None:
        """Register an account; its first check, if it had one, is recorded with it.

        Raises:
            BadInput: a value cannot be used, or the name is taken.
        """
        checked_name(account.name, what="account")
        if not _MAILBOX.fullmatch(account.mailbox):
            raise BadInput(f"--mailbox {printable(account.mailbox)!r}: an e-mail address that a person reads")
        if not account.responsible.strip():
            raise BadInput("--responsible is empty: an account has a person who reads its mailbox (C2.2)")
        if account.last_checked is not None:
            _not_to_come(account.last_checked, now=account.created_at)
        if account.name in {known.name for known in self.list()}:
            raise BadInput(f"account {account.name!r} exists already")
        with self._database.begin() as connection:
            connection.execute(
                insert(accounts).values(
                    name=account.name,
                    source=account.source,
                    mailbox=account.mailbox,
                    responsible=account.responsible.strip(),
                    created_at=account.created_at,
                )
            )
            if account.last_checked is not None:
                connection.execute(
                    insert(account_checks).values(
                        account=account.name,
                        checked_on=account.last_checked,
                        checked_by=account.checked_by,
                        recorded_at=account.created_at,
                    )
                )

    def check(self, name: str, *, by: str, on: date, now: datetime) -> Account:
        """Record that a person has read the mailbox.

        Raises:
            BadInput: there is no such account, nobody is named, or the day is to come.
        """
        self.get(name)
        if not by.strip():
            raise BadInput("--by is empty: a check names the person who read the mailbox")
        _not_to_come(on, now=now)
        with self._database.begin() as connection:
            connection.execute(
                insert(account_checks).values(
                    account=name, checked_on=on, checked_by=by.strip(), recorded_at=now
                )
            )
        return self.get(name)

    def list(self, *, source: str = "") -> tuple[Account, ...]:
        """Return all accounts, or those at one source, oldest first."""
        query = select(accounts).order_by(accounts.c.created_at, accounts.c.name)
        if source:
            query = query.where(accounts.c.source == source)
        checks = select(account_checks).order_by(account_checks.c.checked_on, account_checks.c.id)
        with self._database.begin() as connection:
            last = {row["account"]: row for row in connection.execute(checks).mappings()}
            return tuple(_account(row, last.get(row["name"])) for row in connection.execute(query).mappings())

    def get(self, name: str) -> Account:
        """Return one account.

        Raises:
            BadInput: there is none of that name.
        """
        known = {account.name: account for account in self.list()}
        if name not in known:
            names = ", ".join(known) or "none yet; `clearance account add` registers one"
            raise BadInput(f"no account {printable(name)!r}; accounts: {names}")
        return known[name]


def _account(row: RowMapping, check: RowMapping | None) -> Account:
    return Account(
        name=row["name"],
        source=row["source"],
        mailbox=row["mailbox"],
        responsible=row["responsible"],
        last_checked=check["checked_on"] if check is not None else None,
        checked_by=check["checked_by"] if check is not None else "",
        created_at=row["created_at"],
    )


def _not_to_come(day: date, *, now: datetime) -> None:
    if day > now.date() + AHEAD:
        raise BadInput(f"checked on {day}: that day is to come")
