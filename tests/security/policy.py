"""Who may open what: written by hand, read by the walk. A route without a line here fails the build.

The line says who reaches the view with an object of their own authority; everybody else is sent to sign-in (nobody
signed in), told «not found» (another authority), or told «not found» or «not allowed» (the same authority).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

#: Everybody the walk plays. ``owner`` and ``head`` work in the unit that leads the task of the walk; ``colleague`` in another unit.
NOBODY = ("anonymous", "disabled")
OUTSIDERS = ("stranger", "foreign_focal", "foreign_admin")
INSIDERS = ("colleague", "owner", "head", "viewer", "chair", "focal", "admin")
PRINCIPALS = NOBODY + OUTSIDERS + INSIDERS
#: Who has no right to see every task of the authority.
SPECIALISTS = frozenset({"colleague", "owner", "head"})

PUBLIC = frozenset(PRINCIPALS)
NO_ONE: frozenset[str] = frozenset()
SIGNED_IN = frozenset(OUTSIDERS + INSIDERS)
HERE = frozenset(INSIDERS)
UNITS = frozenset({"colleague", "owner", "head"})
#: Sees the owner's task: its own unit, and those who see every task.
SEES_TASK = HERE - {"colleague"}
#: Brings evidence for the owner's task: its unit, or the focal point «thay mặt».
BRINGS = frozenset({"owner", "head", "focal"})
UNIT_OF_TASK = BRINGS - {"focal"}
HEAD = frozenset({"head"})
CHAIR = frozenset({"chair"})
OVERSEES = frozenset({"focal", "chair", "viewer"})
FOCAL = frozenset({"focal"})
MANAGES = frozenset({"focal", "admin"})
ADMIN = frozenset({"admin"})


@dataclass(frozen=True)
class Line:
    """``may``: the principals let through; ``objects``: which planted object an argument of the address names, where its name does not say."""

    may: frozenset[str]
    objects: Mapping[str, str] = field(default_factory=dict)


UNIT = {"slug": "unit"}
GROUP = {"slug": "group"}
ROUND = {"slug": "round"}
NOTICE = {"slug": "notice"}
RULE = {"slug": "rule"}

POLICY: dict[str, Line] = {
    # Nobody's and everybody's
    "static": Line(PUBLIC, {"filename": "asset"}),
    "operations.healthz": Line(PUBLIC),
    "operations.mailbox": Line(PUBLIC),
    "operations.mail_page": Line(PUBLIC, {"name": "mail"}),
    "web.styleguide": Line(PUBLIC),
    "web.manifest": Line(PUBLIC),
    "web.guides_": Line(PUBLIC),
    "web.guide": Line(PUBLIC, {"slug": "guide"}),
    "web.guide_picture": Line(PUBLIC, {"name": "picture"}),
    # Getting in
    "accounts.sign_in": Line(PUBLIC),
    "accounts.sign_out": Line(PUBLIC),
    "accounts.forgot": Line(PUBLIC),
    "accounts.code": Line(PUBLIC),
    "accounts.code_link": Line(PUBLIC, {"typed": "code_typed"}),
    "accounts.choose_locale": Line(PUBLIC),
    # Calendars: by a token nobody of the walk holds (tests/api/test_feeds.py does)
    "api.feed": Line(PUBLIC, {"token": "token"}),
    # Summaries refused: by an address signed for one person (tests/reminders/test_summaries.py)
    "summaries.summary": Line(PUBLIC, {"token": "token"}),
    # Personal links: by a token nobody of the walk holds (tests/reminders/test_links.py)
    "links.page": Line(PUBLIC, {"token": "token"}),
    "api.my_feeds": Line(SIGNED_IN),
    "api.feeds": Line(HERE),
    # The feed of the walk is somebody else's: only who manages people ends it.
    "api.revoke": Line(MANAGES),
    # One's own account
    "home.home": Line(SIGNED_IN),
    "accounts.account": Line(SIGNED_IN),
    # One's own unsent forms, by one's own session (tests/accounts/test_drafts.py)
    "accounts.draft": Line(SIGNED_IN),
    "accounts.keep_draft": Line(SIGNED_IN),
    "accounts.change_profile": Line(SIGNED_IN),
    "accounts.change_password": Line(SIGNED_IN),
    # The session of the walk is somebody else's: nobody ends that.
    "accounts.end_session": Line(NO_ONE, {"session_id": "session"}),
    "accounts.end_other_sessions": Line(SIGNED_IN),
    # Front doors
    "dashboard.home": Line(HERE),
    "dashboard.today": Line(FOCAL),
    "dashboard.verify": Line(FOCAL),
    "dashboard.chase_many": Line(FOCAL),
    "dashboard.overview": Line(OVERSEES),
    "dashboard.present": Line(OVERSEES),
    "dashboard.overview_pdf": Line(OVERSEES),
    "dashboard.work": Line(UNITS),
    # Tasks
    "dashboard.tasks_": Line(HERE),
    "dashboard.filters_": Line(HERE),
    # The filter of the walk is somebody else's: nobody drops that.
    "dashboard.drop_filter": Line(NO_ONE),
    "dashboard.task_page": Line(SEES_TASK),
    "dashboard.search": Line(HERE),
    "dashboard.found": Line(HERE),
    "dashboard.live_today": Line(FOCAL),
    "dashboard.live_work": Line(UNITS),
    "dashboard.calendar": Line(HERE),
    "tasks.accept": Line(FOCAL),
    "tasks.return_": Line(FOCAL),
    "tasks.set_aside": Line(FOCAL),
    "tasks.send_back": Line(HEAD),
    "tasks.resume": Line(FOCAL),
    # More time: the offices of the walk let their leaders decide
    "tasks.propose": Line(BRINGS),
    "tasks.proposals_": Line(HERE - SPECIALISTS),
    "tasks.decide_proposals": Line(FOCAL),
    "tasks.withdraw_proposal": Line(UNIT_OF_TASK),
    "tasks.ask_extension": Line(BRINGS),
    "tasks.withdraw_extension": Line(UNIT_OF_TASK),
    "tasks.extensions_": Line(OVERSEES | ADMIN),
    "tasks.decide_extensions": Line(CHAIR),
    "tasks.extend": Line(CHAIR),
    # What is said about a task: its unit, the focal point, the leaders
    "tasks.report_obstacle": Line(BRINGS),
    "tasks.answer_obstacle": Line(frozenset({"focal", "chair"})),
    "tasks.withdraw_obstacle": Line(BRINGS),
    "tasks.direct": Line(CHAIR),
    "tasks.answer_directive": Line(BRINGS),
    "tasks.repeat_directive": Line(CHAIR),
    "tasks.close_directive": Line(CHAIR),
    "tasks.say": Line(BRINGS | CHAIR),
    "tasks.read_remarks": Line(SEES_TASK),
    # The remark of the walk is somebody else's: nobody takes that back.
    "tasks.withdraw_remark": Line(NO_ONE),
    # Hand-over
    "tasks.handovers_": Line(MANAGES),
    "tasks.new_handover": Line(MANAGES),
    "tasks.handover": Line(MANAGES),
    "tasks.undo_handover": Line(MANAGES),
    # Rounds and deadlines
    "tasks.rounds_": Line(HERE),
    "tasks.round_": Line(HERE, ROUND),
    "tasks.letter": Line(MANAGES),
    "tasks.request_": Line(MANAGES),
    "tasks.add_paper": Line(MANAGES, ROUND),
    "tasks.paper": Line(HERE, ROUND),
    "tasks.close": Line(MANAGES, ROUND),
    "tasks.reopen": Line(MANAGES, ROUND),
    "deadlines.year": Line(HERE),
    "deadlines.rule": Line(HERE, RULE),
    "deadlines.new_rule": Line(MANAGES),
    "deadlines.confirm_rule": Line(MANAGES),
    "deadlines.edit_rule": Line(MANAGES, RULE),
    "deadlines.end_rule": Line(MANAGES, RULE),
    "deadlines.local_days": Line(MANAGES),
    "deadlines.withdraw_local_day": Line(MANAGES),
    # Evidence
    "evidence.bring": Line(BRINGS),
    "evidence.report": Line(BRINGS),
    "evidence.reuse": Line(BRINGS),
    "evidence.withdraw": Line(BRINGS),
    "evidence.file": Line(SEES_TASK),
    "evidence.preview": Line(SEES_TASK),
    "evidence.page": Line(SEES_TASK),
    "evidence.item": Line(SEES_TASK),
    "evidence.supersede": Line(BRINGS),
    "evidence.check": Line(SEES_TASK),
    "evidence.former": Line(BRINGS),
    "evidence.review": Line(FOCAL),
    "evidence.accept_many": Line(FOCAL),
    "evidence.return_many": Line(FOCAL),
    "evidence.approve_many": Line(HEAD),
    "evidence.undo_many": Line(FOCAL),
    "evidence.store": Line(BRINGS, UNIT),
    "evidence.share": Line(BRINGS, UNIT),
    "evidence.folder": Line(BRINGS, UNIT),
    "files.withdrawn": Line(ADMIN),
    "files.withdraw": Line(ADMIN),
    "evidence.add_requirement": Line(MANAGES, {"set_slug": "set", "code": "indicator"}),
    "evidence.drop_requirement": Line(MANAGES, {"requirement_id": "local_requirement_id"}),
    # What cooperating units are asked for: that of the walk is asked of a unit nobody of the walk works in
    "evidence.contributions_": Line(UNITS),
    "evidence.contribution": Line(SEES_TASK),
    "evidence.answer_contribution": Line(FOCAL),
    "evidence.ask_contribution": Line(BRINGS),
    "evidence.withdraw_contribution": Line(BRINGS),
    "evidence.use_contribution": Line(BRINGS),
    # Reminders
    "reminders.index": Line(FOCAL),
    "reminders.send_again": Line(FOCAL),
    "reminders.zalo": Line(FOCAL),
    "reminders.sheets_": Line(FOCAL),
    "reminders.sheet": Line(SEES_TASK, UNIT),
    "reminders.sheet_given": Line(FOCAL, UNIT),
    "reminders.zalo_sent": Line(FOCAL, UNIT),
    "reminders.logs": Line(OVERSEES),
    "reminders.log": Line(SEES_TASK, UNIT),
    "reminders.note_call": Line(FOCAL, UNIT),
    "reminders.strike": Line(FOCAL, UNIT),
    "reminders.policy": Line(FOCAL),
    "reminders.export": Line(FOCAL),
    "reminders.send_now": Line(FOCAL, UNIT),
    "handins.confirm": Line(HEAD | FOCAL),
    # Programs that listen
    "webhooks.index": Line(ADMIN),
    "webhooks.new": Line(ADMIN),
    "webhooks.edit": Line(ADMIN),
    "webhooks.ping": Line(ADMIN),
    "webhooks.rotate": Line(ADMIN),
    # The library and what was assigned by it
    "dashboard.indicator_page": Line(HERE, {"set_slug": "set", "code": "indicator"}),
    "dashboard.unit_page": Line(HERE, UNIT),
    "indicators.sets": Line(HERE),
    "indicators.index": Line(HERE, {"set_slug": "set"}),
    "indicators.publish": Line(MANAGES, {"set_slug": "set"}),
    "assignments.notices": Line(HERE),
    "assignments.notice": Line(HERE, NOTICE),
    "assignments.new": Line(MANAGES),
    "assignments.assign": Line(MANAGES, NOTICE),
    "assignments.change": Line(MANAGES, NOTICE),
    "assignments.end": Line(MANAGES, NOTICE),
    "documents.check": Line(HERE, {"set_slug": "set"}),
    "documents.import": Line(MANAGES),
    "documents.confirm": Line(MANAGES),
    "documents.pack": Line(SEES_TASK | UNITS, ROUND),
    "documents.send_pack": Line(SEES_TASK | UNITS, ROUND),
    # Official letters: who oversees reads the register, the focal point drafts and numbers
    "documents.letters": Line(OVERSEES),
    "documents.letter": Line(OVERSEES),
    "documents.letter_word": Line(OVERSEES),
    "documents.letter_as_pdf": Line(OVERSEES),
    "documents.notice_paper": Line(OVERSEES),
    "documents.notice_file": Line(OVERSEES),
    "documents.report_paper": Line(OVERSEES),
    "documents.report_file": Line(OVERSEES),
    "documents.letter_files": Line(OVERSEES),
    "documents.draft_letter": Line(FOCAL),
    "documents.number_letter": Line(FOCAL),
    "documents.set_letter_aside": Line(FOCAL),
    "documents.letter_wording": Line(FOCAL, {"kind": "letter_kind"}),
    "documents.reset_letter_wording": Line(FOCAL, {"kind": "letter_kind"}),
    # What outlives its request: one's own only; that of the walk is somebody else's (tests/longwork does one's own)
    "longwork.index": Line(HERE),
    "longwork.one": Line(NO_ONE),
    "longwork.state": Line(NO_ONE),
    "longwork.cancel": Line(NO_ONE),
    "longwork.result": Line(NO_ONE),
    "documents.prepare_pack": Line(SEES_TASK | UNITS, ROUND),
    # The start. The walk's installation has authorities: nobody sets it up any more (tests/start/test_first_run.py does on a blank one)
    "start.setup": Line(NO_ONE),
    "start.index": Line(MANAGES),
    "start.authority": Line(MANAGES),
    "start.rename": Line(ADMIN),
    "start.set": Line(MANAGES),
    "start.drop": Line(MANAGES, {"set_slug": "set"}),
    "start.template": Line(MANAGES),
    "start.file": Line(MANAGES),
    "start.take_in": Line(MANAGES),
    "start.units": Line(MANAGES),
    "start.units_file": Line(MANAGES),
    "start.leads": Line(MANAGES),
    "start.deadlines": Line(MANAGES),
    "start.focal": Line(ADMIN),
    "start.people": Line(MANAGES),
    "start.finish": Line(MANAGES),
    # Units
    "units.index": Line(HERE),
    "units.export": Line(HERE),
    "units.new_unit": Line(MANAGES),
    "units.edit_unit": Line(MANAGES, UNIT),
    "units.end_unit": Line(MANAGES, UNIT),
    "units.add_alias": Line(MANAGES, UNIT),
    "units.remove_alias": Line(MANAGES, UNIT),
    "units.add_member": Line(MANAGES, GROUP),
    "units.end_member": Line(MANAGES, GROUP),
    "units.successions": Line(MANAGES),
    "units.new_succession": Line(MANAGES),
    "units.apply_succession": Line(MANAGES),
    "units.undo_succession": Line(MANAGES),
    "units.deputies": Line(HERE),
    # The lending of the walk is somebody else's: only who manages people calls it off.
    "units.revoke_deputy": Line(MANAGES),
    "units.settings": Line(ADMIN),
    # People
    "units.people": Line(MANAGES),
    "units.export_people": Line(MANAGES),
    "units.new_person": Line(MANAGES),
    "units.import_form": Line(MANAGES),
    "units.import_people": Line(MANAGES),
    "units.commit_people": Line(MANAGES),
    "units.person": Line(MANAGES),
    "units.add_role": Line(MANAGES),
    "units.end_role": Line(MANAGES),
    "units.invite": Line(MANAGES),
    "units.code": Line(MANAGES),
    "units.active": Line(MANAGES),
}
