"""evidence: checklists of an authority, documents' particulars, several files, proofs decided one by one"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

Id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
CAUSES = (
    "missing",
    "wrong_period",
    "unsigned",
    "wrong_signer",
    "dead_link",
    "other_unit",
    "figures",
    "unreadable",
    "off_topic",
    "other",
)
KINDS = ("document", "minutes", "list", "picture", "link", "material", "figures")
SAYS = "{files} OR url IS NOT NULL OR figure IS NOT NULL OR sentence IS NOT NULL"
ONE_LINE = (
    "(requirement_id IS NULL OR local_requirement_id IS NULL) AND (variable_id IS NULL OR (requirement_id IS NULL AND local_requirement_id IS NULL))"
)


def _text(name: str, *values: str) -> sa.Enum:
    return sa.Enum(*values, name=name, native_enum=False, create_constraint=True, length=32)


def _keyed(table: str, *columns: sa.schema.SchemaItem) -> None:
    op.create_table(
        table,
        sa.Column("id", Id, autoincrement=True, nullable=False),
        sa.Column("authority_id", Id, nullable=False),
        *columns,
        sa.ForeignKeyConstraint(["authority_id"], ["authority.id"], name=f"fk_{table}_authority_id_authority"),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("authority_id", "id", name=f"uq_{table}_authority_id_id"),
    )


def _within(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(["authority_id", column], [f"{target}.authority_id", f"{target}.id"], name=f"fk_{table}_{column}_{target}")


def upgrade() -> None:
    with op.batch_alter_table("requirement") as batch:
        batch.add_column(sa.Column("signed_by_head", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("while_in_force", sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table("requirement") as batch:
        batch.alter_column("signed_by_head", server_default=None)
        batch.alter_column("while_in_force", server_default=None)
    _let_kinds((*KINDS, "confirmation"))
    with op.batch_alter_table("task") as batch:
        batch.add_column(sa.Column("return_cause", _text("return_cause", *CAUSES)))
    _new_tables()
    _versions_up()
    _proofs_up()


def _let_kinds(values: tuple[str, ...]) -> None:
    with op.batch_alter_table("requirement") as batch:
        batch.drop_constraint(op.f("ck_requirement_kind"), type_="check")
    listed = ", ".join(f"'{value}'" for value in values)
    with op.batch_alter_table("requirement") as batch:
        batch.create_check_constraint(op.f("ck_requirement_kind"), f'"kind" IN ({listed})')


def _new_tables() -> None:
    _keyed(
        "local_requirement",
        sa.Column("indicator_id", Id, nullable=False),
        sa.Column("kind", _text("kind", *KINDS, "confirmation"), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("quantity", Id, nullable=False),
        sa.Column("signed_by_head", sa.Boolean(), nullable=False),
        sa.Column("while_in_force", sa.Boolean(), nullable=False),
        sa.Column("added_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("dropped_at", sa.DateTime(timezone=True)),
        sa.Column("version", Id, nullable=False),
        sa.CheckConstraint("quantity >= 1", name=op.f("ck_local_requirement_at_least_one")),
        sa.ForeignKeyConstraint(["indicator_id"], ["indicator.id"], name=op.f("fk_local_requirement_indicator_id_indicator")),
    )
    op.create_index("ix_local_requirement_indicator_id", "local_requirement", ["authority_id", "indicator_id"])
    _keyed(
        "version_file",
        sa.Column("version_id", Id, nullable=False),
        sa.Column("position", Id, nullable=False),
        sa.Column("file_id", Id, nullable=False),
        sa.Column("filename", sa.String(), nullable=False),
        _within("version_file", "version_id", "item_version"),
        _within("version_file", "file_id", "stored_file"),
        sa.UniqueConstraint("authority_id", "version_id", "position", name="uq_version_file_position"),
    )
    op.create_index("ix_version_file_file_id", "version_file", ["authority_id", "file_id"])
    _keyed(
        "link_check",
        sa.Column("version_id", Id, nullable=False),
        sa.Column("opened", sa.Boolean(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("account_id", Id, nullable=False),
        sa.Column("actor", sa.String(), nullable=False),
        _within("link_check", "version_id", "item_version"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name=op.f("fk_link_check_account_id_account")),
    )
    op.create_index("ix_link_check_version_id", "link_check", ["authority_id", "version_id"])


def _versions_up() -> None:
    """Files of a version become rows of their own."""
    op.execute(
        "INSERT INTO version_file (authority_id, version_id, position, file_id, filename)"
        " SELECT authority_id, id, 1, file_id, COALESCE(filename, 'tep') FROM item_version WHERE file_id IS NOT NULL ORDER BY id"
    )
    with op.batch_alter_table("item_version") as batch:
        batch.add_column(sa.Column("file_count", Id, nullable=False, server_default="0"))
        batch.add_column(sa.Column("denominator", sa.Numeric(18, 4)))
        batch.add_column(sa.Column("estimate", sa.Boolean(), nullable=False, server_default=sa.false()))
        batch.add_column(sa.Column("document_number", sa.String()))
        batch.add_column(sa.Column("document_on", sa.Date()))
        batch.add_column(sa.Column("issuer", sa.String()))
        batch.add_column(sa.Column("summary", sa.Text()))
        batch.add_column(sa.Column("signer", sa.String()))
        batch.add_column(sa.Column("signing", _text("signing", "head", "deputy", "unsigned")))
        batch.add_column(sa.Column("in_force_to", sa.Date()))
        batch.add_column(sa.Column("why", sa.Text()))
    op.execute("UPDATE item_version SET file_count = 1 WHERE file_id IS NOT NULL")
    with op.batch_alter_table("item_version") as batch:
        batch.alter_column("file_count", server_default=None)
        batch.alter_column("estimate", server_default=None)
        batch.drop_constraint(op.f("ck_item_version_says_something"), type_="check")
        batch.drop_constraint("fk_item_version_file_id_stored_file", type_="foreignkey")
        batch.drop_column("file_id")
        batch.drop_column("filename")
        batch.create_check_constraint(op.f("ck_item_version_says_something"), SAYS.format(files="file_count > 0"))
        batch.create_check_constraint(op.f("ck_item_version_denominator_not_zero"), "denominator IS NULL OR denominator <> 0")


def _proofs_up() -> None:
    with op.batch_alter_table("proof") as batch:
        batch.add_column(sa.Column("local_requirement_id", Id))
        batch.add_column(sa.Column("variable_id", Id))
        batch.add_column(sa.Column("state", _text("state", "offered", "accepted", "returned"), nullable=False, server_default="offered"))
        batch.add_column(sa.Column("decided_at", sa.DateTime(timezone=True)))
        batch.add_column(sa.Column("decided_by", sa.String()))
        batch.add_column(sa.Column("return_cause", _text("return_cause", *CAUSES)))
        batch.add_column(sa.Column("return_words", sa.Text()))
        batch.add_column(sa.Column("affirmed_at", sa.DateTime(timezone=True)))
        batch.add_column(sa.Column("affirmed_by", sa.String()))
    accepted = "SELECT 1 FROM task WHERE task.id = proof.task_id AND task.status = 'accepted'"
    op.execute(f"UPDATE proof SET state = 'accepted' WHERE withdrawn_at IS NULL AND EXISTS ({accepted})")  # noqa: S608 - a constant
    with op.batch_alter_table("proof") as batch:
        batch.alter_column("state", server_default=None)
        batch.create_foreign_key(
            "fk_proof_local_requirement_id_local_requirement",
            "local_requirement",
            ["authority_id", "local_requirement_id"],
            ["authority_id", "id"],
        )
        batch.create_foreign_key(op.f("fk_proof_variable_id_variable"), "variable", ["variable_id"], ["id"])
        batch.create_unique_constraint("uq_proof_once_local", ["authority_id", "task_id", "local_requirement_id", "version_id"])
        batch.create_unique_constraint("uq_proof_once_variable", ["authority_id", "task_id", "variable_id", "version_id"])
        batch.create_check_constraint(op.f("ck_proof_one_line"), ONE_LINE)
        batch.create_check_constraint(op.f("ck_proof_returned_with_a_cause"), "(state = 'returned') = (return_cause IS NOT NULL)")
    op.create_index("ix_proof_version_id", "proof", ["authority_id", "version_id"])


def downgrade() -> None:
    _proofs_down()
    _versions_down()
    for table in ("link_check", "version_file", "local_requirement"):
        op.drop_table(table)
    with op.batch_alter_table("task") as batch:
        batch.drop_constraint(op.f("ck_task_return_cause"), type_="check")
    with op.batch_alter_table("task") as batch:
        batch.drop_column("return_cause")
    op.execute("UPDATE requirement SET kind = 'document' WHERE kind = 'confirmation'")
    _let_kinds(KINDS)
    with op.batch_alter_table("requirement") as batch:
        batch.drop_column("while_in_force")
        batch.drop_column("signed_by_head")


def _proofs_down() -> None:
    """What ticked a line the old schema does not know stays, for the task as a whole."""
    op.drop_index("ix_proof_version_id", "proof")
    with op.batch_alter_table("proof") as batch:
        for name in ("one_line", "returned_with_a_cause", "state", "return_cause"):
            batch.drop_constraint(op.f(f"ck_proof_{name}"), type_="check")
        batch.drop_constraint("uq_proof_once_local", type_="unique")
        batch.drop_constraint("uq_proof_once_variable", type_="unique")
        batch.drop_constraint("fk_proof_local_requirement_id_local_requirement", type_="foreignkey")
        batch.drop_constraint(op.f("fk_proof_variable_id_variable"), type_="foreignkey")
    with op.batch_alter_table("proof") as batch:
        for name in (
            "affirmed_by",
            "affirmed_at",
            "return_words",
            "return_cause",
            "decided_by",
            "decided_at",
            "state",
            "variable_id",
            "local_requirement_id",
        ):
            batch.drop_column(name)


def _versions_down() -> None:
    """A version of several files keeps its first."""
    with op.batch_alter_table("item_version") as batch:
        batch.add_column(sa.Column("file_id", Id))
        batch.add_column(sa.Column("filename", sa.String()))
    first = "SELECT f.{column} FROM version_file f WHERE f.version_id = item_version.id AND f.position = 1"
    for column in ("file_id", "filename"):
        op.execute(f"UPDATE item_version SET {column} = ({first.format(column=column)})")  # noqa: S608 - constants
    with op.batch_alter_table("item_version") as batch:
        for name in ("says_something", "denominator_not_zero", "signing"):
            batch.drop_constraint(op.f(f"ck_item_version_{name}"), type_="check")
    with op.batch_alter_table("item_version") as batch:
        for name in (
            "why",
            "in_force_to",
            "signing",
            "signer",
            "summary",
            "issuer",
            "document_on",
            "document_number",
            "estimate",
            "denominator",
            "file_count",
        ):
            batch.drop_column(name)
        batch.create_foreign_key("fk_item_version_file_id_stored_file", "stored_file", ["authority_id", "file_id"], ["authority_id", "id"])
        batch.create_check_constraint(op.f("ck_item_version_says_something"), SAYS.format(files="file_id IS NOT NULL"))
