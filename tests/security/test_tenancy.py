"""Nothing crosses from one authority to another: every address, by every method, as everybody."""

from __future__ import annotations

import email
import email.policy
import logging
import re
import time
from collections.abc import Callable

import pytest
from flask import Flask

from tests.harness.stores import PASSWORD
from tests.security.plant import WORD, keyed_tables
from tests.security.policy import POLICY, PRINCIPALS
from tests.security.rows import belongs
from tests.security.walk import Walk
from tracker.kernel.database import Base

#: The views and the statements are the same on both databases: there it is enough to see that the filters hold.
ON_POSTGRESQL = ("disabled", "colleague", "focal", "foreign_focal")


def test_every_route_stands_in_the_policy_and_no_other(bare_app: Flask) -> None:
    routes = {rule.endpoint for rule in bare_app.url_map.iter_rules()}
    assert not routes - set(POLICY), f"Say in tests/security/policy.py who may open {sorted(routes - set(POLICY))}."
    assert not set(POLICY) - routes, f"tests/security/policy.py speaks of {sorted(set(POLICY) - routes)}, which are gone."


def test_every_table_says_whose_its_rows_are() -> None:
    for table in Base.metadata.sorted_tables:
        belongs(table)


@pytest.mark.db
def test_nobody_is_shown_what_is_not_theirs(walk: Walk, backend: str, caplog: pytest.LogCaptureFixture, capsys: pytest.CaptureFixture[str]) -> None:
    caplog.set_level(logging.INFO)
    began = time.monotonic()
    found = list(walk.findings(PRINCIPALS if backend == "sqlite" else ON_POSTGRESQL))
    with capsys.disabled():
        print(f"\n  tenancy: {walk.requests} requests, {time.monotonic() - began:.1f} s", end=" ")
    assert not found, f"{len(found)} findings:\n" + "\n".join(found[:60])
    secrets = [PASSWORD, *walk.planted.cookies.values()]
    assert not [secret for secret in secrets if secret in caplog.text], "a password or a session stands in the log"
    shown = {table for table in keyed_tables() if any(word.startswith(f"zqthu{table.replace('_', '')}") for word in walk.seen)}
    assert shown >= {"unit", "unit_alias", "task", "evidence_item", "item_version", "round", "notice", "deadline_rule"}, (
        f"the walk sees only {sorted(shown)}"
    )
    assert any(word.startswith("zqan") for word in walk.seen), "not even the focal point was shown the task that specialists must not see"


@pytest.mark.db
def test_a_mail_tells_of_one_authority_only(walk: Walk) -> None:
    run = walk.app.test_cli_runner().invoke
    for command in (("reminders", "plan"), ("reminders", "send")):
        assert run(args=list(command)).exit_code == 0
    mails = list((walk.app.config["TRACKER_DATA"] / "mail").glob("*.eml"))
    assert len(mails) >= 4
    for path in mails:
        message = email.message_from_bytes(path.read_bytes(), policy=email.policy.default)
        words = "".join(f"{name}: {value}\n" for name, value in message.items()) + "".join(
            part.get_content() for part in message.walk() if part.get_content_maintype() == "text"
        )
        origins = {match[1].replace("an", "thu") for match in WORD.finditer(words)}
        assert len(origins) == 1, f"the mail to {message['To']} tells of {sorted({m[0] for m in WORD.finditer(words)})}"
        if "specialist" in str(message["To"]) or "owner@" in str(message["To"]):
            assert "zqan" not in words


@pytest.mark.db
@pytest.mark.parametrize(
    "command",
    [
        "tasks {a} --json",
        "units {a} --json",
        "assignments {a} --json",
        "deadlines {a} --year 2026 --json",
        "reminders plan --authority {a} --on 2026-11-19 --dry-run --json",
    ],
)
def test_a_command_about_one_authority_prints_nothing_of_another(walk: Walk, command: str) -> None:
    said = walk.app.test_cli_runner().invoke(args=command.format(a=walk.planted.here.authority).split())
    assert said.exit_code == 0, said.output
    assert "zqthu" in said.output
    assert not re.findall(r"zqkhac\w*", said.output)


#: A filter taken out: file, function, what is cut, what stands there instead; who then sees too much, and words of the finding.
MUTANTS: dict[str, tuple[str, str, str, str, str, str]] = {
    "the scope of every read": ("tracker.kernel.scope", "_narrow", "cls.authority_id == only", "cls.authority_id > 0", "focal", "showed zqkhac"),
    "which tasks a person sees": (
        "tracker.tasks.narrowing",
        "sight_of",
        "if viewer is None or viewer.may(Action.SEE_ALL_TASKS):",
        "if True:",
        "colleague",
        "showed zqan",
    ),
    "the authority's folder of evidence": (
        "tracker.files.storage",
        "Storage._path",
        "{self.root}/{authority_id}/",
        "{self.root}/",
        "owner",
        "own folder",
    ),
    "the owner of a draft": (
        "tracker.indicators.access",
        "readable_set",
        "IndicatorSet.owner_authority_id == authority_id",
        "IndicatorSet.id > 0",
        "viewer",
        "showed zqkhac",
    ),
}


@pytest.mark.db("sqlite")
@pytest.mark.parametrize("name", MUTANTS)
def test_the_walk_sees_a_filter_that_is_missing(name: str, walk: Walk, mutate: Callable[..., None]) -> None:
    module, function, cut, instead, who, expected = MUTANTS[name]
    mutate(module, function, cut, instead)
    assert any(expected in finding for finding in walk.findings([who])), f"Without {name} the walk found nothing: it proves nothing."
