"""What was done by hand to chase a unit: messages copied, calls, letters.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _within(own: str, column: str, table: str) -> sa.ForeignKeyConstraint:
    """A link that cannot leave the authority."""
    return sa.ForeignKeyConstraint(["authority_id", column], [f"{table}.authority_id", f"{table}.id"], name=f"fk_{own}_{column}_{table}")


def upgrade() -> None:
    kind = sa.Enum("zalo", "call", "letter", "link", "sheet", name="kind", native_enum=False, create_constraint=False, length=32)
    op.create_table(
        "chase_entry",
        sa.Column("authority_id", Id, nullable=False),
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("unit_id", Id, nullable=False),
        sa.Column("kind", kind, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("on_day", sa.Date(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("by_account_id", Id),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("struck_at", sa.DateTime(timezone=True)),
        sa.Column("struck_why", sa.Text()),
        sa.CheckConstraint("kind IN ('zalo', 'call', 'letter', 'link', 'sheet')", name=op.f("ck_chase_entry_kind")),
        sa.CheckConstraint("(struck_at IS NULL) = (struck_why IS NULL)", name=op.f("ck_chase_entry_struck_with_reason")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name="fk_chase_entry_authority_id_authority"),
        sa.ForeignKeyConstraint(["by_account_id"], ["account.id"], name="fk_chase_entry_by_account_id_account"),
        _within("chase_entry", "unit_id", "unit"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chase_entry")),
        sa.UniqueConstraint("authority_id", "id", name="uq_chase_entry_authority_id_id"),
    )
    op.create_index("ix_chase_entry_unit_id", "chase_entry", ["authority_id", "unit_id", "on_day"])
    op.create_table(
        "chase_entry_task",
        sa.Column("authority_id", Id, nullable=False),
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("entry_id", Id, nullable=False),
        sa.Column("task_id", Id, nullable=False),
        sa.Column("due_on", sa.Date()),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name="fk_chase_entry_task_authority_id_authority"),
        _within("chase_entry_task", "entry_id", "chase_entry"),
        _within("chase_entry_task", "task_id", "task"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chase_entry_task")),
        sa.UniqueConstraint("authority_id", "id", name="uq_chase_entry_task_authority_id_id"),
        sa.UniqueConstraint("authority_id", "entry_id", "task_id", name="uq_chase_entry_task_once"),
    )
    op.create_index("ix_chase_entry_task_task_id", "chase_entry_task", ["authority_id", "task_id"])


def downgrade() -> None:
    op.drop_table("chase_entry_task")
    op.drop_table("chase_entry")
