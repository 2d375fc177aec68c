"""Which files a room may hold, and who imports whom inside it. Between rooms import-linter decides (pyproject.toml).

A new kind of file is a decision: it breaks this test until it stands in BESIDE with its level and the reason it is not one of the usual files.
"""

from __future__ import annotations

import ast

import pytest

from tests.architecture.source import imports, modules

#: From the bottom up: a file imports only from files of a lower level in its own room.
LEVELS = ("rules", "models", "queries", "access", "service", "forms", "views")
USUAL = {**{name: level for level, name in enumerate(LEVELS)}, "jobs": LEVELS.index("views"), "commands": LEVELS.index("views")}

#: Rooms without features: each file is a thing of its own, from the bottom up.
FOUNDATIONS = {
    "kernel": ("words", "clock", "errors", "failpoints", "vietnamese", "folding", "database", "scope", "bulk"),
}

#: What a room holds beside the usual files: room/name → the level it stands on. It may import its neighbours on that level.
BESIDE: dict[str, str] = {
    "accounts/credentials": "rules",  # hashes and codes: secrets, apart from the words about them
    "accounts/current": "rules",  # the person of the request, for views of every room
    "accounts/letters": "service",  # invitations and resets as mail
    "api/rendering": "models",  # events as iCalendar
    "audit/witness": "models",  # seals.log: the seals' names outside the database
    "dashboard/board_pdf": "rules",  # the leaders' page on one sheet of paper
    "dashboard/board_words": "forms",  # what the leaders' page says, for screen, slides and paper
    "dashboard/live_items": "rules",  # counts with their words, for the pages and for what refreshes them
    "dashboard/reading": "rules",  # how a filter is read from an address
    "dashboard/verifying": "rules",  # one task of the queue with its proof, for the pages that show it
    "documents/letter_pdf": "queries",  # an official document as PDF, by the measures of letter_writing
    "documents/letter_writing": "queries",  # an official document as a Word file
    "documents/pack_writing": "queries",  # an evidence pack as a stream
    "documents/pdf_sheet": "queries",  # pages of a PDF on which words are put at places
    "documents/reading": "rules",  # a notice's table as rows
    "documents/tables": "models",  # Word and Excel files as tables
    "documents/waiting": "rules",  # a file read but not yet confirmed
    "evidence/current": "forms",  # what a form of the request brings, with its files on the store
    "evidence/waiting": "rules",  # what lies on the store but was not confirmed yet, as the preview's form carries it
    "evidence/reading": "access",  # doubts and names beside proofs, for the pages of a task
    "files/current": "access",  # the store of this installation, for views and commands
    "files/contents": "rules",  # what a file really contains
    "files/preview": "access",  # a PDF as pictures, made by a child process
    "files/rendering": "rules",  # that child process
    "files/storage": "models",  # where bytes lie, as models are where rows lie
    "longwork/results": "rules",  # where results lie
    "mail/delivery": "service",  # one sender: claim, prepare, send, record
    "mail/hold": "rules",  # the mark that holds mail back after a restore
    "mail/hooks": "queries",  # HTTP to programs that listen, beside transport
    "mail/outbox": "queries",  # claims and outcomes, each one statement
    "mail/rendering": "rules",  # a template as a message
    "mail/transport": "queries",  # SMTP or a folder
    "operations/backup": "service",
    "operations/demo": "service",  # what --demo adds: people, rounds, plausible progress
    "mail/preparing": "service",  # messages checked again and written, just before they go
    "operations/demo_accounts": "queries",
    "operations/demo_asking": "queries",
    "operations/demo_files": "rules",
    "operations/demo_progress": "queries",
    "operations/launch": "jobs",  # make run
    "operations/mailbox": "rules",  # the mails in the folder, for /dev/mail
    "operations/portable": "rules",  # the format of a backup
    "operations/prepare": "queries",  # what stands between an installation and its next start
    "operations/restore": "service",
    "operations/running": "rules",  # who serves this installation now
    "operations/seed": "queries",  # loading seeds/
    "operations/seed_authorities": "models",
    "operations/seed_export": "models",
    "operations/seed_files": "rules",
    "operations/seed_format": "rules",
    "operations/seed_sets": "models",
    "operations/synth": "service",  # a synthetic country, for tests of scale
    "operations/seed_samples": "queries",  # what the shipped samples say about a set, for the start of an office
    "operations/synth_place": "queries",
    "operations/synth_progress": "queries",
    "operations/synth_set": "queries",
    "reminders/letters": "service",  # the digest as a letter
    "reminders/refusals": "access",  # the signed address of one who wants no summaries
    "start/current": "forms",  # how far the office of the request has come, for the steps and for empty pages
    "tasks/current": "access",  # what the next page says of a decision, with the way to undo it
    "tasks/handover_moves": "service",  # each kind of thing a hand-over moves, and how it is put back
    "tasks/narrowing": "models",  # what a list is narrowed to, as SQL built once
    "tasks/rounds": "service",  # opening a round and its fan-out
    "units/current": "access",  # the desk of the request, for views of every room above
    "units/home": "forms",  # the page of a person with several authorities
    "units/people_import": "service",  # people from an Excel file
    "web/addresses": "rules",
    "web/asset_version": "rules",
    "web/assets": "models",
    "web/bodies": "service",
    "web/catalogue": "models",  # the English of every sentence, gathered and compiled
    "web/errors": "service",
    "web/fields": "service",
    "web/formats": "service",
    "web/guards": "service",
    "web/guides": "queries",  # the guides of docs/huong-dan, read once
    "web/headers": "service",
    "web/links": "service",
    "web/sheets": "service",
    "web/templating": "service",
    "web/terms": "rules",  # the terms of the trade
    "web/terminal": "service",
    "web/words": "rules",
}

