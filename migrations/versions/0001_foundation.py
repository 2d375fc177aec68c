"""foundation"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

#: An event, a seal and the tie between them are never changed or deleted: the database itself refuses.
APPEND_ONLY = ("audit_event", "audit_seal", "sealed_event")


def _refuse_changes() -> None:
    if op.get_bind().dialect.name == "sqlite":
        for table in APPEND_ONLY:
            for verb in ("UPDATE", "DELETE"):
                op.execute(
                    f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} BEGIN SELECT RAISE(ABORT, 'audit rows are append-only'); END"
                )
        return
    op.execute("CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'audit rows are append-only'; END $$")
    for table in APPEND_ONLY:
        op.execute(f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE ON {table} FOR EACH ROW EXECUTE FUNCTION refuse_change()")


def _allow_changes() -> None:
    if op.get_bind().dialect.name == "sqlite":
        return  # the triggers go with their tables
    for table in APPEND_ONLY:
        op.execute(f"DROP TRIGGER {table}_append_only ON {table}")
    op.execute("DROP FUNCTION refuse_change()")


def upgrade() -> None:
    op.create_table(
        "account",
        sa.Column("username", sa.String(), nullable=False),
        sa.Column("username_key", sa.String(), nullable=False),
        sa.Column("display_name", sa.String(), nullable=False),
        sa.Column("folded", sa.String(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("phone", sa.String(), nullable=True),
        sa.Column("password_hash", sa.String(), nullable=True),
        sa.Column("password_changed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_account")),
        sa.UniqueConstraint("username_key", name=op.f("uq_account_username_key")),
    )
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_account_folded"), ["folded"], unique=False)

    op.create_table(
        "audit_seal",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("previous", sa.String(), nullable=False),
        sa.Column("digest", sa.String(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_seal")),
        sa.UniqueConstraint("digest", name=op.f("uq_audit_seal_digest")),
    )
    op.create_table(
        "authority",
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "level",
            sa.Enum("province", "district", "commune", "office", name="level", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("sample", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("due_soon_days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("head_approves", sa.Boolean(), nullable=False),
        sa.Column("own_acceptance", sa.Boolean(), nullable=False),
        sa.Column("mend_days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reminders_on", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["parent_id"], ["authority.id"], name=op.f("fk_authority_parent_id_authority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_authority")),
        sa.UniqueConstraint("slug", name=op.f("uq_authority_slug")),
    )
    op.create_table(
        "calendar_day",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("holiday", "lieu", "swap_off", "make_up", name="kind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column(
            "certainty", sa.Enum("official", "provisional", name="certainty", native_enum=False, create_constraint=True, length=32), nullable=False
        ),
        sa.PrimaryKeyConstraint("day", name=op.f("pk_calendar_day")),
    )
    op.create_table(
        "job_run",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("good_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_job_run")),
        sa.UniqueConstraint("name", name=op.f("uq_job_run_name")),
    )
    op.create_table(
        "sign_in_failure",
        sa.Column("username_key", sa.String(), nullable=False),
        sa.Column("address", sa.String(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sign_in_failure")),
    )
    with op.batch_alter_table("sign_in_failure", schema=None) as batch_op:
        batch_op.create_index("ix_sign_in_failure_at", ["at"], unique=False)
        batch_op.create_index("ix_sign_in_failure_who", ["username_key", "address", "at"], unique=False)

    op.create_table(
        "audit_event",
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("authority_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("on_behalf_of", sa.String(), nullable=True),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject_type", sa.String(), nullable=False),
        sa.Column("subject_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("summary", sa.Text(), nullable=False),
        sa.Column("changes", sa.JSON(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_audit_event_account_id_account")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_audit_event_authority_id_authority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_event")),
    )
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.create_index("ix_audit_event_at", ["authority_id", "at"], unique=False)
        batch_op.create_index("ix_audit_event_subject", ["authority_id", "subject_type", "subject_id"], unique=False)

    op.create_table(
        "indicator_set",
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("issuer", sa.Text(), nullable=True),
        sa.Column("level", sa.String(), nullable=False),
        sa.Column("document_type", sa.String(), nullable=False),
        sa.Column("document_number", sa.String(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("scale", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("declared_main", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("declared_components", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("owner_authority_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("published_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["owner_authority_id"], ["authority.id"], name=op.f("fk_indicator_set_owner_authority_id_authority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator_set")),
        sa.UniqueConstraint("slug", name=op.f("uq_indicator_set_slug")),
    )
    op.create_table(
        "notice",
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("document_type", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=True),
        sa.Column("issued_on", sa.Date(), nullable=True),
        sa.Column("issuer", sa.String(), nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("report_clause", sa.Text(), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("authority_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name="fk_notice_authority_id_authority"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice")),
        sa.UniqueConstraint("authority_id", "id", name="uq_notice_authority_id_id"),
        sa.UniqueConstraint("authority_id", "slug", name="uq_notice_slug"),
    )
    op.create_table(
        "one_time_code",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("purpose", sa.Enum("invitation", "reset", name="purpose", native_enum=False, create_constraint=True, length=32), nullable=False),
        sa.Column("code_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("used_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_one_time_code_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_code")),
        sa.UniqueConstraint("code_hash", name=op.f("uq_one_time_code_code_hash")),
    )
    with op.batch_alter_table("one_time_code", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_one_time_code_account_id"), ["account_id"], unique=False)

    op.create_table(
        "outbox_message",
        sa.Column("dedupe_key", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("authority_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("to_address", sa.String(), nullable=False),
        sa.Column("to_name", sa.String(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("not_before", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "state",
            sa.Enum(
                "waiting", "sending", "sent", "failed", "cancelled", "expired", name="state", native_enum=False, create_constraint=True, length=32
            ),
            nullable=False,
        ),
        sa.Column("owner", sa.String(), nullable=True),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("attempts", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("message_id", sa.String(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_outbox_message_account_id_account")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=op.f("fk_outbox_message_authority_id_authority")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_message")),
        sa.UniqueConstraint("dedupe_key", name="uq_outbox_message_dedupe_key"),
    )
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.create_index("ix_outbox_message_authority_id", ["authority_id", "planned_on"], unique=False)
        batch_op.create_index("ix_outbox_message_due", ["state", "expires_at", "id"], unique=False)
        batch_op.create_index("ix_outbox_message_planned", ["planned_on", "state"], unique=False)

    op.create_table(
        "stored_file",
        sa.Column("sha256", sa.String(), nullable=False),
        sa.Column("size", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("media_type", sa.String(), nullable=False),
        sa.Column("stored_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("authority_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name="fk_stored_file_authority_id_authority"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stored_file")),
        sa.UniqueConstraint("authority_id", "id", name="uq_stored_file_authority_id_id"),
        sa.UniqueConstraint("authority_id", "sha256", name="uq_stored_file_sha256"),
    )
    op.create_table(
        "unit",
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("short_name", sa.String(), nullable=True),
        sa.Column("folded", sa.String(), nullable=False),
        sa.Column("sort_key", sa.String(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("office", "locality", "position", "external", "group", name="kind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("catch_all", sa.Boolean(), nullable=False),
        sa.Column("focal", sa.Boolean(), nullable=False),
        sa.Column("email", sa.String(), nullable=True),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("authority_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_unit_validity")),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name="fk_unit_authority_id_authority"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit")),
        sa.UniqueConstraint("authority_id", "id", name="uq_unit_authority_id_id"),
        sa.UniqueConstraint("authority_id", "slug", name="uq_unit_slug"),
    )
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.create_index("ix_unit_folded", ["authority_id", "folded"], unique=False)
        batch_op.create_index("uq_unit_focal", ["authority_id"], unique=True, sqlite_where=sa.text("focal"), postgresql_where=sa.text("focal"))

    op.create_table(
        "user_session",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("token_hash", sa.String(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_user_session_account_id_account")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user_session")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_user_session_token_hash")),
    )
    with op.batch_alter_table("user_session", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_user_session_account_id"), ["account_id"], unique=False)

    op.create_table(
        "deadline_rule",
        sa.Column("notice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column(
            "kind", sa.Enum("collection", "review", "publication", name="kind", native_enum=False, create_constraint=True, length=32), nullable=False
        ),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("place", sa.Text(), nullable=False),
        sa.Column(
            "schedule",
            sa.Enum(
                "yearly",
                "quarterly",
                "every_3_months",
                "every_6_months",
                "event",
                "ad_hoc",
                name="schedule",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("month", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("day", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("days", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("boundary", sa.Enum("before", "by", name="boundary", native_enum=False, create_constraint=True, length=32), nullable=True),
        sa.Column("roll", sa.Enum("none", "next_working_day", name="roll", native_enum=False, create_constraint=True, length=32), nullable=False),
        sa.Column(
            "window",
            sa.Enum(
                "calendar_year",
                "october_to_september",
                "quarter",
                "not_stated",
                name="data_window",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("opens_days_before", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("authority_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["authority_id", "notice_id"], ["notice.authority_id", "notice.id"], name="fk_deadline_rule_notice_id_notice"),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name="fk_deadline_rule_authority_id_authority"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deadline_rule")),
        sa.UniqueConstraint("authority_id", "id", name="uq_deadline_rule_authority_id_id"),
        sa.UniqueConstraint("authority_id", "slug", name="uq_deadline_rule_slug"),
    )
    op.create_table(
        "declared_total",
        sa.Column("set_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("what", sa.String(), nullable=False),
        sa.Column("printed", sa.String(), nullable=False),
        sa.Column("value", sa.Numeric(precision=10, scale=2), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["set_id"], ["indicator_set.id"], name=op.f("fk_declared_total_set_id_indicator_set")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declared_total")),
    )
    with op.batch_alter_table("declared_total", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_declared_total_set_id"), ["set_id"], unique=False)

    op.create_table(
        "document_finding",
        sa.Column("set_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("field", sa.String(), nullable=False),
        sa.Column("printed", sa.Text(), nullable=False),
        sa.Column("expected", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["set_id"], ["indicator_set.id"], name=op.f("fk_document_finding_set_id_indicator_set")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_document_finding")),
    )
    with op.batch_alter_table("document_finding", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_document_finding_set_id"), ["set_id"], unique=False)

    op.create_table(
        "evidence_item",
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind", sa.Enum("file", "link", "figure", "statement", name="kind", native_enum=False, create_constraint=True, length=32), nullable=False
        ),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("authority_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["authority_id", "unit_id"], ["unit.authority_id", "unit.id"], name="fk_evidence_item_unit_id_unit"),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name="fk_evidence_item_authority_id_authority"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_evidence_item")),
        sa.UniqueConstraint("authority_id", "id", name="uq_evidence_item_authority_id_id"),
    )
    with op.batch_alter_table("evidence_item", schema=None) as batch_op:
        batch_op.create_index("ix_evidence_item_unit_id", ["authority_id", "unit_id"], unique=False)

    op.create_table(
        "group_member",
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("member_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("demo", sa.Boolean(), nullable=False),
        sa.Column("authority_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.CheckConstraint("group_id <> member_id", name=op.f("ck_group_member_not_itself")),
        sa.ForeignKeyConstraint(["authority_id", "group_id"], ["unit.authority_id", "unit.id"], name="fk_group_member_group_id_unit"),
        sa.ForeignKeyConstraint(["authority_id", "member_id"], ["unit.authority_id", "unit.id"], name="fk_group_member_member_id_unit"),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name="fk_group_member_authority_id_authority"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_group_member")),
        sa.UniqueConstraint("authority_id", "group_id", "member_id", "valid_from", name="uq_group_member_since"),
        sa.UniqueConstraint("authority_id", "id", name="uq_group_member_authority_id_id"),
    )
    op.create_table(
        "indicator",
        sa.Column("set_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("parent_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("main_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("code", sa.String(), nullable=False),
        sa.Column("code_key", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("part", "main", "component", "sub", "info", "field", name="kind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("printed", sa.Text(), nullable=False),
        sa.Column("folded", sa.Text(), nullable=False),
        sa.Column("max_points", sa.Numeric(precision=8, scale=2), nullable=True),
        sa.Column("max_points_printed", sa.String(), nullable=False),
        sa.Column("scoring", sa.Text(), nullable=False),
        sa.Column("scoring_printed", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("evidence_printed", sa.Text(), nullable=False),
        sa.Column("data_source", sa.Text(), nullable=False),
        sa.Column("data_source_printed", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["main_id"], ["indicator.id"], name=op.f("fk_indicator_main_id_indicator")),
        sa.ForeignKeyConstraint(["parent_id"], ["indicator.id"], name=op.f("fk_indicator_parent_id_indicator")),
        sa.ForeignKeyConstraint(["set_id"], ["indicator_set.id"], name=op.f("fk_indicator_set_id_indicator_set")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_indicator")),
        sa.UniqueConstraint("set_id", "code", name="uq_indicator_code"),
    )
    with op.batch_alter_table("indicator", schema=None) as batch_op:
        batch_op.create_index("ix_indicator_parent_id", ["parent_id"], unique=False)

    op.create_table(
        "mail_attempt",
        sa.Column("outbox_message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "phase",
            sa.Enum("check", "connect", "mail", "rcpt", "dot", "acked", name="phase", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "outcome",
            sa.Enum("ok", "temporary", "permanent", "unknown", "dropped", name="outcome", native_enum=False, create_constraint=True, length=32),
            nullable=True,
        ),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["outbox_message_id"], ["outbox_message.id"], name=op.f("fk_mail_attempt_outbox_message_id_outbox_message")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mail_attempt")),
        sa.UniqueConstraint("outbox_message_id", "number", name="uq_mail_attempt_number"),
    )
    with op.batch_alter_table("mail_attempt", schema=None) as batch_op:
        batch_op.create_index("ix_mail_attempt_started_at", ["started_at"], unique=False)

    op.create_table(
        "membership",
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "role",
            sa.Enum("admin", "focal", "chair", "viewer", "specialist", "head", name="role", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("authority_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.CheckConstraint("(role IN ('specialist', 'head')) = (unit_id IS NOT NULL)", name=op.f("ck_membership_unit_where_the_role_needs_one")),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_membership_validity")),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_membership_account_id_account"),
        sa.ForeignKeyConstraint(["authority_id", "unit_id"], ["unit.authority_id", "unit.id"], name="fk_membership_unit_id_unit"),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name="fk_membership_authority_id_authority"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_membership")),
        sa.UniqueConstraint("authority_id", "account_id", "role", "unit_id", "valid_from", name="uq_membership_since"),
        sa.UniqueConstraint("authority_id", "id", name="uq_membership_authority_id_id"),
    )
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.create_index("ix_membership_account_id", ["account_id"], unique=False)
        batch_op.create_index("ix_membership_unit_id", ["authority_id", "unit_id"], unique=False)

    op.create_table(
        "sealed_event",
        sa.Column("event_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("seal_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.ForeignKeyConstraint(["event_id"], ["audit_event.id"], name=op.f("fk_sealed_event_event_id_audit_event")),
        sa.ForeignKeyConstraint(["seal_id"], ["audit_seal.id"], name=op.f("fk_sealed_event_seal_id_audit_seal")),
        sa.PrimaryKeyConstraint("event_id", name=op.f("pk_sealed_event")),
    )
    with op.batch_alter_table("sealed_event", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_sealed_event_seal_id"), ["seal_id"], unique=False)

    op.create_table(
        "set_adoption",
        sa.Column("set_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("authority_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name="fk_set_adoption_authority_id_authority"),
        sa.ForeignKeyConstraint(["set_id"], ["indicator_set.id"], name=op.f("fk_set_adoption_set_id_indicator_set")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_set_adoption")),
        sa.UniqueConstraint("authority_id", "id", name="uq_set_adoption_authority_id_id"),
        sa.UniqueConstraint("authority_id", "set_id", "valid_from", name="uq_set_adoption_since"),
    )
    op.create_table(
        "unit_alias",
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("alias", sa.String(), nullable=False),
        sa.Column("alias_key", sa.String(), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("authority_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["authority_id", "unit_id"], ["unit.authority_id", "unit.id"], name="fk_unit_alias_unit_id_unit"),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name="fk_unit_alias_authority_id_authority"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unit_alias")),
        sa.UniqueConstraint("authority_id", "alias", name="uq_unit_alias_alias"),
        sa.UniqueConstraint("authority_id", "id", name="uq_unit_alias_authority_id_id"),
    )
    op.create_table(
        "unresolved_name",
        sa.Column("printed", sa.String(), nullable=False),
        sa.Column("place", sa.String(), nullable=False),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("authority_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["authority_id", "unit_id"], ["unit.authority_id", "unit.id"], name="fk_unresolved_name_unit_id_unit"),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name="fk_unresolved_name_authority_id_authority"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unresolved_name")),
        sa.UniqueConstraint("authority_id", "id", name="uq_unresolved_name_authority_id_id"),
    )
    op.create_table(
        "assignment",
        sa.Column("notice_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("indicator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lead_unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("lead_printed", sa.Text(), nullable=False),
        sa.Column("cooperators_printed", sa.Text(), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("valid_from", sa.Date(), nullable=False),
        sa.Column("valid_to", sa.Date(), nullable=True),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("authority_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.CheckConstraint("valid_to IS NULL OR valid_to >= valid_from", name=op.f("ck_assignment_validity")),
        sa.ForeignKeyConstraint(["authority_id", "lead_unit_id"], ["unit.authority_id", "unit.id"], name="fk_assignment_lead_unit_id_unit"),
        sa.ForeignKeyConstraint(["authority_id", "notice_id"], ["notice.authority_id", "notice.id"], name="fk_assignment_notice_id_notice"),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name="fk_assignment_authority_id_authority"),
        sa.ForeignKeyConstraint(["indicator_id"], ["indicator.id"], name=op.f("fk_assignment_indicator_id_indicator")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignment")),
        sa.UniqueConstraint("authority_id", "id", name="uq_assignment_authority_id_id"),
        sa.UniqueConstraint("authority_id", "notice_id", "indicator_id", "valid_from", name="uq_assignment_one_lead"),
    )
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_assignment_indicator_id"), ["indicator_id"], unique=False)
        batch_op.create_index("ix_assignment_lead_unit_id", ["authority_id", "lead_unit_id"], unique=False)

    op.create_table(
        "item_version",
        sa.Column("item_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("number", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("file_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("filename", sa.String(), nullable=True),
        sa.Column("url", sa.Text(), nullable=True),
        sa.Column("figure", sa.Numeric(precision=18, scale=4), nullable=True),
        sa.Column("figure_unit", sa.String(), nullable=True),
        sa.Column("sentence", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        sa.Column("on_behalf", sa.Boolean(), nullable=False),
        sa.Column("authority_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.CheckConstraint(
            "file_id IS NOT NULL OR url IS NOT NULL OR figure IS NOT NULL OR sentence IS NOT NULL", name=op.f("ck_item_version_says_something")
        ),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_item_version_account_id_account")),
        sa.ForeignKeyConstraint(
            ["authority_id", "file_id"], ["stored_file.authority_id", "stored_file.id"], name="fk_item_version_file_id_stored_file"
        ),
        sa.ForeignKeyConstraint(
            ["authority_id", "item_id"], ["evidence_item.authority_id", "evidence_item.id"], name="fk_item_version_item_id_evidence_item"
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name="fk_item_version_authority_id_authority"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_item_version")),
        sa.UniqueConstraint("authority_id", "id", name="uq_item_version_authority_id_id"),
        sa.UniqueConstraint("authority_id", "item_id", "number", name="uq_item_version_number"),
    )
    op.create_table(
        "requirement",
        sa.Column("indicator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "document",
                "minutes",
                "list",
                "picture",
                "link",
                "material",
                "figures",
                name="kind",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("quantity", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["indicator_id"], ["indicator.id"], name=op.f("fk_requirement_indicator_id_indicator")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_requirement")),
        sa.UniqueConstraint("indicator_id", "position", name="uq_requirement_position"),
    )
    op.create_table(
        "round",
        sa.Column("rule_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("slug", sa.String(), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("period", sa.String(), nullable=False),
        sa.Column("data_from", sa.Date(), nullable=True),
        sa.Column("data_to", sa.Date(), nullable=True),
        sa.Column("nominal_on", sa.Date(), nullable=True),
        sa.Column("last_on", sa.Date(), nullable=True),
        sa.Column("subset", sa.Boolean(), nullable=False),
        sa.Column("letter_number", sa.String(), nullable=True),
        sa.Column("letter_issued_on", sa.Date(), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("authority_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.CheckConstraint("last_on IS NULL OR nominal_on IS NULL OR last_on >= nominal_on", name=op.f("ck_round_rolls_forward_only")),
        sa.ForeignKeyConstraint(
            ["authority_id", "rule_id"], ["deadline_rule.authority_id", "deadline_rule.id"], name="fk_round_rule_id_deadline_rule"
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name="fk_round_authority_id_authority"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_round")),
        sa.UniqueConstraint("authority_id", "id", name="uq_round_authority_id_id"),
        sa.UniqueConstraint("authority_id", "rule_id", "period", name="uq_round_period"),
        sa.UniqueConstraint("authority_id", "slug", name="uq_round_slug"),
    )
    with op.batch_alter_table("round", schema=None) as batch_op:
        batch_op.create_index("ix_round_open", ["authority_id", "closed_at", "last_on"], unique=False)

    op.create_table(
        "rule_set",
        sa.Column("rule_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("set_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("authority_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id", "rule_id"], ["deadline_rule.authority_id", "deadline_rule.id"], name="fk_rule_set_rule_id_deadline_rule"
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name="fk_rule_set_authority_id_authority"),
        sa.ForeignKeyConstraint(["set_id"], ["indicator_set.id"], name=op.f("fk_rule_set_set_id_indicator_set")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_rule_set")),
        sa.UniqueConstraint("authority_id", "id", name="uq_rule_set_authority_id_id"),
        sa.UniqueConstraint("authority_id", "rule_id", "set_id", name="uq_rule_set_once"),
    )
    op.create_table(
        "variable",
        sa.Column("indicator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("letter", sa.String(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["indicator_id"], ["indicator.id"], name=op.f("fk_variable_indicator_id_indicator")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_variable")),
        sa.UniqueConstraint("indicator_id", "letter", name="uq_variable_letter"),
    )
    op.create_table(
        "cooperation",
        sa.Column("assignment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("position", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("authority_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(
            ["authority_id", "assignment_id"], ["assignment.authority_id", "assignment.id"], name="fk_cooperation_assignment_id_assignment"
        ),
        sa.ForeignKeyConstraint(["authority_id", "unit_id"], ["unit.authority_id", "unit.id"], name="fk_cooperation_unit_id_unit"),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name="fk_cooperation_authority_id_authority"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_cooperation")),
        sa.UniqueConstraint("authority_id", "assignment_id", "unit_id", name="uq_cooperation_once"),
        sa.UniqueConstraint("authority_id", "id", name="uq_cooperation_authority_id_id"),
    )
    with op.batch_alter_table("cooperation", schema=None) as batch_op:
        batch_op.create_index("ix_cooperation_unit_id", ["authority_id", "unit_id"], unique=False)

    op.create_table(
        "task",
        sa.Column("round_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("assignment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("indicator_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("unit_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("group_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "not_started",
                "collecting",
                "prepared",
                "ready",
                "accepted",
                "not_applicable",
                "supplied_elsewhere",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_on", sa.Date(), nullable=True),
        sa.Column("resubmitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("accepted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("returned_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("own_acceptance", sa.Boolean(), nullable=False),
        sa.Column("on_behalf", sa.Boolean(), nullable=False),
        sa.Column("extended_to_on", sa.Date(), nullable=True),
        sa.Column("mend_by_on", sa.Date(), nullable=True),
        sa.Column("version", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("authority_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.CheckConstraint("(indicator_id IS NULL) <> (title IS NULL)", name=op.f("ck_task_indicator_or_title")),
        sa.ForeignKeyConstraint(
            ["authority_id", "assignment_id"], ["assignment.authority_id", "assignment.id"], name="fk_task_assignment_id_assignment"
        ),
        sa.ForeignKeyConstraint(["authority_id", "group_id"], ["unit.authority_id", "unit.id"], name="fk_task_group_id_unit"),
        sa.ForeignKeyConstraint(["authority_id", "round_id"], ["round.authority_id", "round.id"], name="fk_task_round_id_round"),
        sa.ForeignKeyConstraint(["authority_id", "unit_id"], ["unit.authority_id", "unit.id"], name="fk_task_unit_id_unit"),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name="fk_task_authority_id_authority"),
        sa.ForeignKeyConstraint(["indicator_id"], ["indicator.id"], name=op.f("fk_task_indicator_id_indicator")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_task")),
        sa.UniqueConstraint("authority_id", "id", name="uq_task_authority_id_id"),
        sa.UniqueConstraint("authority_id", "round_id", "indicator_id", "unit_id", name="uq_task_once_a_round"),
    )
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_task_indicator_id"), ["indicator_id"], unique=False)
        batch_op.create_index("ix_task_round_id", ["authority_id", "round_id", "status"], unique=False)
        batch_op.create_index("ix_task_status", ["authority_id", "status"], unique=False)
        batch_op.create_index("ix_task_unit_id", ["authority_id", "unit_id", "status"], unique=False)
        batch_op.create_index("uq_task_title_once_a_round", ["authority_id", "round_id", "unit_id", "title"], unique=True)

    op.create_table(
        "proof",
        sa.Column("task_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("requirement_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("version_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("withdrawn_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("authority_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["authority_id", "task_id"], ["task.authority_id", "task.id"], name="fk_proof_task_id_task"),
        sa.ForeignKeyConstraint(
            ["authority_id", "version_id"], ["item_version.authority_id", "item_version.id"], name="fk_proof_version_id_item_version"
        ),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name="fk_proof_authority_id_authority"),
        sa.ForeignKeyConstraint(["requirement_id"], ["requirement.id"], name=op.f("fk_proof_requirement_id_requirement")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_proof")),
        sa.UniqueConstraint("authority_id", "id", name="uq_proof_authority_id_id"),
        sa.UniqueConstraint("authority_id", "task_id", "requirement_id", "version_id", name="uq_proof_once"),
    )
    with op.batch_alter_table("proof", schema=None) as batch_op:
        batch_op.create_index("ix_proof_task_id", ["authority_id", "task_id"], unique=False)

    op.create_table(
        "reminder",
        sa.Column("task_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("recipient", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("rung", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("planned_on", sa.Date(), nullable=False),
        sa.Column("outbox_message_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("authority_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.ForeignKeyConstraint(["authority_id", "task_id"], ["task.authority_id", "task.id"], name="fk_reminder_task_id_task"),
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name="fk_reminder_authority_id_authority"),
        sa.ForeignKeyConstraint(["outbox_message_id"], ["outbox_message.id"], name="fk_reminder_outbox_message_id_outbox_message"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reminder")),
        sa.UniqueConstraint("authority_id", "id", name="uq_reminder_authority_id_id"),
        sa.UniqueConstraint("authority_id", "task_id", "recipient", "due_on", "rung", name="uq_reminder_said_once"),
    )
    with op.batch_alter_table("reminder", schema=None) as batch_op:
        batch_op.create_index(batch_op.f("ix_reminder_outbox_message_id"), ["outbox_message_id"], unique=False)
        batch_op.create_index("ix_reminder_planned_on", ["authority_id", "planned_on"], unique=False)
        batch_op.create_index("ix_reminder_task_id", ["authority_id", "task_id"], unique=False)
    _refuse_changes()


def downgrade() -> None:
    _allow_changes()
    with op.batch_alter_table("reminder", schema=None) as batch_op:
        batch_op.drop_index("ix_reminder_task_id")
        batch_op.drop_index("ix_reminder_planned_on")
        batch_op.drop_index(batch_op.f("ix_reminder_outbox_message_id"))

    op.drop_table("reminder")
    with op.batch_alter_table("proof", schema=None) as batch_op:
        batch_op.drop_index("ix_proof_task_id")

    op.drop_table("proof")
    with op.batch_alter_table("task", schema=None) as batch_op:
        batch_op.drop_index("uq_task_title_once_a_round")
        batch_op.drop_index("ix_task_unit_id")
        batch_op.drop_index("ix_task_status")
        batch_op.drop_index("ix_task_round_id")
        batch_op.drop_index(batch_op.f("ix_task_indicator_id"))

    op.drop_table("task")
    with op.batch_alter_table("cooperation", schema=None) as batch_op:
        batch_op.drop_index("ix_cooperation_unit_id")

    op.drop_table("cooperation")
    op.drop_table("variable")
    op.drop_table("rule_set")
    with op.batch_alter_table("round", schema=None) as batch_op:
        batch_op.drop_index("ix_round_open")

    op.drop_table("round")
    op.drop_table("requirement")
    op.drop_table("item_version")
    with op.batch_alter_table("assignment", schema=None) as batch_op:
        batch_op.drop_index("ix_assignment_lead_unit_id")
        batch_op.drop_index(batch_op.f("ix_assignment_indicator_id"))

    op.drop_table("assignment")
    op.drop_table("unresolved_name")
    op.drop_table("unit_alias")
    op.drop_table("set_adoption")
    with op.batch_alter_table("sealed_event", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_sealed_event_seal_id"))

    op.drop_table("sealed_event")
    with op.batch_alter_table("membership", schema=None) as batch_op:
        batch_op.drop_index("ix_membership_unit_id")
        batch_op.drop_index("ix_membership_account_id")

    op.drop_table("membership")
    with op.batch_alter_table("mail_attempt", schema=None) as batch_op:
        batch_op.drop_index("ix_mail_attempt_started_at")

    op.drop_table("mail_attempt")
    with op.batch_alter_table("indicator", schema=None) as batch_op:
        batch_op.drop_index("ix_indicator_parent_id")

    op.drop_table("indicator")
    op.drop_table("group_member")
    with op.batch_alter_table("evidence_item", schema=None) as batch_op:
        batch_op.drop_index("ix_evidence_item_unit_id")

    op.drop_table("evidence_item")
    with op.batch_alter_table("document_finding", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_document_finding_set_id"))

    op.drop_table("document_finding")
    with op.batch_alter_table("declared_total", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_declared_total_set_id"))

    op.drop_table("declared_total")
    op.drop_table("deadline_rule")
    with op.batch_alter_table("user_session", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_user_session_account_id"))

    op.drop_table("user_session")
    with op.batch_alter_table("unit", schema=None) as batch_op:
        batch_op.drop_index("uq_unit_focal", sqlite_where=sa.text("focal"), postgresql_where=sa.text("focal"))
        batch_op.drop_index("ix_unit_folded")

    op.drop_table("unit")
    op.drop_table("stored_file")
    with op.batch_alter_table("outbox_message", schema=None) as batch_op:
        batch_op.drop_index("ix_outbox_message_planned")
        batch_op.drop_index("ix_outbox_message_due")
        batch_op.drop_index("ix_outbox_message_authority_id")

    op.drop_table("outbox_message")
    with op.batch_alter_table("one_time_code", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_one_time_code_account_id"))

    op.drop_table("one_time_code")
    op.drop_table("notice")
    op.drop_table("indicator_set")
    with op.batch_alter_table("audit_event", schema=None) as batch_op:
        batch_op.drop_index("ix_audit_event_subject")
        batch_op.drop_index("ix_audit_event_at")

    op.drop_table("audit_event")
    with op.batch_alter_table("sign_in_failure", schema=None) as batch_op:
        batch_op.drop_index("ix_sign_in_failure_who")
        batch_op.drop_index("ix_sign_in_failure_at")

    op.drop_table("sign_in_failure")
    op.drop_table("job_run")
    op.drop_table("calendar_day")
    op.drop_table("authority")
    op.drop_table("audit_seal")
    with op.batch_alter_table("account", schema=None) as batch_op:
        batch_op.drop_index(batch_op.f("ix_account_folded"))

    op.drop_table("account")
