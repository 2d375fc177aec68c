"""The first page of a blank installation. Open only while there is no authority, and only to who holds the operator's code."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask_login import current_user
from werkzeug.wrappers import Response

from tracker.accounts import credentials
from tracker.accounts import service as accounts
from tracker.accounts import views as accounts_views
from tracker.kernel import clock
from tracker.kernel.database import db
from tracker.kernel.errors import NotFound, Refused
from tracker.start import queries, service
from tracker.start.forms import SetupForm
from tracker.units.rules import AuthorityLevel
from tracker.web.fields import tell
from tracker.web.guards import public
from tracker.web.words import gettext as _

Page = str | Response | tuple[str, int]


@public
def setup() -> Page:
    """Makes the first authority and its administrator, and lets that person in."""
    if queries.any_authority(db.session()):
        if current_user.is_authenticated:
            raise NotFound
        return redirect(url_for("accounts.sign_in"))
    form = SetupForm()
    if request.method == "GET":
        return render_template("start/setup.html", form=form)
    if not form.validate():
        return render_template("start/setup.html", form=form), 400
    status = 400
    try:
        slug, account_id = _found(form)
    except accounts.TooManyTries as refusal:
        status = 429
        db.session.commit()
        tell(form, refusal)
    except Refused as refusal:
        db.session.rollback()
        tell(form, refusal)
    else:
        accounts_views.let_in(account_id)
        flash(_("Đã lập cơ quan. Các bước sau lưu từng bước; đồng chí thoát ra rồi làm tiếp lúc nào cũng được."), "success")
        return redirect(url_for("start.index", authority=slug))
    return render_template("start/setup.html", form=form), status


def _found(form: SetupForm) -> tuple[str, int]:
    """Counts the try, judges the code and the words, hashes the password with no transaction open, then spends the code."""
    accounts_views.count_try(accounts.SETUP_KEY)
    service.check_code(db.session(), form.code.data, clock.now())
    accounts.check_new_password(form.password.data, form.username.data)
    db.session.commit()
    fresh = credentials.hash_password(form.password.data)
    username = form.username.data
    given = service.Founder(
        name=form.name.data,
        level=AuthorityLevel(form.level.data),
        place=form.place.data,
        display_name=form.display_name.data,
        username=username,
        email=username if "@" in username and "." in username.rpartition("@")[2] else None,
    )
    authority, account = service.found(db.session(), form.code.data, given, fresh, now=clock.now())
    slug, account_id = authority.slug, account.id
    db.session.commit()
    return slug, account_id
