"""talk: obstacles, directives, remarks and mentions"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _text(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _time(name: str, *, nullable: bool = True) -> sa.Column:
    return sa.Column(name, sa.DateTime(timezone=True), nullable=nullable)


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
    _obstacles()
    _directives()
    _remarks()


def downgrade() -> None:
    for table in ("mention", "remark", "directive", "obstacle"):
        op.drop_table(table)


def _obstacles() -> None:
    op.create_table(
        "obstacle",
        sa.Column("task_id", Id, nullable=False),
        sa.Column("state", _text("state", "open", "answered", "withdrawn"), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        _time("reported_at", nullable=False),
        sa.Column("reported_by", sa.String(), nullable=False),
        sa.Column("reported_by_id", Id, nullable=False),
        sa.Column("answer", sa.Text()),
        _time("settled_at"),
        sa.Column("settled_by", sa.String()),
        sa.Column("version", Id, nullable=False),
        *_keyed("obstacle"),
        sa.CheckConstraint("(state = 'answered') = (answer IS NOT NULL)", name=op.f("ck_obstacle_answered_in_words")),
        sa.CheckConstraint("(state = 'open') = (settled_at IS NULL)", name=op.f("ck_obstacle_settled_with_a_time")),
        _account("reported_by_id", "obstacle"),
        _within("task_id", "task", "obstacle"),
    )
    op.create_index("ix_obstacle_task_id", "obstacle", ["authority_id", "task_id"])
    op.create_index("ix_obstacle_state", "obstacle", ["authority_id", "state"])
    op.create_index(
        "uq_obstacle_open",
        "obstacle",
        ["authority_id", "task_id"],
        unique=True,
        sqlite_where=sa.text("state = 'open'"),
        postgresql_where=sa.text("state = 'open'"),
    )


def _directives() -> None:
    op.create_table(
        "directive",
        sa.Column("task_id", Id, nullable=False),
        sa.Column("state", _text("state", "waiting", "answered", "closed"), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("reply_by_on", sa.Date()),
        sa.Column("times", Id, nullable=False),
        _time("given_at", nullable=False),
        sa.Column("given_by", sa.String(), nullable=False),
        sa.Column("given_by_id", Id, nullable=False),
        sa.Column("answer", sa.Text()),
        _time("answered_at"),
        sa.Column("answered_on", sa.Date()),
        sa.Column("answered_by", sa.String()),
        _time("closed_at"),
        sa.Column("closed_by", sa.String()),
        sa.Column("version", Id, nullable=False),
        *_keyed("directive"),
        sa.CheckConstraint("(answer IS NULL) = (answered_at IS NULL)", name=op.f("ck_directive_answered_with_a_time")),
        sa.CheckConstraint("state <> 'answered' OR answer IS NOT NULL", name=op.f("ck_directive_answered_in_words")),
        sa.CheckConstraint("(state = 'closed') = (closed_at IS NOT NULL)", name=op.f("ck_directive_closed_with_a_time")),
        sa.CheckConstraint("times >= 1", name=op.f("ck_directive_times")),
        _account("given_by_id", "directive"),
        _within("task_id", "task", "directive"),
    )
    op.create_index("ix_directive_task_id", "directive", ["authority_id", "task_id"])
    op.create_index("ix_directive_state", "directive", ["authority_id", "state"])


def _remarks() -> None:
    op.create_table(
        "remark",
        sa.Column("task_id", Id, nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        _time("said_at", nullable=False),
        sa.Column("said_by", sa.String(), nullable=False),
        sa.Column("said_by_id", Id, nullable=False),
        _time("withdrawn_at"),
        sa.Column("version", Id, nullable=False),
        *_keyed("remark"),
        _account("said_by_id", "remark"),
        _within("task_id", "task", "remark"),
    )
    op.create_index("ix_remark_task_id", "remark", ["authority_id", "task_id"])
    op.create_table(
        "mention",
        sa.Column("remark_id", Id, nullable=False),
        sa.Column("account_id", Id, nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        _time("read_at"),
        *_keyed("mention"),
        _account("account_id", "mention"),
        _within("remark_id", "remark", "mention"),
        sa.UniqueConstraint("authority_id", "remark_id", "account_id", name="uq_mention_once"),
    )
    op.create_index("ix_mention_account_id", "mention", ["authority_id", "account_id", "read_at"])
