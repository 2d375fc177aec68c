"""A sealed journal."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy.orm import Session

from tests.audit.journal import record, sealed
from tracker.audit.models import AuditEvent


@pytest.fixture
def chain(session: Session, data: Path) -> list[AuditEvent]:
    """Nine events of no authority under three seals: minutes 0–3, 60–62, 120–121 after NOW; each seal written down in seals.log."""
    events = []
    for hour, count in ((0, 4), (1, 3), (2, 2)):
        events += [record(session, f"Việc thứ {hour}.{number}.", minutes=60 * hour + number) for number in range(count)]
        sealed(session, data, minutes=60 * hour + 10)
    return events