FEATURES = (
    "accounts",
    "api",
    "assignments",
    "audit",
    "dashboard",
    "deadlines",
    "documents",
    "evidence",
    "files",
    "indicators",
    "longwork",
    "mail",
    "operations",
    "reminders",
    "scoring",
    "start",
    "tasks",
    "units",
    "web",
)
HOUSE = {"__init__.py", "app.py", "cli.py", "front.py", "scheduler.py", "schema.py"}


def test_every_file_stands_where_the_house_knows_it() -> None:
    unknown = []
    for path in modules():
        room, _, file = path.rpartition("/")
        name = file.removesuffix(".py")
        known = path in HOUSE or (name == "__init__" and (room in FEATURES or room in FOUNDATIONS))
        known = known or name in FOUNDATIONS.get(room, ()) or (room in FEATURES and level(room, name) is not None)
        if not known:
            unknown.append(path)
    assert not unknown, f"{unknown} are no usual files ({', '.join(USUAL)}). Put their work into one, or name them in BESIDE with their level."


def test_no_file_is_named_that_is_not_there() -> None:
    gone = [f"{path}.py" for path in BESIDE if f"{path}.py" not in modules()]
    assert not gone, f"BESIDE names {gone}, which do not exist any more; take them out."


@pytest.mark.parametrize("name", ["helpers", "utils", "common", "misc", "manager", "managers", "util", "helper"])
def test_no_file_is_called_by_nothing(name: str) -> None:
    assert not [path for path in modules() if path.rpartition("/")[2] == f"{name}.py" or f"/{name}/" in f"/{path}"]


def level(room: str, name: str) -> int | None:
    """The level a file stands on; None where the house does not know it. «people_views» is views that outgrew one file."""
    if room in FOUNDATIONS:
        return FOUNDATIONS[room].index(name) if name in FOUNDATIONS[room] else None
    if f"{room}/{name}" in BESIDE:
        return USUAL[BESIDE[f"{room}/{name}"]]
    return USUAL.get(name.rpartition("_")[2])


def test_inside_a_room_a_file_imports_only_from_the_files_below_it() -> None:
    wrong = []
    for path, tree in modules().items():
        room, _, file = path.rpartition("/")
        name = file.removesuffix(".py")
        own = level(room, name) if room else None
        if own is None:
            continue
        for target, line in imports(tree):
            other_room, _, other = target.removeprefix("tracker.").rpartition(".")
            if other_room.replace(".", "/") != room or other == name:
                continue
            below = level(room, other)
            neighbours = below == own and (name not in USUAL or other not in USUAL)
            if below is not None and below >= own and not neighbours:
                wrong.append(f"{path}:{line} imports {other}.py, which stands {'above' if below > own else 'beside'} it")
    assert not wrong, "Inside a room: views|jobs|commands → forms → service → access → queries → models → rules.\n" + "\n".join(wrong)


def test_the_lower_files_know_neither_flask_nor_the_clock() -> None:
    """rules.py is pure; service.py and below take ``now``; only views, jobs and commands commit."""
    banned = {
        "rules": ("flask", "sqlalchemy", "tracker.kernel.database"),
        "models": ("flask",),
        "queries": ("flask",),
        "access": ("flask",),
        "service": ("flask",),
    }
    wrong = []
    for path, tree in modules().items():
        room, _, file = path.rpartition("/")
        name = file.removesuffix(".py")
        if room in FEATURES and name in banned:
            found = {target for target in _all_imports(tree) for no in banned[name] if target == no or target.startswith(no + ".")}
            wrong += [f"{path} imports {target}" for target in sorted(found)]
    assert not wrong, "\n".join(wrong)


def _all_imports(tree: ast.Module) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module, *(f"{node.module}.{alias.name}" for alias in node.names)}
    return names
