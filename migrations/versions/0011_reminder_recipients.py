"""Whom a policy tells beside the unit, when it keeps quiet, and what else a digest has told.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _added() -> list[sa.Column]:
    """What a policy that was chosen before gets: what the usual one has."""
    return [
        sa.Column("cooperators", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("news", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("focal_from", Id),
        sa.Column("chair_from", Id, server_default="3"),
        sa.Column("chair_weekly", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("zalo_from", Id, server_default="1"),
        sa.Column("letter_from", Id, server_default="8"),
        sa.Column("opens_at", sa.Time(), nullable=False, server_default="07:30:00.000000"),
        sa.Column("closes_at", sa.Time(), nullable=False, server_default="17:00:00.000000"),
        sa.Column("quiet", sa.JSON(), nullable=False, server_default="[]"),
    ]


KINDS = (
    "directive",
    "directive_answered",
    "mention",
    "obstacle",
    "obstacle_answered",
    "extension",
    "extension_decided",
    "proposal",
    "proposal_decided",
    "summary",
)


def upgrade() -> None:
    op.add_column("outbox_message", sa.Column("renewed_at", sa.DateTime(timezone=True)))
    with op.batch_alter_table("reminder_policy") as table:
        for column in _added():
            table.add_column(column)
    # The defaults were for the rows that are there; from now on the application says everything.
    with op.batch_alter_table("reminder_policy") as table:
        for column in _added():
            if column.server_default is not None:
                table.alter_column(column.name, server_default=None)
    op.create_table(
        "reminder_news",
        sa.Column("authority_id", Id, nullable=False),
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("kind", sa.Enum(*KINDS, name="kind", native_enum=False, create_constraint=False, length=32), nullable=False),
        sa.Column("subject_id", Id, nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("outbox_message_id", Id, nullable=False),
        sa.CheckConstraint(f"kind IN ({', '.join(map(repr, KINDS))})", name=op.f("ck_reminder_news_kind")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name="fk_reminder_news_authority_id_authority"),
        sa.ForeignKeyConstraint(["outbox_message_id"], ["outbox_message.id"], name="fk_reminder_news_outbox_message_id_outbox_message"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_news")),
        sa.UniqueConstraint("authority_id", "id", name="uq_reminder_news_authority_id_id"),
        sa.UniqueConstraint("authority_id", "kind", "subject_id", "recipient", name="uq_reminder_news_told_once"),
    )
    op.create_index("ix_reminder_news_planned_on", "reminder_news", ["authority_id", "planned_on"])
    op.create_index("ix_reminder_news_outbox_message_id", "reminder_news", ["outbox_message_id"])
    op.create_table(
        "reminder_summary_refused",
        sa.Column("authority_id", Id, nullable=False),
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("account_id", Id, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name="fk_reminder_summary_refused_authority_id_authority"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_reminder_summary_refused_account_id_account"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder_summary_refused")),
        sa.UniqueConstraint("authority_id", "id", name="uq_reminder_summary_refused_authority_id_id"),
        sa.UniqueConstraint("authority_id", "account_id", name="uq_reminder_summary_refused_account"),
    )
    op.create_index("ix_reminder_summary_refused_account_id", "reminder_summary_refused", ["account_id"])


def downgrade() -> None:
    op.drop_column("outbox_message", "renewed_at")
    op.drop_table("reminder_summary_refused")
    op.drop_table("reminder_news")
    with op.batch_alter_table("reminder_policy") as table:
        for column in reversed(_added()):
            table.drop_column(column.name)
