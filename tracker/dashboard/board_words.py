"""What the leaders' page, its slides and its sheet of paper say of a board: one wording for all three, each number with its list."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask import url_for

from tracker.dashboard import rules
from tracker.dashboard.board_pdf import Cell, Figure, OnePage, Part, UnitLine
from tracker.dashboard.board_queries import Board
from tracker.dashboard.calendar_rules import Ahead
from tracker.dashboard.decision_rules import NAMED, Decision, DecisionKind
from tracker.dashboard.reading import Reading
from tracker.dashboard.rules import HeatRow
from tracker.dashboard.trend_rules import Trend
from tracker.kernel.vietnamese import date_vn, long_date_vn, number_vn
from tracker.tasks.queries import Tally
from tracker.units.rules import Action
from tracker.web.words import gettext as _

_ICONS = {
    DecisionKind.EXTENSION: "hourglass-split",
    DecisionKind.PROPOSAL: "arrow-left-right",
    DecisionKind.OBSTACLE: "chat-left-text",
    DecisionKind.DIRECTIVE_LATE: "exclamation-octagon-fill",
    DecisionKind.ESCALATION: "exclamation-octagon-fill",
    DecisionKind.REMARK: "people",
    DecisionKind.DIRECTIVE: "exclamation-triangle-fill",
    DecisionKind.ANSWERED: "check-circle-fill",
}


@dataclass(frozen=True, slots=True)
class Line:
    """A decision in words, with the place where it is made."""

    kind: str
    icon: str
    title: str
    what: str
    href: str
    waits: bool


Shown = dict[str, Any]


def _list(authority: str, slug: str | None, **narrowed: Any) -> str:
    """The address of the list of tasks a number counts."""
    return url_for("dashboard.tasks_", authority=authority, round=slug, **narrowed)


def figures(board: Board, authority: str, slug: str | None) -> list[Shown]:
    """The numbers of the page: how many are late, and what that is worth; without points, how many wait for confirmation."""
    whole, late = board.whole, _list(authority, slug, timeliness="overdue")
    found: list[Shown] = [
        {
            "value": whole.overdue,
            "label": _("nhiệm vụ quá hạn"),
            "note": _("ở %(count)s đơn vị chủ trì", count=board.late_units),
            "href": late,
            "kind": "late" if whole.overdue else None,
        }
    ]
    if board.points_known:
        note = _("trên %(total)s điểm của các nhiệm vụ", total=number_vn(whole.points_total))
        return [*found, {"value": float(whole.points_at_risk or 0), "label": _("điểm có nguy cơ mất"), "note": note, "href": late}]
    ready = _list(authority, slug, status="ready")
    return [*found, {"value": whole.ready, "label": _("chờ đầu mối xác nhận"), "note": _("bộ chỉ số không in điểm"), "href": ready}]


def parts(board: Board, authority: str, slug: str | None) -> list[Shown]:
    """All tasks by where they stand; together the whole."""
    whole = board.whole
    return [
        {"kind": kind, "label": label, "value": value, "href": _list(authority, slug, **narrowed)}
        for kind, label, value, narrowed in (
            ("done", _("đã xác nhận"), whole.accepted, {"status": "accepted"}),
            ("wait", _("chờ xác nhận"), whole.ready, {"status": "ready"}),
            ("soon", _("sắp đến hạn"), whole.due_soon + whole.due_today, {"timeliness": "soon"}),
            ("late", _("quá hạn"), whole.overdue, {"timeliness": "overdue"}),
            ("open", _("chưa đến hạn"), whole.not_due, {"timeliness": "not_due"}),
            ("none", _("không thời hạn, không tính"), whole.no_deadline, {"timeliness": "no_deadline"}),
        )
    ]


def columns(board: Board) -> list[Shown]:
    """Main indicators as columns of the heat map."""
    return [
        {"key": rules.column_key(main), "code": main.code, "label": rules.short_name(main.name), "title": main.name} for main in board.heat.columns
    ]


def units(board: Board, rows: Sequence[HeatRow], authority: str, slug: str | None) -> list[Shown]:
    """Units as rows of it, with what is at risk as the length of a bar."""
    codes = {rules.column_key(main): main.code for main in board.heat.columns}
    return [
        {
            "label": unit.name,
            "href": url_for("dashboard.unit_page", authority=authority, slug=unit.slug),
            "value": _risk(board, whole),
            "late": whole.overdue,
            "late_href": _list(authority, slug, unit=unit.slug, timeliness="overdue"),
            "hot": whole.overdue > 0,
            "cells": {key: _cell(board, cell, authority, slug, unit.slug, codes[key]) for key, cell in cells.items()},
        }
        for unit, whole, cells in rows
    ]


def _risk(board: Board, tally: Tally) -> float | int:
    return float(tally.points_at_risk or 0) if board.points_known else tally.overdue


def _cell(board: Board, cell: Tally, authority: str, slug: str | None, unit: str, main: str) -> Shown:
    band = "overdue" if cell.overdue else None
    text, words = _cell_words(cell)
    return {
        "text": text,
        "step": rules.step(cell, board.points_known),
        "label": words,
        "href": _list(authority, slug, unit=unit, main=main, timeliness=band),
    }


def _cell_words(cell: Tally) -> tuple[str, str]:
    """What stands in a cell («» where all is there), and how it is read out."""
    if cell.overdue:
        return str(cell.overdue), _("%(count)s quá hạn", count=cell.overdue)
    if cell.done + cell.set_aside == cell.total:
        return "", _("đủ minh chứng")
    return f"{cell.done}/{cell.total}", _("%(done)s trên %(total)s đã đủ", done=cell.done, total=cell.total)


def marks(board: Board, authority: str) -> list[Shown]:
    """The coming deadlines as marks of a timeline; the tasks due on a day are a list of their own."""
    return [
        {
            "on": row.day,
            "title": "; ".join(row.names) or _("Bổ sung, gia hạn"),
            "note": "" if row.opened else _("chưa mở"),
            "count": row.tasks or None,
            "kind": "soon" if row.tasks else "open",
            "href": _list(authority, None, due=row.day.isoformat()) if row.tasks else None,
        }
        for row in board.ahead
    ]


def decisions(read: Reading, board: Board) -> list[Line]:
    """What waits, in the order it is to be decided."""
    return [_line(read, one) for one in board.decisions]


def scope(board: Board) -> str:
    """What the figures are of."""
    return board.chosen.name if board.chosen else str(_("mọi đợt đang mở"))


def compared(trend: Trend | None) -> str:
    """Beside the former round, in words; where there is none, why not."""
    if trend is None:
        return str(_("Chưa có đợt nào có thời hạn và nhiệm vụ để so với kỳ trước."))
    if trend.ahead is None or trend.former is None:
        return str(_("Đây là kỳ đầu tiên của hạn này trên hệ thống, nên chưa có kỳ trước để so."))
    points = number_vn(abs(trend.ahead), 1)
    if trend.ahead == 0:
        return str(_("bằng kỳ trước"))
    return str(_("hơn %(points)s điểm phần trăm", points=points) if trend.ahead > 0 else _("kém %(points)s điểm phần trăm", points=points))


def _line(read: Reading, one: Decision) -> Line:
    return Line(_kind(one), _ICONS[one.kind], _title(one), _what(one), _href(read, one), one.waits)


def _kind(one: Decision) -> str:
    """What it is; how late, what it is worth."""
    by = date_vn(one.until)
    said: dict[DecisionKind, str] = {
        DecisionKind.EXTENSION: _("Đề nghị gia hạn lần %(number)s", number=one.round_) if one.round_ > 1 else _("Đề nghị gia hạn"),
        DecisionKind.PROPOSAL: _("Đề nghị của đơn vị"),
        DecisionKind.OBSTACLE: _("Khó khăn, vướng mắc chờ trả lời"),
        DecisionKind.DIRECTIVE_LATE: _("Ý kiến chỉ đạo, quá hạn trả lời %(days)s ngày", days=one.days),
        DecisionKind.ESCALATION: _("Chuyển cấp · quá hạn %(days)s ngày", days=one.days),
        DecisionKind.REMARK: _("Đồng chí được nhắc tới"),
        DecisionKind.DIRECTIVE: _("Ý kiến chỉ đạo, trả lời trước hết ngày %(day)s", day=by) if one.until else _("Ý kiến chỉ đạo chờ trả lời"),
        DecisionKind.ANSWERED: _("Chỉ đạo đã có trả lời"),
    }
    words = said[one.kind]
    if one.points is not None:
        words = _("%(words)s · %(points)s điểm", words=words, points=number_vn(one.points))
    if one.kind in (DecisionKind.DIRECTIVE, DecisionKind.DIRECTIVE_LATE) and one.times > 1:
        words = _("%(words)s, nhắc lại lần %(times)s", words=words, times=one.times)
    return str(words)


def _title(one: Decision) -> str:
    if one.name is not None:
        return f"{one.codes[0]} {one.name}" if one.codes and one.codes[0] != one.name else one.name
    more = len(one.codes) - NAMED
    codes = ", ".join(one.codes[:NAMED])
    if more > 0:
        codes = str(_("%(codes)s và %(count)s nữa", codes=codes, count=more))
    return str(_("%(count)s nhiệm vụ: %(codes)s", count=len(one.task_ids), codes=codes))


def _what(one: Decision) -> str:
    if one.kind is DecisionKind.EXTENSION:
        return str(_("%(unit)s xin từ %(day)s đến %(until)s", unit=one.unit, day=_short(one.day, one.until), until=_short(one.until, one.day)))
    if one.kind is DecisionKind.ESCALATION:
        if not one.times:
            return str(_("%(unit)s chưa thực hiện, chưa được nhắc", unit=one.unit))
        return str(_("%(unit)s chưa thực hiện, đã nhắc %(times)s lần", unit=one.unit, times=one.times))
    return str(_("%(unit)s: “%(words)s”", unit=one.unit, words=one.words))


def _short(day: date | None, beside: date | None) -> str:
    """A day beside another: its year only where they are of two."""
    return f"{day:%d/%m}" if day and beside and day.year == beside.year else date_vn(day)


def _href(read: Reading, one: Decision) -> str:
    """Straight to where it is decided; a line of several tasks to the list of them."""
    authority = read.authority.slug
    if one.kind is DecisionKind.EXTENSION:
        return url_for("tasks.extensions_", authority=authority, request=None if one.several else one.ids[0])
    if one.kind is DecisionKind.PROPOSAL:
        return url_for("tasks.proposals_", authority=authority, proposal=one.ids[0])
    if one.kind is DecisionKind.ESCALATION and one.several:
        return url_for("dashboard.tasks_", authority=authority, unit=one.unit_slug, timeliness="overdue", status="not_started")
    if one.kind is DecisionKind.OBSTACLE and read.viewer.may(Action.ANSWER_OBSTACLE):
        return url_for("tasks.answer_obstacle", authority=authority, obstacle_id=one.ids[0])
    part = {DecisionKind.OBSTACLE: "obstacles", DecisionKind.REMARK: "talk", DecisionKind.ESCALATION: None}.get(one.kind, "directives")
    return url_for("dashboard.task_page", authority=authority, task_id=one.task_ids[0], _anchor=part)


def one_page(read: Reading, board: Board, slug: str | None, at: str) -> OnePage:
    """The sheet of paper; ``at`` is the moment in words."""
    authority = read.authority.slug
    known = board.points_known
    return OnePage(
        authority=read.authority.name,
        title=_("Tổng quan thực hiện chỉ số chuyển đổi số"),
        scope=scope(board),
        at=_("Số liệu lúc %(at)s (%(day)s)", at=at, day=long_date_vn(read.today)),
        figures=tuple(Figure(number_vn(one["value"]), one["label"], one["note"]) for one in figures(board, authority, slug)),
        parts=tuple(Part(one["value"], number_vn(one["value"]), one["label"]) for one in parts(board, authority, slug)),
        parts_label=_("%(total)s nhiệm vụ theo tình trạng", total=number_vn(board.whole.total)),
        units_title=_("Đơn vị chủ trì, xếp theo điểm có nguy cơ mất") if known else _("Đơn vị chủ trì, xếp theo số nhiệm vụ quá hạn"),
        units_head=(_("Đơn vị chủ trì"), _("Điểm có nguy cơ mất") if known else _("Nhiệm vụ quá hạn"), _("Quá hạn") if known else ""),
        columns=tuple((one["code"], one["label"]) for one in columns(board)),
        units=tuple(_unit_line(board, row) for row in board.heat.rows),
        units_foot=units_foot(board),
        cells_note=_("Ô đậm: số nhiệm vụ quá hạn; 1/2: đã đủ trên tổng số; dấu kiểm: đủ minh chứng."),
        decisions_title=_("Chờ lãnh đạo quyết định (%(count)s)", count=board.waiting),
        decisions=tuple((line.kind, line.title, line.what) for line in decisions(read, board)),
        decisions_none=_("Không có việc nào chờ lãnh đạo quyết định."),
        more=lambda count: _("Còn %(count)s việc nữa", count=count),
        ahead_title=_("Hạn sắp tới"),
        ahead=tuple((long_date_vn(row.day), ahead_words(row)) for row in board.ahead),
        ahead_none=_("Không có hạn nào trong 60 ngày tới."),
        trend_title=_("Đủ minh chứng so với kỳ trước"),
        trend=trend_sentences(board.trend),
        curves_note=_("Nét liền: kỳ này; nét đứt: kỳ trước; chấm: ngày cuối; vạch: hôm nay.")
        if board.trend and board.trend.then is not None
        else _("Vạch chấm: ngày cuối; vạch liền: hôm nay."),
        curves=board.trend,
        today=read.today,
    )


def units_foot(board: Board) -> str:
    """The units that are folded away, in a sentence."""
    if not board.heat.rest:
        return ""
    if not board.heat.folded_overdue:
        return str(_("Còn %(count)s đơn vị khác, không có nhiệm vụ quá hạn", count=board.heat.folded))
    return str(_("Còn %(count)s đơn vị khác, %(late)s nhiệm vụ quá hạn", count=board.heat.folded, late=board.heat.folded_overdue))


def _unit_line(board: Board, row: HeatRow) -> UnitLine:
    unit, whole, cells = row
    value = _risk(board, whole)
    late = number_vn(whole.overdue) if whole.overdue else "–"
    found = (cells.get(rules.column_key(main)) for main in board.heat.columns)
    drawn = tuple(None if cell is None else Cell(_cell_words(cell)[0], rules.step(cell, board.points_known)) for cell in found)
    return UnitLine(unit.name, float(value), number_vn(value), late if board.points_known else "", drawn, bold=whole.overdue > 0)


def ahead_words(row: Ahead) -> str:
    """What falls on a day: its rounds by name, how many tasks are still to be done by then."""
    count = str(_("%(count)s nhiệm vụ", count=row.tasks)) if row.tasks else ""
    words = ": ".join(part for part in ("; ".join(row.names) or str(_("Bổ sung, gia hạn")), count) if part)
    return words if row.opened else str(_("%(words)s (chưa mở)", words=words))


def trend_sentences(trend: Trend | None) -> tuple[str, ...]:
    """The comparison as one reads it aloud."""
    if trend is None:
        return (compared(trend),)
    now = str(_("%(name)s: %(share)s%% nhiệm vụ đã báo đủ minh chứng.", name=trend.name, share=number_vn(trend.share, 1)))
    if trend.then is None or trend.former is None:
        return now, compared(trend)
    then = _("Cùng ngày so với hạn, %(name)s đạt %(share)s%%.", name=trend.former, share=number_vn(trend.then, 1))
    return now, str(then), str(_("Kỳ này %(compared)s.", compared=compared(trend)))
