"""Sign-in, one-time codes, one's own account. Sessions and the throttle run on the real clock, events and codes on the business one."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, Flask, Response, current_app, flash, make_response, redirect, render_template, request, session, url_for
from flask_login import LoginManager, current_user, login_user, logout_user
from flask_wtf import FlaskForm
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from tracker.accounts import access, credentials, draft_views, letters, queries, service
from tracker.accounts.current import Person, person
from tracker.accounts.forms import ChangePasswordForm, CodeForm, ForgotForm, NewPasswordForm, ProfileForm, SignInForm
from tracker.accounts.rules import SEEN_STEP, username_key
from tracker.audit.rules import Actor
from tracker.kernel import clock
from tracker.kernel.database import db, expect_writes
from tracker.kernel.errors import Refused
from tracker.mail import service as mail
from tracker.mail.models import OutboxMessage
from tracker.mail.rules import Dropped, Prepared
from tracker.web.fields import saving, tell
from tracker.web.guards import public, signed_in
from tracker.web.links import local_path, next_page
from tracker.web.words import LANGUAGES, LOCALE_COOKIE, SOURCE
from tracker.web.words import gettext as _

blueprint = Blueprint("accounts", __name__)
draft_views.install(blueprint)

Page = str | AnyResponse | tuple[str, int]

login = LoginManager()
#: The cookie carries a random token that the database can revoke; tying it to an address would throw out whoever moves between networks.
login.session_protection = None


def _load(token: str) -> Person | None:
    """The person behind the cookie, and, every so often, a note that the session is in use."""
    now = clock.real_now()
    found = queries.signed_in(db.session(), token, now)
    if found is None or (found.demo and _production()):
        return None
    if now - found.seen_at > SEEN_STEP:
        # A transaction of its own: a page that only reads must not turn into a writer halfway.
        db.session.rollback()
        expect_writes(True)
        service.touch_session(db.session(), found.session_id, now)
        db.session.commit()
        expect_writes(request.method not in ("GET", "HEAD", "OPTIONS"))
    return Person(found.account_id, found.username, found.display_name, found.demo, found.session_id, token)


login.user_loader(_load)


def install(app: Flask) -> None:
    """Flask-Login on the application, the end of drafts, and how invitations and resets are written when they go out."""
    login.init_app(app)
    app.after_request(draft_views.sent)
    for kind in (letters.INVITATION, letters.RESET):
        mail.register(kind, _prepare)


def _prepare(session: Session, message: OutboxMessage, now: datetime) -> Prepared | Dropped:
    """By the settings of the application that sends: several may live in one process."""
    return letters.prepare(session, message, now, key=current_app.config["SECRET_KEY"], base_url=current_app.config["BASE_URL"])


def _production() -> bool:
    return bool(current_app.config["TRACKER_ENV"] == "production")


def _address() -> str:
    return request.remote_addr or "?"


def _actor() -> Actor:
    return Actor(person().account_id, person().display_name)


def _unlinked(page: str, status: int = 200) -> Response:
    """The address of the page is a secret: nobody it leads to may learn it."""
    response = make_response(page, status)
    response.headers["Referrer-Policy"] = "no-referrer"
    return response


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
def sign_in() -> Page:
    form = SignInForm()
    if request.method == "GET":
        if current_user.is_authenticated:
            return redirect(local_path(request.args.get("next")) or url_for("home.home"))
        form.next.data = local_path(request.args.get("next"))
        return render_template("accounts/sign_in.html", form=form)
    if not form.validate():
        return render_template("accounts/sign_in.html", form=form), 400
    try:
        account_id = _check_password(form.username.data, form.password.data)
    except service.TooManyTries as refusal:
        db.session.commit()
        tell(form, refusal)
        return render_template("accounts/sign_in.html", form=form), 429
    if account_id is None:
        form.form_errors.append(_("Tên đăng nhập hoặc mật khẩu chưa đúng."))
        return render_template("accounts/sign_in.html", form=form), 401
    let_in(account_id)
    return redirect(local_path(form.next.data) or url_for("home.home"))


def _check_password(username: str, password: str) -> int | None:
    """The account that may sign in, else None. No transaction is open while the password is hashed. Raises TooManyTries."""
    key = username_key(username)
    count_try(key)
    credential = service.credential_for(db.session(), username, production=_production())
    db.session.commit()
    if not credentials.matches(credential.password_hash, password):
        return None
    assert credential.password_hash is not None
    assert credential.account_id is not None
    if credentials.outdated(credential.password_hash):
        fresh = credentials.hash_password(password)
        access.account(db.session(), credential.account_id).password_hash = fresh
    service.forgive_tries(db.session(), key, _address())
    return credential.account_id


def count_try(key: str) -> None:
    """Raises TooManyTries. The try is committed before it is judged, so that parallel ones see each other."""
    now = clock.real_now()
    noted = service.note_try(db.session(), key, _address(), now)
    db.session.commit()
    service.check_tries(db.session(), noted, key, _address(), now)


def let_in(account_id: int) -> None:
    """Signs the browser before us in, and commits."""
    account = access.account(db.session(), account_id)
    now = clock.real_now()
    token = service.open_session(db.session(), account, old_token=session.get("_user_id"), now=clock.now(), real_now=now)
    db.session.commit()
    # Whatever the browser brought along, a planted CSRF token too, ends here.
    session.clear()
    found = queries.signed_in(db.session(), token, now)
    assert found is not None
    login_user(Person(found.account_id, found.username, found.display_name, found.demo, found.session_id, token))


@blueprint.post("/sign-out")
@public
def sign_out() -> Page:
    if current_user.is_authenticated:
        service.sign_out(db.session(), _actor(), person().token, now=clock.now(), real_now=clock.real_now())
        db.session.commit()
    logout_user()
    session.clear()
    flash(_("Đồng chí đã đăng xuất."), "success")
    return redirect(url_for("accounts.sign_in"))


@blueprint.route("/forgot", methods=["GET", "POST"])
@public
def forgot() -> Page:
    """The same answer whether or not the account exists, is open or has an address."""
    form = ForgotForm()
    if request.method == "GET":
        return render_template("accounts/forgot.html", form=form, asked=False)
    if not form.validate():
        return render_template("accounts/forgot.html", form=form, asked=False), 400
    try:
        count_try(service.RESET_KEY)
    except service.TooManyTries as refusal:
        db.session.commit()
        tell(form, refusal)
        return render_template("accounts/forgot.html", form=form, asked=False), 429
    letters.queue_reset(db.session(), form.username.data, key=current_app.config["SECRET_KEY"], now=clock.now(), production=_production())
    db.session.commit()
    return render_template("accounts/forgot.html", form=form, asked=True)


@blueprint.route("/code", methods=["GET", "POST"])
@public
def code() -> Page:
    """A printed code is typed here, together with the new password."""
    form = CodeForm()
    if request.method == "POST" and form.validate():
        return _spend(form, form.code.data, "accounts/code.html")
    return render_template("accounts/code.html", form=form), 400 if request.method == "POST" else 200


@blueprint.route("/code/<typed>", methods=["GET", "POST"])
@public
def code_link(typed: str) -> Page:
    """A mailed link. Opening it spends nothing: mail scanners open links too."""
    form = NewPasswordForm()
    found = queries.usable_code(db.session(), typed, clock.now())
    if found is None:
        return _unlinked(render_template("accounts/code_dead.html"), 404)
    username = found[1].username
    if request.method == "POST" and form.validate():
        return _spend(form, typed, "accounts/code_link.html", username=username, typed=typed)
    return _unlinked(render_template("accounts/code_link.html", form=form, username=username, typed=typed), 400 if request.method == "POST" else 200)


def _spend(form: FlaskForm, given: str, template: str, **shown: str) -> Page:
    """Counts the try, judges the password, hashes it with no transaction open, spends the code."""
    status = 400
    try:
        count_try(service.CODE_KEY)
        found = queries.usable_code(db.session(), given, clock.now())
        service.check_new_password(form.password.data, found[1].username if found else "?")
        db.session.commit()
        fresh = credentials.hash_password(form.password.data)
        account = service.spend_code(db.session(), given, fresh, now=clock.now(), real_now=clock.real_now())
        service.forgive_tries(db.session(), service.CODE_KEY, _address())
        username = account.username
        db.session.commit()
    except service.TooManyTries as refusal:
        status = 429
        db.session.commit()
        tell(form, refusal)
    except Refused as refusal:
        db.session.rollback()
        tell(form, refusal)
    else:
        flash(_("Đã đặt mật khẩu cho tài khoản %(username)s. Mời đồng chí đăng nhập.", username=username), "success")
        return redirect(url_for("accounts.sign_in"))
    return _unlinked(render_template(template, form=form, **shown), status)


@blueprint.get("/account")
@signed_in
def account() -> Page:
    return _account_page()


def _account_page(profile: ProfileForm | None = None, change: ChangePasswordForm | None = None) -> str:
    mine = access.account(db.session(), person().account_id)
    return render_template(
        "accounts/account.html",
        account=mine,
        profile=profile or ProfileForm(formdata=None, obj=mine),
        change=change or ChangePasswordForm(formdata=None),
        sessions=queries.live_sessions(db.session(), mine.id, clock.real_now()),
        this_session=person().session_id,
    )


@blueprint.post("/account/profile")
@signed_in
def change_profile() -> Page:
    form = ProfileForm()
    mine = access.account(db.session(), person().account_id)
    if form.validate():
        with saving(form) as attempt:
            service.change_profile(
                db.session(),
                _actor(),
                mine,
                display_name=form.display_name.data,
                email=form.email.data,
                phone=form.phone.data,
                version=request.form.get("version", 0, type=int),
                now=clock.now(),
            )
        if attempt.saved:
            flash(_("Đã lưu thông tin của đồng chí."), "success")
            return redirect(url_for("accounts.account"))
    return _account_page(profile=form), 400


@blueprint.post("/account/password")
@signed_in
def change_password() -> Page:
    """Every session dies, this one too: whoever knew the old password is out everywhere."""
    form = ChangePasswordForm()
    if form.validate():
        try:
            if _check_password(person().username, form.current.data) is None:
                raise Refused(_("Mật khẩu hiện nay chưa đúng."), "current")
            service.check_new_password(form.password.data, person().username)
            db.session.commit()
            fresh = credentials.hash_password(form.password.data)
            mine = access.account(db.session(), person().account_id)
            service.set_password(db.session(), _actor(), mine, fresh, now=clock.now(), real_now=clock.real_now())
            db.session.commit()
        except Refused as refusal:
            db.session.commit()
            tell(form, refusal)
            return _account_page(change=form), 429 if isinstance(refusal, service.TooManyTries) else 400
        logout_user()
        session.clear()
        flash(_("Đã đổi mật khẩu; mọi phiên đăng nhập đã kết thúc. Mời đồng chí đăng nhập lại."), "success")
        return redirect(url_for("accounts.sign_in"))
    return _account_page(change=form), 400


@blueprint.post("/account/sessions/<int:session_id>/end")
@signed_in
def end_session(session_id: int) -> Page:
    row = access.session_of(db.session(), person().account_id, session_id)
    service.end_session(db.session(), _actor(), row, now=clock.now(), real_now=clock.real_now())
    db.session.commit()
    flash(_("Đã kết thúc phiên đăng nhập."), "success")
    return redirect(url_for("accounts.account"))


@blueprint.post("/account/sessions/end-others")
@signed_in
def end_other_sessions() -> Page:
    service.end_other_sessions(db.session(), _actor(), person().session_id, now=clock.now(), real_now=clock.real_now())
    db.session.commit()
    flash(_("Đã kết thúc mọi phiên đăng nhập khác."), "success")
    return redirect(url_for("accounts.account"))


@blueprint.post("/account/locale")
@public
def choose_locale() -> Page:
    """Vietnamese or English, remembered by the browser for a year; back to the page the choice stood on."""
    chosen = request.form.get("locale", SOURCE)
    response = redirect(next_page(url_for("accounts.account" if current_user.is_authenticated else "accounts.sign_in")))
    if chosen in LANGUAGES:
        response.set_cookie(
            LOCALE_COOKIE, chosen, max_age=365 * 24 * 3600, httponly=True, samesite="Lax", secure=current_app.config["SESSION_COOKIE_SECURE"]
        )
    return response
