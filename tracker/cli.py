"""The commands of docs: parse, call a service, print. Each feature brings its own."""

from __future__ import annotations

from flask import Flask

from tracker.assignments import commands as assignments_commands
from tracker.audit import commands as audit_commands
from tracker.deadlines import commands as deadlines_commands
from tracker.documents import commands as documents_commands
from tracker.documents import letter_commands
from tracker.evidence import commands as evidence_commands
from tracker.indicators import commands as indicators_commands
from tracker.operations import backup_commands, prepare_commands, reference_commands, seed_commands, synth_commands
from tracker.reminders import commands as reminders_commands
from tracker.start import commands as start_commands
from tracker.tasks import commands as tasks_commands
from tracker.units import commands as units_commands


def install(app: Flask) -> None:
    """Hangs every feature's commands on the application."""
    indicators_commands.install(app)
    assignments_commands.install(app)
    units_commands.install(app)
    start_commands.install(app)
    documents_commands.install(app)
    letter_commands.install(app)
    seed_commands.install(app)
    synth_commands.install(app)
    prepare_commands.install(app)
    backup_commands.install(app)
    reference_commands.install(app)
    audit_commands.install(app)
    deadlines_commands.install(app)
    tasks_commands.install(app)
    reminders_commands.install(app)
    evidence_commands.install(app)
