"""contributions: what a lead asks its cooperating units for"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _within(column: str, table: str) -> sa.ForeignKeyConstraint:
    """A link that cannot leave the authority."""
    return sa.ForeignKeyConstraint(["authority_id", column], [f"{table}.authority_id", f"{table}.id"], name=f"fk_contribution_{column}_{table}")


def upgrade() -> None:
    state = sa.Enum("asked", "given", "none", "withdrawn", name="state", native_enum=False, create_constraint=True, length=32)
    op.create_table(
        "contribution",
        sa.Column("authority_id", Id, nullable=False),
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("task_id", Id, nullable=False),
        sa.Column("unit_id", Id, nullable=False),
        sa.Column("wanted", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("state", state, nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_by_id", Id, nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.Column("answered_by", sa.String()),
        sa.Column("sentence", sa.Text()),
        sa.Column("item_id", Id),
        sa.Column("version", Id, nullable=False),
        sa.CheckConstraint("(state = 'given') = (item_id IS NOT NULL)", name=op.f("ck_contribution_given_with_an_item")),
        sa.CheckConstraint("(state = 'none') = (sentence IS NOT NULL)", name=op.f("ck_contribution_none_in_words")),
        sa.CheckConstraint("(state = 'asked') = (answered_at IS NULL)", name=op.f("ck_contribution_answered_with_a_time")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name="fk_contribution_authority_id_authority"),
        sa.ForeignKeyConstraint(["asked_by_id"], ["account.id"], name=op.f("fk_contribution_asked_by_id_account")),
        _within("task_id", "task"),
        _within("unit_id", "unit"),
        _within("item_id", "evidence_item"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_contribution")),
        sa.UniqueConstraint("authority_id", "id", name="uq_contribution_authority_id_id"),
    )
    op.create_index("ix_contribution_task_id", "contribution", ["authority_id", "task_id"])
    op.create_index("ix_contribution_unit_id", "contribution", ["authority_id", "unit_id", "state"])
    op.create_index("ix_contribution_item_id", "contribution", ["authority_id", "item_id"])
    op.create_index(
        "uq_contribution_asked",
        "contribution",
        ["authority_id", "task_id", "unit_id"],
        unique=True,
        sqlite_where=sa.text("state = 'asked'"),
        postgresql_where=sa.text("state = 'asked'"),
    )


def downgrade() -> None:
    op.drop_table("contribution")
