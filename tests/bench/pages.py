"""The five things people wait for, and how each is measured."""

from __future__ import annotations

import gzip
import statistics
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import psycopg
from flask import Flask

from tests.bench.browser import Browser, token_of
from tests.bench.servers import HOST, Server
from tests.bench.statements import Step, recorded, replay

SLUG = "tong-hop-0001"
LEAD = "specialist-ubnd-xa-dong"
WARM_UP = 12
SAMPLES = 60
#: No page may hold the measurement up longer.
SECONDS = 20.0

_COMPLETE = """
SELECT t.id FROM task t JOIN authority a ON a.id = t.authority_id JOIN unit u ON u.id = t.unit_id
WHERE a.slug = %s AND u.slug = 'ubnd-xa-dong' AND t.status = 'collecting' AND t.returned_at IS NULL
  AND EXISTS (SELECT 1 FROM proof p WHERE p.task_id = t.id)
  AND NOT EXISTS (SELECT 1 FROM requirement r WHERE r.indicator_id = t.indicator_id
                  AND NOT EXISTS (SELECT 1 FROM proof p WHERE p.task_id = t.id AND p.requirement_id = r.id))
ORDER BY (SELECT count(*) FROM requirement r WHERE r.indicator_id = t.indicator_id) DESC, t.id LIMIT 2
"""
_KEPT = "status, submitted_at, submitted_on, resubmitted_at, on_behalf, version"


@dataclass(frozen=True)
class Figures:
    """Milliseconds; medians but for ``p95``."""

    page: str
    tasks: int
    samples: int
    p50: float
    p95: float
    floor_flask: float
    floor_sql: float
    bytes: int
    bytes_compressed: int
    statements: int

    @property
    def ratio(self) -> float:
        return self.p50 / (self.floor_flask + self.floor_sql)


@dataclass
class Field:
    """Where a measurement takes place."""

    app: Flask
    product: Server
    bare: Server
    connection: psycopg.Connection[Any]
    tasks: int
    password: str

    def signed_in(self, who: str) -> Browser:
        browser = Browser(self.product.port)
        browser.sign_in(f"{who}@{SLUG}.demo", self.password)
        return browser


def measure(field: Field) -> list[Figures]:
    """All five, one after the other; the three kinds of sample of each interleaved."""
    looked_at, reported = _complete(field.connection)
    lead = field.signed_in(LEAD)
    doors = [("today", "focal", "/today"), ("overview", "chair", "/overview")]
    found = [_get(field, name, field.signed_in(who), f"/{SLUG}{path}") for name, who, path in doors]
    found.append(_get(field, "work", lead, f"/{SLUG}/work"))
    found.append(_get(field, "task", lead, f"/{SLUG}/tasks/{looked_at}"))
    found.append(_report(field, lead, reported))
    return found


def _complete(connection: psycopg.Connection[Any]) -> list[int]:
    """Two tasks of the lead that have all they need: one to look at, and one to report over and over, whose history grows."""
    found = [row[0] for row in connection.execute(_COMPLETE, (SLUG,))]
    connection.rollback()
    assert len(found) == 2, "not enough complete tasks"
    return found


def a_complete_task(connection: psycopg.Connection[Any]) -> int:
    """The one that is only looked at."""
    return _complete(connection)[0]


def _get(field: Field, name: str, browser: Browser, path: str) -> Figures:
    answer = browser.get(path)
    assert answer.status == 200, (path, answer.status)
    client, headers = field.app.test_client(use_cookies=False), {"Cookie": browser.cookie_header, "Host": f"{HOST}:{field.product.port}"}

    def work() -> None:
        assert client.get(path, headers=headers).status_code == 200

    work()
    steps = recorded(field.app, work)
    return _figures(field, name, steps, answer.body, lambda: browser.get(path).seconds, "GET", lambda: None)


def _report(field: Field, browser: Browser, task_id: int) -> Figures:
    """Báo đủ minh chứng. The task is put back before each sample, outside the clock."""
    page, path = f"/{SLUG}/tasks/{task_id}", f"/{SLUG}/tasks/{task_id}/report"
    before = field.connection.execute(f"SELECT {_KEPT} FROM task WHERE id = %s", (task_id,)).fetchone()
    assert before is not None
    fields = {"csrf_token": token_of(browser.get(page).body), "version": str(before[-1])}

    def put_back() -> None:
        field.connection.execute(f"UPDATE task SET ({_KEPT}) = (%s, %s, %s, %s, %s, %s) WHERE id = %s", (*before, task_id))
        field.connection.commit()

    def post() -> float:
        answer = browser.post(path, fields, keep_cookies=False)
        assert answer.status == 302, answer.status
        return answer.seconds

    client, headers = field.app.test_client(use_cookies=False), {"Cookie": browser.cookie_header, "Host": f"{HOST}:{field.product.port}"}

    def work() -> None:
        assert client.post(path, data=fields, headers=headers).status_code == 302

    put_back()
    work()
    put_back()
    steps = recorded(field.app, work)
    assert "commit" in steps
    put_back()
    body = browser.post(path, fields, keep_cookies=False).body
    done = field.connection.execute("SELECT status FROM task WHERE id = %s", (task_id,)).fetchone()
    assert done == ("ready",), done
    return _figures(field, "report", steps, body, post, "POST", put_back)


def _figures(field: Field, name: str, steps: list[Step], body: bytes, page: Callable[[], float], method: str, before: Callable[[], None]) -> Figures:
    bare, size = Browser(field.bare.port), len(body)

    def plain() -> float:
        return (bare.get(f"/{size}") if method == "GET" else bare.post(f"/{size}", {"version": "1"})).seconds

    def rows() -> float:
        return replay(field.connection, steps)

    for _ in range(WARM_UP):
        before()
        page()
        plain()
        before()
        rows()
    samples: dict[str, list[float]] = {"page": [], "plain": [], "rows": []}
    until = time.monotonic() + SECONDS
    while len(samples["page"]) < SAMPLES and time.monotonic() < until:
        before()
        samples["page"].append(page())
        samples["plain"].append(plain())
        before()
        samples["rows"].append(rows())
    before()
    bare.hang_up()
    return Figures(
        page=name,
        tasks=field.tasks,
        samples=len(samples["page"]),
        p50=1000 * statistics.median(samples["page"]),
        p95=1000 * statistics.quantiles(samples["page"], n=20)[-1],
        floor_flask=1000 * statistics.median(samples["plain"]),
        floor_sql=1000 * statistics.median(samples["rows"]),
        bytes=size,
        bytes_compressed=len(gzip.compress(body, 6)),
        statements=sum(not isinstance(step, str) for step in steps),
    )


def throughput(field: Field, clients: int = 4, seconds: float = 5.0) -> float:
    """Pages a second, four people asking for the three doors and a task in turn without a pause."""
    looked_at, _reported = _complete(field.connection)
    walks = [("focal", "/today"), ("chair", "/overview"), (LEAD, "/work"), (LEAD, f"/tasks/{looked_at}")]
    people = [[(field.signed_in(who), f"/{SLUG}{path}") for who, path in walks] for _ in range(clients)]
    until = time.monotonic() + seconds
    counts = [0] * clients

    def walk(number: int) -> None:
        while time.monotonic() < until:
            for browser, path in people[number]:
                assert browser.get(path).status == 200
                counts[number] += 1

    threads = [threading.Thread(target=walk, args=(number,)) for number in range(clients)]
    begun = time.monotonic()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return sum(counts) / (time.monotonic() - begun)
