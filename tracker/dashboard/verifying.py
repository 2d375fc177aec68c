"""What the pages of the queue show of one task: the proof beside the decision."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flask import url_for

from tracker.dashboard.reading import Reading
from tracker.dashboard.verify_rules import PDF, Line, Piece, Place, Waiting, figures_of, lines_of, pieces_of, place_of, shown_piece
from tracker.deadlines import queries as deadlines
from tracker.evidence import access as evidence_access
from tracker.evidence import queries as evidence
from tracker.evidence.reading import doubts as doubts_of
from tracker.evidence.warning_rules import Window
from tracker.files import preview
from tracker.kernel.errors import Gone, Refused
from tracker.tasks import access as tasks_access
from tracker.tasks.queries import TaskRow


@dataclass(frozen=True, slots=True)
class Pictures:
    """The shown piece as pictures. ``total``: how many pages it has, None where nobody knows yet; ``why_not``: the sentence where there is none."""

    addresses: tuple[str, ...] = ()
    total: int | None = None
    why_not: str | None = None


@dataclass(frozen=True, slots=True)
class Verifying:
    """One task of the queue on the desk. ``forbidden``: it is the focal point's own and its office does not let it accept that itself."""

    row: TaskRow
    place: Place
    piece: Piece | None
    pieces: list[Piece]
    pictures: Pictures
    lines: list[Line]
    figures: list[tuple[str, str]]
    own: bool
    forbidden: bool


def verifying(read: Reading, waiting: Sequence[Waiting], task_id: int, wanted: int | None = None, *, whole: bool) -> Verifying | None:
    """The task with its proof; None where it waits no more. ``whole``: every page of the document; else the first only."""
    place = place_of(waiting, task_id)
    if place is None:
        return None
    row = tasks_access.task_row(read.session, read.viewer, task_id, read.calendar, read.horizon)
    done = evidence.completeness_of(read.session, [(row.id, row.indicator_id)])[row.id]
    proofs = evidence.proofs(read.session, row.id)
    one = deadlines.round_by_id(read.session, row.round_id)
    doubts = doubts_of(read.session, read.viewer, row.id, proofs, [line.asked for line in done.lines], Window(one.data_from, one.data_to))
    pieces = pieces_of(proofs)
    piece = shown_piece(pieces, wanted)
    own = row.unit_focal or row.unit_id in read.viewer.unit_ids
    return Verifying(
        row=row,
        place=place,
        piece=piece,
        pieces=pieces,
        pictures=_pictures(read, piece, whole=whole) if piece else Pictures(),
        lines=lines_of(done, proofs, doubts),
        figures=figures_of(proofs),
        own=own,
        forbidden=own and not read.authority.own_acceptance,
    )


def _pictures(read: Reading, piece: Piece, *, whole: bool) -> Pictures:
    if not piece.drawn or piece.file is None:
        return Pictures()
    slug, file = read.authority.slug, piece.file
    if file.media_type != PDF:
        return Pictures((url_for("evidence.file", authority=slug, file_id=file.id),), 1)
    if not whole:
        total = preview.known_pages(read.authority.id, file.sha256)
        return Pictures((url_for("evidence.page", authority=slug, file_id=file.id, page=1),), total)
    _named, stored, _item_id = evidence_access.file(read.session, read.viewer, file.id)
    try:
        total = preview.pages(stored)
    except Gone:
        return Pictures()
    except Refused as refusal:
        return Pictures(why_not=refusal.message)
    return Pictures(tuple(url_for("evidence.page", authority=slug, file_id=file.id, page=number) for number in range(1, total + 1)), total)
