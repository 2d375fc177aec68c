"""The only way to fetch a change of units by id."""

from __future__ import annotations

from sqlalchemy.orm import Session

from tracker.kernel.errors import NotFound
from tracker.units import succession_queries as queries
from tracker.units.succession_queries import SuccessionRow


def succession(session: Session, succession_id: int) -> SuccessionRow:
    """A change of units of the authority in scope. Raises NotFound."""
    found = queries.one(session, succession_id)
    if found is None:
        raise NotFound("Không tìm thấy thay đổi đơn vị này.")
    return found
