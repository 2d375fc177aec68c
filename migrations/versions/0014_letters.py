"""Official letters: the wording an office gave them, the register of what was drafted and sent.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
KINDS = ("chase", "notice", "report")
STATES = ("draft", "sent", "set_aside")


def _enum(name: str, values: tuple[str, ...]) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=False, length=32)


def _listed(values: tuple[str, ...]) -> str:
    return ", ".join(map(repr, values))


def upgrade() -> None:
    op.create_table(
        "letter_template",
        sa.Column("authority_id", Id, nullable=False),
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("kind", _enum("kind", KINDS), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("version", Id, nullable=False),
        sa.CheckConstraint(f"kind IN ({_listed(KINDS)})", name=op.f("ck_letter_template_kind")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name="fk_letter_template_authority_id_authority"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_letter_template")),
        sa.UniqueConstraint("authority_id", "id", name="uq_letter_template_authority_id_id"),
        sa.UniqueConstraint("authority_id", "kind", name="uq_letter_template_kind"),
    )
    op.create_table(
        "official_letter",
        sa.Column("authority_id", Id, nullable=False),
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("kind", _enum("kind", KINDS), nullable=False),
        sa.Column("state", _enum("state", STATES), nullable=False),
        sa.Column("round_id", Id, nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("answer_by", sa.Date(), nullable=False),
        sa.Column("drafted_on", sa.Date(), nullable=False),
        sa.Column("drafted_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("drafted_by_id", Id),
        sa.Column("content", sa.JSON(), nullable=False),
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("number", sa.String()),
        sa.Column("issued_on", sa.Date()),
        sa.Column("reason", sa.Text()),
        sa.Column("version", Id, nullable=False),
        sa.CheckConstraint(f"kind IN ({_listed(KINDS)})", name=op.f("ck_official_letter_kind")),
        sa.CheckConstraint(f"state IN ({_listed(STATES)})", name=op.f("ck_official_letter_state")),
        sa.CheckConstraint("(state = 'sent') = (number IS NOT NULL)", name=op.f("ck_official_letter_sent_with_a_number")),
        sa.CheckConstraint("(number IS NULL) = (issued_on IS NULL)", name=op.f("ck_official_letter_number_with_a_day")),
        sa.CheckConstraint("(state = 'set_aside') = (reason IS NOT NULL)", name=op.f("ck_official_letter_set_aside_with_a_reason")),
        sa.CheckConstraint("issued_on IS NULL OR issued_on >= drafted_on", name=op.f("ck_official_letter_drafted_first")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name="fk_official_letter_authority_id_authority"),
        sa.ForeignKeyConstraint(["authority_id", "round_id"], ["round.authority_id", "round.id"], name="fk_official_letter_round_id_round"),
        sa.ForeignKeyConstraint(["drafted_by_id"], ["account.id"], name="fk_official_letter_drafted_by_id_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_official_letter")),
        sa.UniqueConstraint("authority_id", "id", name="uq_official_letter_authority_id_id"),
    )
    op.create_index("ix_official_letter_round_id", "official_letter", ["authority_id", "round_id"])
    op.create_index("ix_official_letter_state", "official_letter", ["authority_id", "state"])
    op.create_index("ix_official_letter_drafted_by_id", "official_letter", ["drafted_by_id"])
    op.create_table(
        "official_letter_task",
        sa.Column("authority_id", Id, nullable=False),
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("letter_id", Id, nullable=False),
        sa.Column("task_id", Id, nullable=False),
        sa.Column("unit_id", Id, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name="fk_official_letter_task_authority_id_authority"),
        sa.ForeignKeyConstraint(
            ["authority_id", "letter_id"],
            ["official_letter.authority_id", "official_letter.id"],
            name="fk_official_letter_task_letter_id_official_letter",
        ),
        sa.ForeignKeyConstraint(["authority_id", "task_id"], ["task.authority_id", "task.id"], name="fk_official_letter_task_task_id_task"),
        sa.ForeignKeyConstraint(["authority_id", "unit_id"], ["unit.authority_id", "unit.id"], name="fk_official_letter_task_unit_id_unit"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_official_letter_task")),
        sa.UniqueConstraint("authority_id", "id", name="uq_official_letter_task_authority_id_id"),
        sa.UniqueConstraint("authority_id", "letter_id", "task_id", name="uq_official_letter_task_once"),
    )
    op.create_index("ix_official_letter_task_task_id", "official_letter_task", ["authority_id", "task_id", "due_on"])
    op.create_index("ix_official_letter_task_unit_id", "official_letter_task", ["authority_id", "unit_id"])


def downgrade() -> None:
    op.drop_table("official_letter_task")
    op.drop_table("official_letter")
    op.drop_table("letter_template")
