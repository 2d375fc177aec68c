"""Personal links for people who do not sign in.

Revision ID: 0013
Revises: 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    with op.batch_alter_table("authority") as batch:
        batch.add_column(sa.Column("action_links", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("authority") as batch:
        batch.alter_column("action_links", server_default=None)
    op.create_table(
        "action_link",
        sa.Column("authority_id", Id, nullable=False),
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("account_id", Id, nullable=False),
        sa.Column("unit_id", Id, nullable=False),
        sa.Column("round_id", Id, nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True)),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_action_link_account_id_account")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name="fk_action_link_authority_id_authority"),
        sa.ForeignKeyConstraint(["authority_id", "unit_id"], ["unit.authority_id", "unit.id"], name="fk_action_link_unit_id_unit"),
        sa.ForeignKeyConstraint(["authority_id", "round_id"], ["round.authority_id", "round.id"], name="fk_action_link_round_id_round"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_action_link")),
        sa.UniqueConstraint("authority_id", "id", name="uq_action_link_authority_id_id"),
        sa.UniqueConstraint("token_hash", name=op.f("uq_action_link_token_hash")),
    )
    op.create_index("ix_action_link_whose", "action_link", ["authority_id", "account_id", "unit_id", "round_id"])
    kind = sa.Enum("file", "figure", "time", name="kind", native_enum=False, create_constraint=True, length=32)
    says_what = "(kind = 'time') = (extension_id IS NOT NULL) AND (kind = 'time') = (version_id IS NULL)"
    op.create_table(
        "link_handin",
        sa.Column("authority_id", Id, nullable=False),
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("link_id", Id, nullable=False),
        sa.Column("task_id", Id, nullable=False),
        sa.Column("kind", kind, nullable=False),
        sa.Column("version_id", Id),
        sa.Column("extension_id", Id),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", Id, nullable=False),
        sa.Column("said_by", sa.String(), nullable=False),
        sa.Column("completes", sa.Boolean(), nullable=False),
        sa.Column("confirmed_at", sa.DateTime(timezone=True)),
        sa.Column("confirmed_by", sa.String()),
        sa.Column("dropped_at", sa.DateTime(timezone=True)),
        sa.CheckConstraint(says_what, name=op.f("ck_link_handin_says_what")),
        sa.CheckConstraint("(confirmed_at IS NULL) = (confirmed_by IS NULL)", name=op.f("ck_link_handin_confirmed_by_somebody")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_link_handin_account_id_account")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name="fk_link_handin_authority_id_authority"),
        sa.ForeignKeyConstraint(
            ["authority_id", "link_id"], ["action_link.authority_id", "action_link.id"], name="fk_link_handin_link_id_action_link"
        ),
        sa.ForeignKeyConstraint(["authority_id", "task_id"], ["task.authority_id", "task.id"], name="fk_link_handin_task_id_task"),
        sa.ForeignKeyConstraint(
            ["authority_id", "version_id"], ["item_version.authority_id", "item_version.id"], name="fk_link_handin_version_id_item_version"
        ),
        sa.ForeignKeyConstraint(
            ["authority_id", "extension_id"], ["extension.authority_id", "extension.id"], name="fk_link_handin_extension_id_extension"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_link_handin")),
        sa.UniqueConstraint("authority_id", "id", name="uq_link_handin_authority_id_id"),
    )
    op.create_index("ix_link_handin_task_id", "link_handin", ["authority_id", "task_id"])
    op.create_index("ix_link_handin_link_id", "link_handin", ["authority_id", "link_id"])


def downgrade() -> None:
    op.drop_table("link_handin")
    op.drop_table("action_link")
    with op.batch_alter_table("authority") as batch:
        batch.drop_column("action_links")
