"""The table."""

from __future__ import annotations

from typing import Any

AIM_RATIO, AIM_MEMORY, AIM_MAILS = 3.0, 110.0, 300.0


def add_growth(pages: list[dict[str, Any]]) -> None:
    """``growth``: the median of the large size over that of the small one."""
    small = {one["page"]: one["p50"] for one in pages if one["tasks"] == min(p["tasks"] for p in pages)}
    for one in pages:
        one["growth"] = one["p50"] / small[one["page"]]


def table(figures: dict[str, Any]) -> str:
    """Markdown, as it stands in docs/performance.md."""
    lines = [
        "| page | tasks | p50 ms | p95 ms | floor Flask | floor SQL | ratio | growth | statements | bytes | compressed |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    lines += [_row(one) for one in sorted(figures["pages"], key=lambda p: (_ORDER.index(p["page"]), p["tasks"]))]
    lines.append("")
    lines += [f"- four clients without a pause: {rate:.0f} pages/s at {tasks:,} tasks" for tasks, rate in figures["throughput"].items()]
    for name, workers in figures["memory"].items():
        lines.append(f"- memory of a worker ({name}): " + "; ".join(f"PSS {w['pss']:.0f} MB, RSS {w['rss']:.0f} MB" for w in workers))
    lines += [f"- {tasks:,} synthetic tasks made in {seconds:.1f} s" for tasks, seconds in figures["filling"].items()]
    if visits := figures.get("browser"):
        lines += ["", "| page | visit | first paint ms | layout shift | blocked ms | bytes | requests |", "|---|---|--:|--:|--:|--:|--:|"]
        lines += [_visit(one) for one in visits]
        lines.append("")
    if mail := figures.get("reminders"):
        lines.append(
            f"- one day's reminders: {mail['planned']:,} digests about {mail['tasks_told']:,} tasks planned in {mail['planning_seconds']:.1f} s"
        )
        lines.append(
            f"- sent: {mail['sent']:,} mails in {mail['sending_seconds']:.1f} s = {mail['mails_per_second']:.0f} mails/s by {mail['senders']} senders, not sent {mail['not_sent']}"
        )
    if of := figures.get("country"):
        lines.append(
            f"- a year's deadlines of {of['authorities']:,} authorities: {of['lines']:,} lines, {of['dated']:,} with a date, each with its explanation, "
            f"in {of['seconds']:.1f} s; the process peaked at {of['megabytes']:.0f} MB, {of['megabytes_before']:.0f} MB of it before the work"
        )
    if of := figures.get("planning"):
        lines.append(
            f"- one day of {of['authorities']:,} authorities and {of['tasks']:,} tasks: {of['digests']:,} digests to {of['mailboxes']:,} mailboxes about "
            f"{of['tasks_told']:,} tasks planned in {of['seconds']:.1f} s ({of['own_seconds']:.1f} s of it the process's own), peak {of['megabytes']:.0f} MB; "
            f"again, with nothing new, {of['again_seconds']:.1f} s"
        )
    lines.append(f"- the whole run: {figures['seconds']} s")
    return "\n".join(lines)


_ORDER = ["today", "overview", "work", "task", "report"]


def _row(one: dict[str, Any]) -> str:
    return (
        f"| {one['page']} | {one['tasks']:,} | {one['p50']:.1f} | {one['p95']:.1f} | {one['floor_flask']:.1f} | {one['floor_sql']:.1f} | {one['ratio']:.1f} "
        f"| {one['growth']:.2f} | {one['statements']} | {one['bytes']:,} | {one['bytes_compressed']:,} |"
    )


def _visit(one: dict[str, Any]) -> str:
    return (
        f"| {one['page']} | {'first' if one['first'] else 'later'} | {one['paint_ms']:.0f} | {one['shift']:.3f} | {one['blocked_ms']:.0f} "
        f"| {one['bytes']:,} | {one['requests']} |"
    )
