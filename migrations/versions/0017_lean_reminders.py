"""What a reminder need not carry: it is the table most rows are written to, and each index and foreign key is paid for with every row.

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade() -> None:
    # uq_reminder_said_once begins with the same columns.
    op.drop_index("ix_reminder_task_id", "reminder")
    # Messages are never deleted, and who asks for a message's reminders has the authority or the task.
    op.drop_index("ix_reminder_outbox_message_id", "reminder")
    with op.batch_alter_table("reminder") as table:
        # Nothing points to a reminder; that its authority exists follows from its task.
        table.drop_constraint("uq_reminder_authority_id_id", type_="unique")
        table.drop_constraint("fk_reminder_authority_id_authority", type_="foreignkey")


def downgrade() -> None:
    with op.batch_alter_table("reminder") as table:
        table.create_foreign_key("fk_reminder_authority_id_authority", "authority", ["authority_id"], ["id"])
        table.create_unique_constraint("uq_reminder_authority_id_id", ["authority_id", "id"])
    op.create_index("ix_reminder_outbox_message_id", "reminder", ["outbox_message_id"])
    op.create_index("ix_reminder_task_id", "reminder", ["authority_id", "task_id"])
