"""calendar: local days, readings, terms kept with rounds, extensions, feeds"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

SCHEDULES = ("yearly", "quarterly", "every_3_months", "every_6_months", "event", "ad_hoc")
DAYS_OFF = ("holiday", "lieu", "swap_off", "make_up")
#: (table, column, name of its check) → values before, values after, and what each way makes of values the other does not know.
VALUES = {
    ("calendar_day", "kind", "kind"): (DAYS_OFF, (*DAYS_OFF, "closure"), {}, {"closure": "lieu"}),
    ("deadline_rule", "schedule", "schedule"): (SCHEDULES, (*SCHEDULES, "monthly", "continuous"), {}, {"monthly": "ad_hoc", "continuous": "ad_hoc"}),
    ("deadline_rule", "roll", "roll"): (("none", "next_working_day"), ("none", "next_working_day", "office"), {}, {"office": "none"}),
    ("deadline_rule", "window", "data_window"): (
        ("calendar_year", "october_to_september", "quarter", "not_stated"),
        ("calendar_year", "october_to_september", "period", "decree_09", "stated", "not_stated"),
        {"quarter": "period"},
        {"period": "quarter", "decree_09": "not_stated", "stated": "not_stated"},
    ),
}


def _text(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _added() -> dict[str, list[sa.Column]]:
    """The columns each table gains; what may not be null comes with what the rows there are get."""
    false = sa.false()
    return {
        "authority": [
            sa.Column("before_counts_day", sa.Boolean(), nullable=False, server_default=false),
            sa.Column("fixed_dates_roll", sa.Boolean(), nullable=False, server_default=false),
            sa.Column("late_by_return", sa.Boolean(), nullable=False, server_default=false),
            sa.Column("focal_extends", sa.Boolean(), nullable=False, server_default=false),
            sa.Column("extension_notice_days", Id, nullable=False, server_default="2"),
            sa.Column("check_days", Id, nullable=False, server_default="3"),
            sa.Column("sign_days", Id, nullable=False, server_default="2"),
        ],
        "calendar_day": [
            sa.Column("version", Id, nullable=False, server_default="1"),
            sa.Column("dropped", sa.Boolean(), nullable=False, server_default=false),
        ],
        "deadline_rule": [
            sa.Column("months_after", Id, nullable=False, server_default="0"),
            sa.Column("term_length", Id),
            sa.Column("term_unit", _text("term_unit", "day", "working_day", "week", "month"), nullable=False, server_default="day"),
            sa.Column("trigger", _text("trigger", "issued", "received", "held"), nullable=False, server_default="issued"),
            sa.Column("window_from_month", Id),
            sa.Column("window_from_day", Id),
            sa.Column("window_from_last_year", sa.Boolean(), nullable=False, server_default=false),
            sa.Column("window_to_month", Id),
            sa.Column("window_to_day", Id),
            sa.Column("upward", sa.Boolean(), nullable=False, server_default=false),
            sa.Column("check_days", Id, nullable=False, server_default="0"),
            sa.Column("sign_days", Id, nullable=False, server_default="0"),
        ],
        "round": [
            sa.Column("check_on", sa.Date()),
            sa.Column("outer_on", sa.Date()),
            sa.Column("terms", sa.JSON(), nullable=False, server_default="{}"),
            sa.Column("started_on", sa.Date()),
        ],
        "task": [
            sa.Column("resubmitted_on", sa.Date()),
            sa.Column("extensions", Id, nullable=False, server_default="0"),
        ],
    }


def upgrade() -> None:
    for table, columns in _added().items():
        with op.batch_alter_table(table) as batch:
            for column in columns:
                batch.add_column(column)
        with op.batch_alter_table(table) as batch:
            for column in columns:
                if column.server_default is not None:
                    batch.alter_column(column.name, server_default=None)
    for (table, column, name), (_before, after, converted, _back) in VALUES.items():
        _let(table, column, name, after, converted)
    op.execute("UPDATE deadline_rule SET roll = 'office' WHERE roll = 'none' AND schedule IN ('yearly', 'quarterly')")
    op.execute("UPDATE deadline_rule SET term_length = days")
    with op.batch_alter_table("deadline_rule") as batch:
        batch.drop_column("days")
    op.execute("UPDATE round SET started_on = letter_issued_on")
    _keep_terms()
    _keep_resubmission_days()
    _new_tables()


def downgrade() -> None:
    for table in ("calendar_feed", "round_paper", "extension", "local_day"):
        op.drop_table(table)
    with op.batch_alter_table("deadline_rule") as batch:
        batch.add_column(sa.Column("days", Id))
    op.execute("UPDATE deadline_rule SET days = term_length")
    op.execute("DELETE FROM calendar_day WHERE dropped")
    for (table, column, name), (before, _after, _converted, back) in VALUES.items():
        _let(table, column, name, before, back)
    for table, columns in reversed(_added().items()):
        with op.batch_alter_table(table) as batch:
            for name in (f"ck_{table}_{column.name}" for column in columns if isinstance(column.type, sa.Enum)):
                batch.drop_constraint(op.f(name), type_="check")
        with op.batch_alter_table(table) as batch:
            for column in reversed(columns):
                batch.drop_column(column.name)


def _let(table: str, column: str, name: str, values: tuple[str, ...], converted: dict[str, str]) -> None:
    """Another list of values for a text column."""
    with op.batch_alter_table(table) as batch:
        batch.drop_constraint(op.f(f"ck_{table}_{name}"), type_="check")
    cells = sa.table(table, sa.column(column))
    for old, new in converted.items():
        op.execute(cells.update().where(cells.c[column] == old).values({column: new}))
    listed = ", ".join(f"'{value}'" for value in values)
    with op.batch_alter_table(table) as batch:
        batch.create_check_constraint(op.f(f"ck_{table}_{name}"), f'"{column}" IN ({listed})')


def _keep_terms() -> None:
    """Rounds that are open keep the terms of their rule as they stand now."""
    bind = op.get_bind()
    kept = ("slug", "name", "kind", "wording", "schedule", "month", "day", "months_after", "term_length", "term_unit", "trigger", "boundary")
    kept += ("roll", "window", "opens_days_before", "upward", "check_days", "sign_days")
    rule = sa.table("deadline_rule", sa.column("id"), *(sa.column(name) for name in kept))
    one = sa.table("round", sa.column("rule_id"), sa.column("terms", sa.JSON()))
    for row in bind.execute(sa.select(rule).order_by(rule.c.id)).mappings():
        terms = {name: row[name] for name in kept} | {"upward": False, "stated_window": None, "readings": {}}
        bind.execute(one.update().where(one.c.rule_id == row["id"]).values(terms=terms))


def _keep_resubmission_days() -> None:
    """The Vietnamese day (UTC+7) of what came back after a return."""
    if op.get_bind().dialect.name == "sqlite":
        op.execute("UPDATE task SET resubmitted_on = date(resubmitted_at, '+7 hours') WHERE resubmitted_at IS NOT NULL")
    else:
        op.execute("UPDATE task SET resubmitted_on = (resubmitted_at AT TIME ZONE 'Asia/Ho_Chi_Minh')::date WHERE resubmitted_at IS NOT NULL")


def _new_tables() -> None:
    op.create_table(
        "local_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("kind", _text("kind", "holiday", "lieu", "swap_off", "make_up", "closure"), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("entered_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True)),
        *_keyed("local_day"),
    )
    current = sa.text("withdrawn_at IS NULL")
    op.create_index("uq_local_day_once", "local_day", ["authority_id", "day"], unique=True, sqlite_where=current, postgresql_where=current)
    op.create_table(
        "extension",
        sa.Column("task_id", Id, nullable=False),
        sa.Column("state", _text("state", "pending", "granted", "refused", "withdrawn"), nullable=False),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("asked_by", sa.String(), nullable=False),
        sa.Column("asked_by_id", Id, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("wished_on", sa.Date(), nullable=False),
        sa.Column("decided_at", sa.DateTime(timezone=True)),
        sa.Column("decided_by", sa.String()),
        sa.Column("granted_to_on", sa.Date()),
        sa.Column("answer", sa.Text()),
        sa.Column("version", Id, nullable=False),
        *_keyed("extension"),
        sa.CheckConstraint("(state = 'granted') = (granted_to_on IS NOT NULL)", name=op.f("ck_extension_granted_with_a_day")),
        sa.CheckConstraint("granted_to_on IS NULL OR granted_to_on > due_on", name=op.f("ck_extension_never_shortens")),
        sa.ForeignKeyConstraint(["asked_by_id"], ["account.id"], name=op.f("fk_extension_asked_by_id_account")),
        sa.ForeignKeyConstraint(["authority_id", "task_id"], ["task.authority_id", "task.id"], name="fk_extension_task_id_task"),
    )
    op.create_index("ix_extension_task_id", "extension", ["authority_id", "task_id"])
    pending = sa.text("state = 'pending'")
    op.create_index("uq_extension_pending", "extension", ["authority_id", "task_id"], unique=True, sqlite_where=pending, postgresql_where=pending)
    op.create_table(
        "round_paper",
        sa.Column("round_id", Id, nullable=False),
        sa.Column("file_id", Id, nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("added_by", sa.String(), nullable=False),
        *_keyed("round_paper"),
        sa.ForeignKeyConstraint(["authority_id", "round_id"], ["round.authority_id", "round.id"], name="fk_round_paper_round_id_round"),
        sa.ForeignKeyConstraint(
            ["authority_id", "file_id"], ["stored_file.authority_id", "stored_file.id"], name="fk_round_paper_file_id_stored_file"
        ),
    )
    op.create_index("ix_round_paper_round_id", "round_paper", ["authority_id", "round_id"])
    op.create_table(
        "calendar_feed",
        sa.Column("kind", _text("kind", "person", "unit", "authority"), nullable=False),
        sa.Column("account_id", Id, nullable=False),
        sa.Column("unit_id", Id),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True)),
        *_keyed("calendar_feed"),
        sa.CheckConstraint("(kind = 'unit') = (unit_id IS NOT NULL)", name=op.f("ck_calendar_feed_unit_where_the_kind_needs_one")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_calendar_feed_account_id_account")),
        sa.ForeignKeyConstraint(["authority_id", "unit_id"], ["unit.authority_id", "unit.id"], name="fk_calendar_feed_unit_id_unit"),
        sa.UniqueConstraint("token_hash", name="uq_calendar_feed_token_hash"),
    )
    op.create_index("ix_calendar_feed_account_id", "calendar_feed", ["authority_id", "account_id"])


def _keyed(table: str) -> tuple[sa.Column | sa.Constraint, ...]:
    """The columns every row of an authority has, and what the database refuses a link to another by."""
    return (
        sa.Column("authority_id", Id, nullable=False),
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=f"fk_{table}_authority_id_authority"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("authority_id", "id", name=f"uq_{table}_authority_id_id"),
    )
