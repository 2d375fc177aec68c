"""Thousands of mails, three senders, processes killed at random and at every named moment, a server that misbehaves: on both databases."""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

from flask_migrate import upgrade

from tests.harness.cluster import Cluster
from tests.harness.stores import make_app
from tests.mail import kills, post
from tests.mail.sink import Sink
from tracker.kernel import scope
from tracker.kernel.database import db

MESSAGES = 10_000
AT_RANDOM, AT_EACH_MOMENT = 50, 5
SENDERS = 3


def run(messages: int, seed: int) -> int:
    """How many things went wrong; one line for each database on standard error. Fewer messages get fewer kills."""
    cluster = Cluster()
    try:
        with tempfile.TemporaryDirectory(prefix="dondoc-mails-") as folder:
            urls = [f"sqlite:///{Path(folder) / 'mails.sqlite'}", cluster.create("mails")]
            return sum(_on(url, Path(folder), messages, seed) for url in urls)
    finally:
        cluster.stop()


def _on(url: str, data: Path, messages: int, seed: int) -> int:
    app = make_app(url, data)
    wanted = kills.addresses(messages)
    part = min(1.0, messages / MESSAGES)
    deaths = kills.deaths(at_each_moment=max(1, round(AT_EACH_MOMENT * part)), at_random=round(AT_RANDOM * part), seed=seed)
    begun = time.monotonic()
    with app.app_context(), Sink(delay=0.005) as sink:
        upgrade()
        session = db.session()
        with scope.using(session, scope.whole("a soak")):
            post.fill(session, wanted)
            trial = kills.Trial("leased", app, url, data, sink, SENDERS, deaths)
            trial.run(session, seconds=3600)
            found = kills.violations(session, sink, wanted, trial.kills)
        copies = len(sink.accepted)
        distinct = len({one.recipient for one in sink.accepted})
        db.session.remove()
        db.engine.dispose()
    for sentence in found[:20]:
        print(sentence, file=sys.stderr)
    lost = sum("never arrived" in sentence for sentence in found)
    print(
        f"{url.partition(':')[0]}: {messages} mails, {trial.kills} kills, {lost} lost, {copies - distinct} doubles, "
        f"{len(found)} went wrong  {time.monotonic() - begun:.0f} s",
        file=sys.stderr,
        flush=True,
    )
    return len(found)
