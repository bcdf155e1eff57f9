"""Consents, reviews, copies, audit targets, dataset versions; exports name their version."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def upgrade() -> None:
    """Make the tables, and the new column of exports."""
    op.add_column("exports", sa.Column("version", sa.String(), server_default="", nullable=False))
    op.create_index(op.f("ix_exports_version"), "exports", ["version"], unique=False)
    op.create_table(
        "dataset_versions",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("parent", sa.String(), nullable=False),
        sa.Column("project", sa.String(), nullable=False),
        sa.Column("state", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("root", sa.String(), nullable=False),
        sa.Column("log_index", sa.Integer(), nullable=True),
        sa.Column("frozen_by", sa.String(), nullable=False),
        sa.Column("frozen_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_dataset_versions")),
    )
    op.create_index(op.f("ix_dataset_versions_name"), "dataset_versions", ["name"], unique=False)
    op.create_table(
        "copies",
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("cluster", sa.String(), nullable=False),
        sa.Column("is_looked_at", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("item", name=op.f("pk_copies")),
    )
    op.create_index(op.f("ix_copies_cluster"), "copies", ["cluster"], unique=False)
    op.create_table(
        "reviews",
        sa.Column("id", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("item", sa.String(), nullable=False),
        sa.Column("finding", sa.String(), nullable=False),
        sa.Column("verdict", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("picture_sha256", sa.String(), nullable=False),
        sa.Column("subject_sha256", sa.String(), nullable=False),
        sa.Column("reviewed_by", sa.String(), nullable=False),
        sa.Column("reviewed_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
    )
    op.create_index(op.f("ix_reviews_picture_sha256"), "reviews", ["picture_sha256"], unique=False)
    op.create_table(
        "consents",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("document_sha256", sa.String(), nullable=False),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("sealed", sa.LargeBinary(), nullable=False),
        sa.Column("shoot_from", sa.Date(), nullable=True),
        sa.Column("shoot_to", sa.Date(), nullable=True),
        sa.Column("signed_at", sa.Date(), nullable=True),
        sa.Column("expires_at", sa.Date(), nullable=True),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("withdrawal", sa.JSON(), nullable=True),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consents")),
    )
    op.create_index(op.f("ix_consents_subject"), "consents", ["subject"], unique=False)
    op.create_index(op.f("ix_consents_document_sha256"), "consents", ["document_sha256"], unique=False)
    op.create_table(
        "consent_covers",
        sa.Column("consent", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("covered", sa.String(), nullable=False),
        sa.Column("person", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("consent", "kind", "covered", "person", name=op.f("pk_consent_covers")),
    )
    op.create_index(op.f("ix_consent_covers_covered"), "consent_covers", ["covered"], unique=False)
    op.create_table(
        "audit_targets",
        sa.Column("project", sa.String(), nullable=False),
        sa.Column("content", sa.LargeBinary(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("stated_by", sa.String(), nullable=False),
        sa.Column("stated_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("project", name=op.f("pk_audit_targets")),
    )


def downgrade() -> None:
    """Drop the tables and the column."""
    for table in (
        "audit_targets",
        "consent_covers",
        "consents",
        "reviews",
        "copies",
        "dataset_versions",
    ):
        op.drop_table(table)
    with op.batch_alter_table("exports") as exports:
        exports.drop_index(op.f("ix_exports_version"))
        exports.drop_column("version")
