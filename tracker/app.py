"""create_app(): the one place that knows every feature. Wiring only."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Flask
from flask_babel import Babel
from flask_compress import Compress
from flask_migrate import Migrate
from flask_wtf import CSRFProtect
from sqlalchemy import inspect
from werkzeug.middleware.proxy_fix import ProxyFix

import config
from tracker import cli, front, scheduler, schema
from tracker.accounts import service as accounts
from tracker.accounts import views as accounts_views
from tracker.api import views as api_views
from tracker.assignments import queries as assignments
from tracker.assignments import views as assignments_views
from tracker.dashboard import board_views as dashboard_views
from tracker.deadlines import views as deadlines_views
from tracker.documents import pack_jobs
from tracker.documents import views as documents_views
from tracker.evidence import file_views
from tracker.evidence import views as evidence_views
from tracker.indicators import views as indicators_views
from tracker.kernel import database, scope
from tracker.longwork import jobs as longwork_jobs
from tracker.longwork import views as longwork_views
from tracker.longwork.rules import WorkKind
from tracker.mail import service as mail
from tracker.operations import seed_commands, seed_samples
from tracker.operations import views as operations_views
from tracker.reminders import letters as reminder_letters
from tracker.reminders import link_views, refusal_views, webhook_jobs, webhook_rules, webhook_views
from tracker.reminders import rules as reminder_rules
from tracker.reminders import views as reminders_views
from tracker.start import views as start_views
from tracker.tasks import views as tasks_views
from tracker.units import home
from tracker.units import views as units_views
from tracker.web import addresses, bodies, errors, formats, guards, headers, templating, words
from tracker.web import views as web_views

BLUEPRINTS = (
    web_views.blueprint,
    operations_views.blueprint,
    accounts_views.blueprint,
    home.blueprint,
    units_views.blueprint,
    indicators_views.blueprint,
    assignments_views.blueprint,
    deadlines_views.blueprint,
    tasks_views.blueprint,
    evidence_views.blueprint,
    file_views.blueprint,
    reminders_views.blueprint,
    webhook_views.blueprint,
    refusal_views.blueprint,
    link_views.blueprint,
    link_views.confirming,
    documents_views.blueprint,
    start_views.blueprint,
    longwork_views.blueprint,
    dashboard_views.blueprint,
    api_views.blueprint,
)


def create_app(overrides: Mapping[str, Any] | None = None) -> Flask:
    """The application. ``overrides`` go over the environment's settings (tests, tools)."""
    app = Flask(
        "tracker", root_path=str(config.ROOT / "tracker"), template_folder=str(config.ROOT / "templates"), static_folder=str(config.ROOT / "static")
    )
    app.jinja_environment = templating.Environment
    app.config.from_mapping(config.read())
    app.config.from_mapping(overrides or {})
    _behind_proxies(app)
    # What is registered first runs last: answers are packed when everything else has been said of them.
    Compress(app)
    _database(app)
    bodies.install(app)
    csrf = CSRFProtect(app)
    Babel(app, locale_selector=front.locale)
    words.install()
    accounts_views.install(app)
    formats.install(app)
    templating.install(app)
    headers.install(app)
    errors.install(app)
    addresses.install(app)
    for blueprint in BLUEPRINTS:
        app.register_blueprint(blueprint)
    # A mail program's one click brings no token of ours; the signed address is one (RFC 8058).
    csrf.exempt(refusal_views.summary)
    # A personal link is opened without a session: its forms carry a token bound to the link.
    csrf.exempt(link_views.page)
    link_views.install(app)
    indicators_views.install(app, assignments.leads_of_set)
    start_views.install(app, seed_samples.samples_in(seed_commands.SEEDS))
    front.install(app)
    guards.install(app, front.gate)
    for kind in reminder_rules.KIND_WORDS:
        mail.register(kind, reminder_letters.prepare, reminder_letters.prepare_in_bulk)
    for kind in webhook_rules.KIND_WORDS:
        mail.register(kind, webhook_jobs.prepare)
    longwork_jobs.register(WorkKind.PACK, pack_jobs.write_pack)
    cli.install(app)
    scheduler.install(app)
    return app


def _behind_proxies(app: Flask) -> None:
    """The address of the person, not of the proxy, is what the throttle counts; only as many hops are believed as there are proxies."""
    hops = app.config["TRUSTED_PROXIES"]
    if hops:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops)  # type: ignore[method-assign]


def _database(app: Flask) -> None:
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    options = dict(app.config.get("SQLALCHEMY_ENGINE_OPTIONS") or {})
    if url.startswith("sqlite"):
        options.setdefault("module", database.sqlite_driver())
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = options
    database.db.init_app(app)
    with app.app_context():
        database.prepare_engine(database.db.engine)
    scope.install(database.db.session.session_factory)
    _refuse_demo_accounts(app)
    assert schema.TABLES
    Migrate(app, database.db, directory=str(config.ROOT / "migrations"))


def _refuse_demo_accounts(app: Flask) -> None:
    """Production does not start on a database whose demo accounts, with a password known to many, could sign in."""
    if app.config["TRACKER_ENV"] != "production":
        return
    with app.app_context():
        try:
            if inspect(database.db.engine).has_table("account"):
                accounts.refuse_demo_accounts(database.db.session())
        except RuntimeError as refusal:
            raise config.BadConfiguration(str(refusal)) from refusal
        finally:
            # gunicorn may fork after this: no connection may be shared.
            database.db.session.remove()
            database.db.engine.dispose()
