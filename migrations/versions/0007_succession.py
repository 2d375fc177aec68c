"""succession: former names, successions, hand-overs, deputies"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _keyed(table: str) -> tuple[sa.Column | sa.Constraint, ...]:
    """The columns every row of an authority has, and what the database refuses a link to another by."""
    return (
        sa.Column("authority_id", Id, nullable=False),
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=f"fk_{table}_authority_id_authority"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("authority_id", "id", name=f"uq_{table}_authority_id_id"),
    )


def _within(column: str, table: str, own: str) -> sa.ForeignKeyConstraint:
    """A link that cannot leave the authority."""
    return sa.ForeignKeyConstraint(["authority_id", column], [f"{table}.authority_id", f"{table}.id"], name=f"fk_{own}_{column}_{table}")


def _account(column: str, own: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["account.id"], name=op.f(f"fk_{own}_{column}_account"))


def upgrade() -> None:
    _names_and_successions()
    _deputies()
    _handovers()


def downgrade() -> None:
    for table in ("handover_line", "handover", "deputy", "succession_unit", "succession", "unit_name"):
        op.drop_table(table)


def _names_and_successions() -> None:
    op.create_table(
        "unit_name",
        sa.Column("unit_id", Id, nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("short_name", sa.String()),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date()),
        sa.Column("document", sa.Text()),
        *_keyed("unit_name"),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_unit_name_validity")),
        _within("unit_id", "unit", "unit_name"),
        sa.UniqueConstraint("authority_id", "unit_id", "valid_from", name="uq_unit_name_since"),
    )
    op.create_table(
        "succession",
        sa.Column("kind", _text("kind", "rename", "merge", "split", "transfer", "dissolve"), nullable=False),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("document", sa.Text(), nullable=False),
        sa.Column("note", sa.Text()),
        sa.Column("new_name", sa.String()),
        sa.Column("new_short_name", sa.String()),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("account_id", Id),
        sa.Column("applied_at", sa.DateTime(timezone=True)),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.Column("undone_by", sa.String()),
        sa.Column("kept", sa.JSON(), nullable=False),
        sa.Column("version", Id, nullable=False),
        *_keyed("succession"),
        sa.CheckConstraint("(kind = 'rename') = (new_name IS NOT NULL)", name=op.f("ck_succession_name_where_renamed")),
        _account("account_id", "succession"),
    )
    op.create_index("ix_succession_effective_on", "succession", ["authority_id", "effective_on"])
    op.create_table(
        "succession_unit",
        sa.Column("succession_id", Id, nullable=False),
        sa.Column("unit_id", Id, nullable=False),
        sa.Column("side", _text("side", "from", "to"), nullable=False),
        *_keyed("succession_unit"),
        _within("succession_id", "succession", "succession_unit"),
        _within("unit_id", "unit", "succession_unit"),
        sa.UniqueConstraint("authority_id", "succession_id", "unit_id", "side", name="uq_succession_unit_once"),
    )
    op.create_index("ix_succession_unit_unit_id", "succession_unit", ["authority_id", "unit_id"])


def _deputies() -> None:
    op.create_table(
        "deputy",
        sa.Column("account_id", Id, nullable=False),
        sa.Column("deputy_account_id", Id, nullable=False),
        sa.Column("unit_id", Id),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("recorded_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("recorded_by", sa.String(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        sa.Column("revoked_by", sa.String()),
        sa.Column("version", Id, nullable=False),
        *_keyed("deputy"),
        sa.CheckConstraint("account_id <> deputy_account_id", name=op.f("ck_deputy_not_oneself")),
        sa.CheckConstraint("valid_to >= valid_from", name=op.f("ck_deputy_validity")),
        _account("account_id", "deputy"),
        _account("deputy_account_id", "deputy"),
        _within("unit_id", "unit", "deputy"),
    )
    op.create_index("ix_deputy_deputy_account_id", "deputy", ["deputy_account_id"])
    op.create_index("ix_deputy_account_id", "deputy", ["authority_id", "account_id"])


def _handovers() -> None:
    op.create_table(
        "handover",
        sa.Column("source_unit_id", Id),
        sa.Column("source_account_id", Id),
        sa.Column("effective_on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("document", sa.Text()),
        sa.Column("committed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("committed_by", sa.String(), nullable=False),
        sa.Column("account_id", Id),
        sa.Column("undone_at", sa.DateTime(timezone=True)),
        sa.Column("undone_by", sa.String()),
        sa.Column("version", Id, nullable=False),
        *_keyed("handover"),
        sa.CheckConstraint("(source_unit_id IS NULL) <> (source_account_id IS NULL)", name=op.f("ck_handover_unit_or_person")),
        _within("source_unit_id", "unit", "handover"),
        _account("source_account_id", "handover"),
        _account("account_id", "handover"),
    )
    op.create_index("ix_handover_committed_at", "handover", ["authority_id", "committed_at"])
    op.create_table(
        "handover_line",
        sa.Column("handover_id", Id, nullable=False),
        sa.Column("position", Id, nullable=False),
        sa.Column("kind", _text("kind", "task", "lead", "cooperation", "group", "role"), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("task_id", Id),
        sa.Column("assignment_id", Id),
        sa.Column("group_member_id", Id),
        sa.Column("membership_id", Id),
        sa.Column("from_unit_id", Id),
        sa.Column("to_unit_id", Id),
        sa.Column("to_account_id", Id),
        sa.Column("made_id", Id),
        sa.Column("version_after", Id),
        sa.Column("kept", sa.JSON(), nullable=False),
        *_keyed("handover_line"),
        _within("handover_id", "handover", "handover_line"),
        _within("task_id", "task", "handover_line"),
        _within("assignment_id", "assignment", "handover_line"),
        _within("group_member_id", "group_member", "handover_line"),
        _within("membership_id", "membership", "handover_line"),
        _within("from_unit_id", "unit", "handover_line"),
        _within("to_unit_id", "unit", "handover_line"),
        _account("to_account_id", "handover_line"),
    )
    op.create_index("ix_handover_line_handover_id", "handover_line", ["authority_id", "handover_id"])
    op.create_index("ix_handover_line_task_id", "handover_line", ["authority_id", "task_id"])
