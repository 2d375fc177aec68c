"""The set-up code of an installation, what a spreadsheet printed until it is assigned, and work that outlives its request.

Revision ID: 0019
Revises: 0018
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
STATES = ("waiting", "running", "done", "failed", "cancelled")


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
    op.create_table(
        "long_work",
        sa.Column("account_id", Id, nullable=False),
        sa.Column("kind", sa.Enum("pack", name="kind", native_enum=False, create_constraint=False, length=32), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("origin", sa.String(), nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("state", sa.Enum(*STATES, name="state", native_enum=False, create_constraint=False, length=32), nullable=False),
        sa.Column("done", Id, nullable=False),
        sa.Column("total", Id, nullable=False),
        sa.Column("sentence", sa.Text(), nullable=False),
        sa.Column("filename", sa.String()),
        sa.Column("size", Id),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True)),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.Column("kept_until", sa.DateTime(timezone=True)),
        sa.Column("owner", sa.String()),
        sa.Column("heartbeat_at", sa.DateTime(timezone=True)),
        sa.Column("attempts", Id, nullable=False),
        sa.Column("cancel_asked", sa.Boolean(), nullable=False),
        sa.Column("authority_id", Id, nullable=False),
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.CheckConstraint("kind IN ('pack')", name=op.f("ck_long_work_kind")),
        sa.CheckConstraint("state IN ('waiting', 'running', 'done', 'failed', 'cancelled')", name=op.f("ck_long_work_state")),
        sa.CheckConstraint("(state IN ('waiting', 'running')) = (ended_at IS NULL)", name=op.f("ck_long_work_ended_when_over")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_long_work_account_id_account"),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name="fk_long_work_authority_id_authority"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_long_work")),
        sa.UniqueConstraint("authority_id", "id", name="uq_long_work_authority_id_id"),
    )
    op.create_index("ix_long_work_state", "long_work", ["state", "id"])
    op.create_index("ix_long_work_account_id", "long_work", ["authority_id", "account_id"])


def downgrade() -> None:
    op.drop_table("long_work")
    op.drop_table("printed_lead")
    op.drop_table("setup_code")
