"""proposals: not applicable, supplied elsewhere, data requests; whose data an indicator needs"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
#: What a printed source holds where somebody else supplies the data, as it stood when this was written.
SYSTEMS = ("EMC",)
BODIES = ("NCSC", "VNNIC", "NEAC", "Bộ CA", "Bộ Công an", "Công an", "Ngân hàng", "VN post", "VNPost", "Bưu chính", "Bưu điện", "Cục Viễn thông")


def _text(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def upgrade() -> None:
    with op.batch_alter_table("indicator") as batch:
        batch.add_column(sa.Column("source_kind", _text("source_kind", "own", "another_body", "automatic"), nullable=False, server_default="own"))
    indicator = sa.table("indicator", sa.column("data_source", sa.Text()), sa.column("source_kind", sa.String()))
    for kind, words in (("another_body", BODIES), ("automatic", SYSTEMS)):
        holds = sa.or_(*(indicator.c.data_source.like(f"%{word}%") for word in words))
        op.execute(indicator.update().where(holds).values(source_kind=kind))
    with op.batch_alter_table("indicator") as batch:
        batch.alter_column("source_kind", server_default=None)
    with op.batch_alter_table("task") as batch:
        batch.add_column(sa.Column("paused_until_on", sa.Date()))
    op.create_table(
        "proposal",
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("authority_id", Id, nullable=False),
        sa.Column("task_id", Id, nullable=False),
        sa.Column("kind", _text("kind", "not_applicable", "supplied_elsewhere", "data_request"), nullable=False),
        sa.Column("state", _text("state", "pending", "agreed", "refused", "withdrawn"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("body", sa.String()),
        sa.Column("letter_number", sa.String()),
        sa.Column("letter_on", sa.Date()),
        sa.Column("reply_on", sa.Date()),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_by_id", Id, nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decided_by", sa.String()),
        sa.Column("answer", sa.Text()),
        sa.Column("version", Id, nullable=False),
        sa.CheckConstraint(
            "kind <> 'data_request' OR (letter_number IS NOT NULL AND letter_on IS NOT NULL AND reply_on IS NOT NULL AND body IS NOT NULL)",
            name=op.f("ck_proposal_a_request_is_a_letter"),
        ),
        sa.CheckConstraint("(state = 'pending') = (decided_at IS NULL)", name=op.f("ck_proposal_decided_with_a_time")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name="fk_proposal_authority_id_authority"),
        sa.ForeignKeyConstraint(["authority_id", "task_id"], ["task.authority_id", "task.id"], name="fk_proposal_task_id_task"),
        sa.ForeignKeyConstraint(["asked_by_id"], ["account.id"], name=op.f("fk_proposal_asked_by_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proposal")),
        sa.UniqueConstraint("authority_id", "id", name="uq_proposal_authority_id_id"),
    )
    op.create_index("ix_proposal_task_id", "proposal", ["authority_id", "task_id"])
    waits = sa.text("state = 'pending'")
    op.create_index("uq_proposal_pending", "proposal", ["authority_id", "task_id"], unique=True, sqlite_where=waits, postgresql_where=waits)


def downgrade() -> None:
    op.drop_table("proposal")
    with op.batch_alter_table("task") as batch:
        batch.drop_column("paused_until_on")
    with op.batch_alter_table("indicator") as batch:
        batch.drop_constraint(op.f("ck_indicator_source_kind"), type_="check")
    with op.batch_alter_table("indicator") as batch:
        batch.drop_column("source_kind")
