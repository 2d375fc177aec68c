"""Who acts for whom, for some days."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, Text
from sqlalchemy.orm import Mapped, mapped_column

from tracker.kernel.database import Base, Keyed, within_authority


class Deputy(Keyed, Base):
    """Ủy quyền: while in force the deputy has the principal's roles in units, or in one of them, and may act «thay».

    Ends by date or when called off.
    """

    __tablename__ = "deputy"
    __constraints__ = (
        within_authority("unit_id", "unit", own="deputy"),
        CheckConstraint("account_id <> deputy_account_id", name="not_oneself"),
        CheckConstraint("valid_to >= valid_from", name="validity"),
        Index("ix_deputy_deputy_account_id", "deputy_account_id"),
        Index("ix_deputy_account_id", "authority_id", "account_id"),
    )

    #: The principal: whose roles are lent.
    account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    deputy_account_id: Mapped[int] = mapped_column(ForeignKey("account.id"))
    #: Only the roles in this unit; None lends all that can be lent.
    unit_id: Mapped[int | None]
    valid_from: Mapped[date]
    valid_to: Mapped[date]
    reason: Mapped[str] = mapped_column(Text)
    recorded_at: Mapped[datetime]
    recorded_by: Mapped[str]
    revoked_at: Mapped[datetime | None]
    revoked_by: Mapped[str | None]
    version: Mapped[int] = mapped_column(default=1)

    __mapper_args__ = {"version_id_col": version}
