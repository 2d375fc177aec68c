"""seals: a chain for each authority, numbered and counted; what the triggers of the foundation left open is closed"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
#: What makes a row of each append-only table the same row: SQLite's «INSERT OR REPLACE» deletes it without asking the DELETE trigger.
SAME = {
    "audit_event": "id = NEW.id",
    "audit_seal": "id = NEW.id OR digest = NEW.digest OR (number = NEW.number AND authority_id IS NEW.authority_id)",
    "sealed_event": "event_id = NEW.event_id",
}
OF_NONE = sa.text("authority_id IS NULL")
REFUSES = "SELECT RAISE(ABORT, 'audit rows are append-only')"


def _sqlite() -> bool:
    return op.get_bind().dialect.name == "sqlite"


def upgrade() -> None:
    """Seals made so far cover everybody's events: they are the beginning of the chain of no authority, numbered in their order."""
    with op.batch_alter_table("audit_seal") as batch:
        batch.add_column(sa.Column("authority_id", Id))
        batch.add_column(sa.Column("number", Id, nullable=False, server_default="0"))
        batch.add_column(sa.Column("total", Id))
    _number_the_old()
    with op.batch_alter_table("audit_seal") as batch:
        batch.alter_column("number", server_default=None)
        batch.create_foreign_key(op.f("fk_audit_seal_authority_id_authority"), "authority", ["authority_id"], ["id"])
        batch.create_unique_constraint("uq_audit_seal_number", ["authority_id", "number"])
    op.create_index("uq_audit_seal_number_of_none", "audit_seal", ["number"], unique=True, sqlite_where=OF_NONE, postgresql_where=OF_NONE)
    _refuse_the_rest()


def _number_the_old() -> None:
    numbers = "UPDATE audit_seal SET number = (SELECT count(*) FROM audit_seal AS earlier WHERE earlier.id <= audit_seal.id)"
    if _sqlite():  # a table rebuilt in batch mode has lost its triggers; _refuse_the_rest() brings them back
        op.execute(numbers)
        return
    op.execute("ALTER TABLE audit_seal DISABLE TRIGGER USER")
    op.execute(numbers)
    op.execute("ALTER TABLE audit_seal ENABLE TRIGGER USER")


def _refuse_the_rest() -> None:
    if not _sqlite():
        for table in SAME:
            op.execute(f"CREATE TRIGGER {table}_no_truncate BEFORE TRUNCATE ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()")
        return
    _refuse_changes_of_seals()
    for table, same in SAME.items():
        there = f"EXISTS (SELECT 1 FROM {table} WHERE {same})"  # noqa: S608 - constants
        op.execute(f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN {there} BEGIN {REFUSES}; END")


def _refuse_changes_of_seals() -> None:
    for verb in ("UPDATE", "DELETE"):
        op.execute(f"CREATE TRIGGER audit_seal_no_{verb.lower()} BEFORE {verb} ON audit_seal BEGIN {REFUSES}; END")


def downgrade() -> None:
    """What the seals of authorities covered counts as never sealed again: the schema before knows one chain only."""
    if _sqlite():
        for table in SAME:
            op.execute(f"DROP TRIGGER {table}_no_replace")
        for table in ("sealed_event", "audit_seal"):
            op.execute(f"DROP TRIGGER {table}_no_delete")
    else:
        for table in SAME:
            op.execute(f"DROP TRIGGER {table}_no_truncate ON {table}")
            op.execute(f"ALTER TABLE {table} DISABLE TRIGGER USER")
    op.execute("DELETE FROM sealed_event WHERE seal_id IN (SELECT id FROM audit_seal WHERE total IS NOT NULL)")
    op.execute("DELETE FROM audit_seal WHERE total IS NOT NULL")
    if not _sqlite():
        for table in SAME:
            op.execute(f"ALTER TABLE {table} ENABLE TRIGGER USER")
    op.drop_index("uq_audit_seal_number_of_none", "audit_seal")
    with op.batch_alter_table("audit_seal") as batch:
        batch.drop_constraint("uq_audit_seal_number", type_="unique")
        batch.drop_constraint(op.f("fk_audit_seal_authority_id_authority"), type_="foreignkey")
        for column in ("total", "number", "authority_id"):
            batch.drop_column(column)
    if _sqlite():
        _refuse_changes_of_seals()
        op.execute(f"CREATE TRIGGER sealed_event_no_delete BEFORE DELETE ON sealed_event BEGIN {REFUSES}; END")
