"""The set-up code of an installation, and what a spreadsheet printed until it is assigned.

Revision ID: 0018
Revises: 0015
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0015"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "setup_code",
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True)),
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_setup_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_setup_code_code_hash")),
    )
    op.create_table(
        "printed_lead",
        sa.Column("indicator_id", Id, nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("cooperators", sa.Text(), nullable=False),
        sa.Column("position", Id, nullable=False),
        sa.Column("authority_id", Id, nullable=False),
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name="fk_printed_lead_authority_id_authority"),
        sa.ForeignKeyConstraint(["indicator_id"], ["indicator.id"], name=op.f("fk_printed_lead_indicator_id_indicator")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_printed_lead")),
        sa.UniqueConstraint("authority_id", "id", name="uq_printed_lead_authority_id_id"),
        sa.UniqueConstraint("authority_id", "indicator_id", name="uq_printed_lead_indicator"),
    )
    op.create_index(op.f("ix_printed_lead_indicator_id"), "printed_lead", ["indicator_id"])


def downgrade() -> None:
    op.drop_table("printed_lead")
    op.drop_table("setup_code")
