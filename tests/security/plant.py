"""Two authorities with rows in every table, and in every text of theirs a word that gives away where it comes from.

«zqthu…» is a word of the first authority, «zqkhac…» of the second; «zqan…» stands in the first one's task that only those see
who see every task. What follows names table and column: a leak says what leaked.
"""

from __future__ import annotations

import json
import re
from dataclasses import asdict, dataclass
from datetime import date
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import JSON, Enum, String, Table, and_, or_, select, update
from sqlalchemy.orm import Session

from tests.factories import OPENED_AT, SINCE, World, add_group, add_indicator, add_person, add_requirement, add_unit, build_world
from tests.page_client import PageClient
from tests.security.policy import PRINCIPALS
from tests.security.rows import belongs
from tracker.accounts.models import Account, Draft, UserSession
from tracker.accounts.rules import username_key
from tracker.api.models import CalendarFeed
from tracker.api.rules import FeedKind
from tracker.assignments.models import Assignment, Cooperation, Notice
from tracker.audit import service as audit
from tracker.audit.models import AuditEvent
from tracker.audit.rules import Actor
from tracker.dashboard.filter_models import SavedFilter
from tracker.deadlines.calendar_rules import DayKind
from tracker.deadlines.models import DeadlineRule, LocalDay, Round
from tracker.documents.letter_models import LetterTemplate, OfficialLetter, OfficialLetterTask
from tracker.documents.letter_register_rules import LetterState
from tracker.documents.letter_wording_rules import LetterKind
from tracker.evidence import content_rules
from tracker.evidence import service as evidence
from tracker.evidence.contribution_models import Contribution
from tracker.evidence.contribution_rules import ContributionState
from tracker.evidence.models import EvidenceItem, ItemVersion, LinkCheck, LocalRequirement, Proof, VersionFile
from tracker.files import service as files
from tracker.files.models import StoredFile
from tracker.files.storage import Storage
from tracker.indicators.models import DeclaredTotal, DocumentFinding, Indicator, IndicatorSet, Variable
from tracker.indicators.rules import IndicatorKind, RequirementKind
from tracker.kernel import clock, scope
from tracker.kernel.database import Base, Keyed, db
from tracker.longwork.models import LongWork
from tracker.longwork.rules import WorkKind, WorkState
from tracker.mail.models import OutboxMessage
from tracker.operations.demo_files import one_page_pdf
from tracker.reminders import service as reminders
from tracker.reminders.chase_models import ChaseEntry, ChaseEntryTask
from tracker.reminders.chase_rules import ChaseKind
from tracker.reminders.link_models import ActionLink
from tracker.reminders.models import Reminder, ReminderPolicy, SummaryRefused, ToldNews
from tracker.reminders.news_rules import NewsKind
from tracker.reminders.policy_rules import USUAL
from tracker.reminders.queries import columns_of
from tracker.reminders.webhook_models import Webhook
from tracker.start.models import PrintedLead
from tracker.tasks import rounds
from tracker.tasks.handin_models import LinkHandin
from tracker.tasks.handin_rules import HandinKind
from tracker.tasks.handover_models import Handover, HandoverLine
from tracker.tasks.handover_rules import LineKind
from tracker.tasks.models import Extension, Task
from tracker.tasks.proposal_models import Proposal
from tracker.tasks.proposal_rules import ProposalKind, ProposalState
from tracker.tasks.rules import ExtensionState
from tracker.tasks.talk_models import Directive, Mention, Obstacle, Remark
from tracker.tasks.talk_rules import DirectiveState, ObstacleState
from tracker.units.deputy_models import Deputy
from tracker.units.models import Authority, GroupMember, Membership, Unit, UnitAlias, UnresolvedName
from tracker.units.rules import Role
from tracker.units.succession_models import Succession, SuccessionUnit, UnitName
from tracker.units.succession_rules import Side, SuccessionKind

WORD = re.compile(r"zq(thu|khac|an)[a-z0-9]*")
MARKS = ("thu", "khac")
#: Far from every deadline of the world.
CLOSED_ON = date(2026, 12, 24)
#: Texts that are no words: digests and secrets, which open nothing, keys nobody is shown, and numbers in a list.
NOT_WORDS = {
    "password_hash",
    "sha256",
    "media_type",
    "dedupe_key",
    "message_id",
    "owner",
    "kind",
    "action",
    "subject_type",
    "level",
    "rungs",
    "quiet",
    "kinds",
    "nonce",
}


@dataclass
class Objects:
    """What an address of one authority can name."""

    authority: str
    authority_id: int
    task_id: int
    proof_id: int
    item_id: int
    file_id: int
    stored_id: int
    local_requirement_id: int
    #: Of a version, and of a file's pages.
    number: int
    page: int
    proposal_id: int
    extension_id: int
    obstacle_id: int
    directive_id: int
    remark_id: int
    handover_id: int
    succession_id: int
    deputy_id: int
    contribution_id: int
    paper_id: int
    feed_id: int
    filter_id: int
    webhook_id: int
    letter_id: int
    letter_kind: str
    guide: str
    picture: str
    message_id: int
    entry_id: int
    work_id: int
    local_day_id: int
    account_id: int
    membership_id: int
    alias_id: int
    row_id: int
    assignment_id: int
    session: int
    unit: str
    group: str
    round: str
    notice: str
    rule: str
    set: str
    indicator: str
    indicator_id: int
    requirement_id: int
    unit_id: int
    username: str
    unit_name: str
    bytes: str
    sha256: str


@dataclass
class Planted:
    """The objects of the two authorities, and the session cookie of everybody."""

    here: Objects
    there: Objects
    #: What only those of «here» see who see every task: argument → id.
    hidden: dict[str, int]
    cookies: dict[str, str]


def load(data: Path) -> Planted:
    raw = json.loads((data / "planted.json").read_text(encoding="utf-8"))
    return Planted(Objects(**raw["here"]), Objects(**raw["there"]), raw["hidden"], raw["cookies"])


def fill(app: Flask) -> None:
    """Fills an empty database; what the walk needs to know stands in «planted.json» beside it."""
    session = db.session()
    scope.choose(session, scope.whole("a test"))
    world = build_world(session)
    people = _people(session, world)
    storage = Storage(app.config["STORAGE_URL"], app.config["TRACKER_DATA"] / "scratch")
    chosen = []
    for mark, authority, unit, task in (
        ("thu", world.authority, world.room, next(t for t in world.tasks if t.unit_id == world.room.id and t.group_id)),
        ("khac", world.elsewhere, _unit_of(session, world.elsewhere_tasks[0]), world.elsewhere_tasks[0]),
    ):
        chosen.append((mark, authority.id, _furnish(session, storage, mark, authority, unit, task, people[f"target-{mark}"])))
    hidden = next(t for t in world.tasks if t.unit_id == world.bank.id)
    proof = _bring(session, storage, hidden, "an", people["focal"])
    secret = {
        "task_id": hidden.id,
        "proof_id": proof.id,
        "item_id": session.get_one(ItemVersion, proof.version_id).item_id,
        "file_id": session.scalars(select(VersionFile.id).where(VersionFile.version_id == proof.version_id)).one(),
        "extension_id": (wished := _ask(session, hidden, people["focal"])).id,
        **_talk(session, hidden, people["focal"], people["viewer"]),
        "proposal_id": _propose(session, hidden, people["focal"]).id,
        "contribution_id": _ask_units(session, hidden, world.focal_unit, people["focal"]).id,
    }
    _link(session, hidden, wished, people["focal"])
    for authority_id in (world.authority.id, world.elsewhere.id):
        with scope.using(session, scope.one(authority_id)):
            reminders.plan(session, session.get_one(Authority, authority_id), date(2026, 11, 17), OPENED_AT)
            _tell_news(session, authority_id, people["viewer"])
    session.commit()
    for mark, authority_id, _names in chosen:
        _mark_everything(session, mark, authority_id)
    _mark_hidden(session, hidden)
    session.commit()
    session.expire_all()
    names = {name: people[name].username for name in PRINCIPALS if name != "anonymous"}
    session.commit()
    cookies = {name: _sign_in(app, username) for name, username in names.items()}
    people["disabled"].active = False
    session.commit()
    objects = [_objects(session, authority_id, names) for _mark, authority_id, names in chosen]
    data: Path = app.config["TRACKER_DATA"]
    known = {"here": asdict(objects[0]), "there": asdict(objects[1]), "hidden": secret, "cookies": cookies}
    (data / "planted.json").write_text(json.dumps(known), encoding="utf-8")


def _people(session: Session, world: World) -> dict[str, Account]:
    here, there = world.authority, world.elsewhere
    foreign = _unit_of(session, world.elsewhere_tasks[0])
    return {
        **{name: getattr(world, name) for name in ("admin", "focal", "chair", "viewer", "owner", "head", "colleague", "stranger", "foreign_focal")},
        "foreign_admin": add_person(session, there, Role.ADMIN),
        "disabled": add_person(session, here, Role.FOCAL, username="disabled@huyen-thu.test"),
        "target-thu": add_person(session, here, Role.SPECIALIST, world.room, username="target@huyen-thu.test"),
        "target-khac": add_person(session, there, Role.SPECIALIST, foreign, username="target@huyen-khac.test"),
    }


def _unit_of(session: Session, task: Task) -> Unit:
    return session.get_one(Unit, task.unit_id)


def _furnish(session: Session, storage: Storage, mark: str, authority: Authority, unit: Unit, task: Task, target: Account) -> dict[str, int]:
    """One row at least in every table of the authority. Returns the ids the addresses need."""
    member = add_unit(session, authority, f"Phòng thành viên {mark}", position=90)
    printed = PrintedLead(authority_id=authority.id, indicator_id=task.indicator_id, lead="Phòng in", cooperators="Phòng in khác", position=1)
    asked_for = LongWork(
        authority_id=authority.id, account_id=target.id, kind=WorkKind.PACK, title="Hồ sơ", origin="/", given={}, state=WorkState.FAILED,
        sentence="Không được", asked_at=OPENED_AT, ended_at=OPENED_AT, filename="Hồ sơ.zip",
    )  # fmt: skip
    session.add_all([printed, asked_for])
    group = add_group(session, authority, f"Nhóm {mark}", [member], position=91)
    alias = UnitAlias(authority_id=authority.id, unit_id=unit.id, alias=f"Cách viết {mark}", alias_key=f"cach viet {mark}", position=9)
    unresolved = UnresolvedName(authority_id=authority.id, printed="Cơ quan lạ", place="Mục 1", unit_id=unit.id, reason="Không rõ", position=1)
    policy = ReminderPolicy(authority_id=authority.id, **columns_of(USUAL))
    session.add_all([alias, unresolved, policy])
    draft = IndicatorSet(
        slug=f"nhap-{mark}", title="Bộ chỉ số nháp", level="district", document_type="Dự thảo", source="Bản nháp", owner_authority_id=authority.id
    )
    session.add(draft)
    session.flush()
    indicator = add_indicator(session, draft, "1", "Chỉ số nháp", kind=IndicatorKind.MAIN)
    leaf = add_indicator(session, draft, "1.1", "Chỉ số nháp con", parent=indicator)
    requirement = add_requirement(session, leaf, "Tài liệu nháp")
    session.add(Variable(indicator_id=leaf.id, position=1, letter="a", name="Biến nháp"))
    session.add(DeclaredTotal(set_id=draft.id, position=1, place="document", what="points", printed="9", value=9))
    session.add(DocumentFinding(set_id=draft.id, position=1, place="1", kind="ocr", field="name", printed="a", expected="b", message="Sai"))
    proof = _bring(session, storage, task, mark, target)
    extension = _ask(session, task, target)
    _link(session, task, extension, target)
    talk = _talk(session, task, target, target)
    proposal = _propose(session, task, target)
    contribution = _ask_units(session, task, member, target)
    session.add(Task(authority_id=authority.id, round_id=task.round_id, unit_id=unit.id, title=f"Rà soát {mark}"))
    session.add(Cooperation(authority_id=authority.id, assignment_id=task.assignment_id, unit_id=member.id, position=9))
    paper = rounds.attach_paper(
        session,
        session.get_one(Round, task.round_id),
        storage.put(authority.id, BytesIO(pdf(mark)), "cong-van.pdf"),
        "cong-van.pdf",
        Actor(target.id, "Đầu mối"),
        OPENED_AT,
    )
    asked = LocalRequirement(
        authority_id=authority.id, indicator_id=task.indicator_id, kind=RequirementKind.DOCUMENT, name="Báo cáo riêng", quantity=1, added_at=OPENED_AT
    )
    session.add(asked)
    changed = _change_units(session, authority, unit, task, member, target)
    unused = files.keep(session, authority.id, storage.put(authority.id, BytesIO(pdf(f"{mark}rieng")), "nham.pdf"), OPENED_AT)
    _remember(session, authority, unit, target)
    feed = CalendarFeed(
        authority_id=authority.id, kind=FeedKind.UNIT, account_id=target.id, unit_id=unit.id, name="Điện thoại", token_hash=mark, created_at=OPENED_AT
    )
    closed = LocalDay(authority_id=authority.id, day=CLOSED_ON, kind=DayKind.CLOSURE, name="Nghỉ tránh bão", source="Chỉ đạo", entered_at=OPENED_AT)
    listening = Webhook(
        authority_id=authority.id,
        url=f"https://nghe-{mark}.test/nhan",
        nonce="0" * 64,
        kinds=["task"],
        active=False,
        announced=0,
        watched_from=OPENED_AT,
        off_reason=f"Tắt {mark}.",
        created_at=OPENED_AT,
    )
    kept = SavedFilter(authority_id=authority.id, account_id=target.id, name=f"zq{mark}loc", query="status=ready", created_at=OPENED_AT)
    typed = Draft(account_id=target.id, place="/account/profile", fields={"email": ["x@mau.test"]}, saved_at=OPENED_AT)
    session.add_all([feed, closed, listening, kept, typed])
    entry = _chase(session, unit, task)
    session.add(UserSession(account_id=target.id, token_hash=f"none-{mark}", created_at=OPENED_AT, seen_at=OPENED_AT, expires_at=clock.real_now()))
    session.flush()
    return {
        "work_id": asked_for.id, "task_id": task.id, "proposal_id": proposal.id, "proof_id": proof.id, "extension_id": extension.id, **talk, "contribution_id": contribution.id, "paper_id": paper.id, "stored_id": unused.id, **changed, "feed_id": feed.id, "filter_id": kept.id, "webhook_id": listening.id, "entry_id": entry.id, "letter_id": _write_letter(session, authority, unit, task), "local_day_id": closed.id, "account_id": target.id, "alias_id": alias.id, "unit_id": unit.id, "group_id": group.id, "set_id": draft.id,
        "indicator_id": leaf.id, "requirement_id": requirement.id, "local_requirement_id": asked.id, "rule_id": session.get_one(Round, task.round_id).rule_id, "round_id": task.round_id,
    }  # fmt: skip


def _bring(session: Session, storage: Storage, task: Task, mark: str, who: Account) -> Proof:
    """A file, a link, a figure and a sentence. Returns the file's proof."""
    actor = Actor(who.id, f"Chuyên viên {mark}")
    stored = storage.put(task.authority_id, BytesIO(pdf(mark)), "tai-lieu.pdf")
    found = evidence.bring(session, task, content_rules.a_file(stored, "tai-lieu.pdf"), None, task.unit_id, actor, OPENED_AT)
    opened = evidence.bring(session, task, content_rules.a_link("https://mau.test/da-mo"), None, task.unit_id, actor, OPENED_AT)
    session.add(
        LinkCheck(authority_id=task.authority_id, version_id=opened.version_id, opened=True, at=OPENED_AT, account_id=who.id, actor="Chuyên viên")
    )
    for content in (
        content_rules.a_link("https://mau.test/tai-lieu"),
        content_rules.a_figure(Decimal(7), "máy"),
        content_rules.a_statement("Không có tài liệu này"),
    ):
        evidence.bring(session, task, content, None, task.unit_id, actor, OPENED_AT)
    task.reason = "Thiếu chữ ký"
    task.returned_at = OPENED_AT
    session.flush()
    return found


def _ask(session: Session, task: Task, who: Account) -> Extension:
    """A request for more time that waits, and one of the same task that was answered."""
    for state, answer in ((ExtensionState.REFUSED, "Cấp trên không lùi hạn"), (ExtensionState.PENDING, None)):
        one = Extension(
            authority_id=task.authority_id,
            task_id=task.id,
            state=state,
            asked_at=OPENED_AT,
            asked_by="Chuyên viên",
            asked_by_id=who.id,
            reason="Chờ số liệu",
            due_on=date(2026, 11, 14),
            wished_on=date(2026, 11, 27),
            decided_at=OPENED_AT if answer else None,
            decided_by="Lãnh đạo" if answer else None,
            answer=answer,
        )
        session.add(one)
        session.flush()
    return one


def _link(session: Session, task: Task, extension: Extension, who: Account) -> None:
    """A personal link, and a request for time that came through it and waits."""
    here: dict[str, Any] = {"authority_id": task.authority_id, "account_id": who.id}
    link = ActionLink(**here, unit_id=task.unit_id, round_id=task.round_id, nonce="0" * 43, token_hash=f"link-{task.id}", created_at=OPENED_AT)
    session.add(link)
    session.flush()
    said = {"words": "Đến hết ngày 27/11/2026", "said_by": "Chuyên viên", "at": OPENED_AT}
    session.add(LinkHandin(**here, **said, link_id=link.id, task_id=task.id, kind=HandinKind.TIME, extension_id=extension.id))
    session.flush()


def _ask_units(session: Session, task: Task, unit: Unit, who: Account) -> Contribution:
    """What a cooperating unit was asked for and gave, said there is none of, and one request that waits: the one returned."""
    given = evidence.add_item(
        session, task.authority_id, unit.id, content_rules.a_link("https://mau.test/gop"), Actor(who.id, "Chuyên viên"), OPENED_AT
    )
    for state in (ContributionState.GIVEN, ContributionState.NONE, ContributionState.ASKED):
        waits = state is ContributionState.ASKED
        one = Contribution(
            authority_id=task.authority_id,
            task_id=task.id,
            unit_id=unit.id,
            wanted="Số hồ sơ trực tuyến",
            due_on=date(2026, 11, 14),
            state=state,
            asked_at=OPENED_AT,
            asked_by="Chuyên viên",
            asked_by_id=who.id,
            answered_at=None if waits else OPENED_AT,
            answered_by=None if waits else "Chuyên viên khác",
            sentence="Trong kỳ không phát sinh" if state is ContributionState.NONE else None,
            item_id=given.item_id if state is ContributionState.GIVEN else None,
        )
        session.add(one)
        session.flush()
    return one


def _propose(session: Session, task: Task, who: Account) -> Proposal:
    """A proposal that was refused, and one that waits: the one returned."""
    for state in (ProposalState.REFUSED, ProposalState.PENDING):
        refused = state is ProposalState.REFUSED
        one = Proposal(
            authority_id=task.authority_id,
            task_id=task.id,
            kind=ProposalKind.DATA_REQUEST,
            state=state,
            reason="Chờ số liệu",
            body="Chi cục Thuế",
            letter_number="12/CV",
            letter_on=date(2026, 11, 10),
            reply_on=date(2026, 11, 28),
            asked_at=OPENED_AT,
            asked_by="Chuyên viên",
            asked_by_id=who.id,
            decided_at=OPENED_AT if refused else None,
            decided_by="Đầu mối" if refused else None,
            answer="Đơn vị có số liệu này" if refused else None,
        )
        session.add(one)
        session.flush()
    return one


def _talk(session: Session, task: Task, who: Account, mentioned: Account) -> dict[str, int]:
    """An obstacle and a directive that wait, one of each that was answered, and a remark that turns to somebody."""
    link: dict[str, Any] = {"authority_id": task.authority_id, "task_id": task.id}
    told = {"words": "Vướng mắc", "reported_at": OPENED_AT, "reported_by": "Chuyên viên", "reported_by_id": who.id}
    given = {"words": "Chỉ đạo", "given_at": OPENED_AT, "given_by": "Lãnh đạo", "given_by_id": who.id}
    session.add(Obstacle(**link, **told, state=ObstacleState.ANSWERED, answer="Đã hỏi", settled_at=OPENED_AT, settled_by="Lãnh đạo"))
    session.add(Directive(**link, **given, state=DirectiveState.ANSWERED, answer="Đã làm", answered_at=OPENED_AT, answered_by="Chuyên viên"))
    obstacle, directive = Obstacle(**link, **told), Directive(**link, **given)
    remark = Remark(**link, words="Trao đổi", said_at=OPENED_AT, said_by="Chuyên viên", said_by_id=who.id)
    session.add_all([obstacle, directive, remark])
    session.flush()
    session.add(Mention(authority_id=task.authority_id, remark_id=remark.id, account_id=mentioned.id, title="Chuyên viên"))
    session.flush()
    return {"obstacle_id": obstacle.id, "directive_id": directive.id, "remark_id": remark.id}


def _chase(session: Session, unit: Unit, task: Task) -> ChaseEntry:
    """A call about a task that was noted, and struck out."""
    said: dict[str, Any] = {"by": "Đầu mối", "words": "Với Trưởng phòng", "struck_at": OPENED_AT, "struck_why": "Nhầm"}
    entry = ChaseEntry(authority_id=unit.authority_id, unit_id=unit.id, kind=ChaseKind.CALL, at=OPENED_AT, on_day=OPENED_AT.date(), **said)
    session.add(entry)
    session.flush()
    session.add(ChaseEntryTask(authority_id=unit.authority_id, entry_id=entry.id, task_id=task.id))
    session.flush()
    return entry


def _tell_news(session: Session, authority_id: int, who: Account) -> None:
    """News that was told, and a person who wants no summaries."""
    message = session.scalars(select(OutboxMessage).where(OutboxMessage.authority_id == authority_id).order_by(OutboxMessage.id)).first()
    assert message is not None
    told = {"recipient": message.to_address, "planned_on": message.planned_on, "outbox_message_id": message.id}
    session.add(ToldNews(authority_id=authority_id, kind=NewsKind.SUMMARY, subject_id=200001, **told))
    session.add(SummaryRefused(authority_id=authority_id, account_id=who.id, at=OPENED_AT))
    session.flush()


def _change_units(session: Session, authority: Authority, unit: Unit, task: Task, other: Unit, who: Account) -> dict[str, int]:
    """A former name, a change of units to come, a hand-over of long ago and a lending."""
    here = {"authority_id": authority.id}
    session.add(UnitName(**here, unit_id=unit.id, name="Tên cũ", short_name="Cũ", valid_from=SINCE, valid_to=SINCE, document="Quyết định cũ"))
    change = Succession(
        **here,
        kind=SuccessionKind.TRANSFER,
        effective_on=CLOSED_ON,
        document="Quyết định",
        note="Ghi chú",
        recorded_at=OPENED_AT,
        recorded_by="Đầu mối",
        kept={},
    )
    given = Handover(
        **here, source_unit_id=other.id, effective_on=SINCE, reason="Sáp nhập", document="Quyết định", committed_at=OPENED_AT, committed_by="Đầu mối"
    )
    lent = Deputy(
        **here, account_id=who.id, deputy_account_id=_another(session, authority, who), valid_from=SINCE, valid_to=CLOSED_ON, reason="Đi công tác",
        recorded_at=OPENED_AT, recorded_by="Đầu mối", revoked_at=OPENED_AT, revoked_by="Đầu mối",
    )  # fmt: skip
    session.add_all([change, given, lent])
    session.flush()
    for one, side in ((unit, Side.FROM), (other, Side.TO)):
        session.add(SuccessionUnit(**here, succession_id=change.id, unit_id=one.id, side=side))
    line = HandoverLine(
        **here,
        handover_id=given.id,
        position=1,
        kind=LineKind.TASK,
        label="Nhiệm vụ",
        task_id=task.id,
        from_unit_id=other.id,
        to_unit_id=unit.id,
        kept={},
    )
    session.add(line)
    session.flush()
    return {"handover_id": given.id, "succession_id": change.id, "deputy_id": lent.id}


def _another(session: Session, authority: Authority, who: Account) -> int:
    """Somebody else of the authority."""
    others = select(Membership.account_id).where(
        Membership.authority_id == authority.id, Membership.account_id != who.id, Membership.role == Role.FOCAL
    )
    return session.scalars(others.order_by(Membership.id)).first() or 0


def pdf(mark: str) -> bytes:
    """The bytes of an authority's file."""
    return one_page_pdf("Mau") + f"% zq{mark}bytes\n".encode()


def _remember(session: Session, authority: Authority, unit: Unit, who: Account) -> None:
    actor = Actor(who.id, "Chuyên viên", unit.name)
    audit.record(
        session, actor, "unit.edit", "Sửa đơn vị", now=OPENED_AT, authority_id=authority.id, subject=("unit", unit.id), changes={"name": ("a", "b")}
    )


#: Texts that a row may have only where it has no other thing instead: an indicator.
STAY_EMPTY = {
    ("official_letter", "number"),
    ("official_letter", "reason"),
    ("succession", "new_name"),
    ("task", "title"),
    ("contribution", "sentence"),
    ("obstacle", "answer"),
    ("directive", "answer"),
    ("link_handin", "confirmed_by"),
}


def _words(table: Table) -> list[str]:
    return [c.name for c in table.columns if isinstance(c.type, (String, JSON)) and not isinstance(c.type, Enum) and c.name not in NOT_WORDS]


def _mark_everything(session: Session, mark: str, authority_id: int) -> None:
    """Puts the authority's word into every text of every row it has; fails where a table has none. Events cannot be changed: they get a fresh one."""
    for table in Base.metadata.sorted_tables:
        whose = belongs(table)
        if whose is None or table.name == "audit_event":
            continue
        rows = session.execute(select(table).where(whose(authority_id))).mappings().all()
        assert rows, f"Nothing of “{mark}” lies in {table.name}: plant a row in tests/security/plant.py, or the walk cannot see it leak."
        for row in rows:
            values = {
                column: _marked(f"zq{mark}{table.name}{column}".replace("_", ""), column, row[column], row)
                for column in _words(table)
                if row[column] is not None or (table.name, column) not in STAY_EMPTY
            }
            if values:
                session.execute(update(table).where(and_(*(c == row[c.name] for c in table.primary_key.columns))).values(values))
    word = f"zq{mark}auditevent"
    for subject in (("unit", authority_id), ("task", 0)):
        session.add(
            AuditEvent(
                at=OPENED_AT,
                authority_id=authority_id,
                actor=word,
                on_behalf_of=word,
                action="x",
                subject_type=subject[0],
                subject_id=subject[1],
                summary=word,
                changes={word: [word, word]},
            )
        )


def _marked(word: str, column: str, value: Any, row: Any) -> Any:
    if isinstance(value, dict):
        return {**value, "zq": word}
    if column == "username_key":
        return username_key(f"{word.removesuffix('key')}.{row['username']}")
    if column in ("email", "recipient", "to_address", "username"):
        return f"{word}.{value or 'x@mau.test'}"
    if column == "url":
        return f"https://{word}.test/"
    if column == "slug":
        return f"{value}-{word}"
    return f"{value} {word}" if value else word


def _write_letter(session: Session, authority: Authority, unit: Unit, task: Task) -> int:
    """A letter that went out about a task, and a wording of the office's own. The letter names what it is about: the canaries are in its words."""
    content = {
        "file_name": "DuThao.docx",
        "superior": None,
        "number": "Số:/UBND",
        "subject": "V/v đôn đốc",
        "place_and_day": "Thử, ngày tháng 11 năm 2026",
        "appendix_title": "DANH SÁCH",
        "appendix_reference": "(Kèm theo)",
        **{name: ["Chữ"] for name in ("issuer", "addressees", "grounds", "body", "recipients", "signature")},
        "groups": [],
    }
    letter = OfficialLetter(
        authority_id=authority.id,
        kind=LetterKind.CHASE,
        state=LetterState.DRAFT,
        round_id=task.round_id,
        subject="V/v đôn đốc",
        answer_by=date(2026, 11, 26),
        drafted_on=date(2026, 11, 16),
        drafted_at=OPENED_AT,
        content=content,
        sha256="0" * 64,
    )
    session.add(letter)
    session.add(LetterTemplate(authority_id=authority.id, kind=LetterKind.CHASE, body="{co_quan} đề nghị nộp."))
    session.flush()
    session.add(OfficialLetterTask(authority_id=authority.id, letter_id=letter.id, task_id=task.id, unit_id=unit.id, due_on=date(2026, 11, 14)))
    return letter.id


def _mark_hidden(session: Session, task: Task) -> None:
    """The texts of one task, its proofs, contributions, reminders and events say «zqan»."""
    given = select(Contribution.item_id).where(Contribution.task_id == task.id, Contribution.item_id.is_not(None))
    offered = select(Proof.version_id).where(Proof.task_id == task.id)
    proofs = select(ItemVersion.id).where(or_(ItemVersion.id.in_(offered), ItemVersion.item_id.in_(given)))
    items = select(ItemVersion.item_id).where(ItemVersion.id.in_(proofs))
    messages = select(Reminder.outbox_message_id).where(Reminder.task_id == task.id)
    for model, condition in (
        (Task, Task.id == task.id),
        (Extension, Extension.task_id == task.id),
        (LinkHandin, LinkHandin.task_id == task.id),
        (Proposal, Proposal.task_id == task.id),
        (Contribution, Contribution.task_id == task.id),
        (Obstacle, Obstacle.task_id == task.id),
        (Directive, Directive.task_id == task.id),
        (Remark, Remark.task_id == task.id),
        (Mention, Mention.remark_id.in_(select(Remark.id).where(Remark.task_id == task.id))),
        (ItemVersion, ItemVersion.id.in_(proofs)),
        (EvidenceItem, EvidenceItem.id.in_(items)),
        (Proof, Proof.task_id == task.id),
        (VersionFile, VersionFile.version_id.in_(proofs)),
        (LinkCheck, LinkCheck.version_id.in_(proofs)),
        (Reminder, Reminder.outbox_message_id.in_(messages)),
    ):
        table = model.__table__
        for row in session.execute(select(table).where(condition)).mappings().all():
            values = {c: row[c].replace("zqthu", "zqan") for c in _words(table) if isinstance(row[c], str)}
            session.execute(update(table).where(table.c.id == row["id"]).values(values))
    session.add(
        AuditEvent(
            at=OPENED_AT,
            authority_id=task.authority_id,
            actor="zqanauditevent",
            action="x",
            subject_type="task",
            subject_id=task.id,
            summary="zqanauditevent",
            changes={},
        )
    )


def _sign_in(app: Flask, username: str) -> str:
    client = PageClient(app)
    client.sign_in(username)
    cookie = client.raw.get_cookie(app.config["SESSION_COOKIE_NAME"])
    assert cookie is not None
    return cookie.value


def _objects(session: Session, authority_id: int, ids: dict[str, int]) -> Objects:
    unit, target = session.get_one(Unit, ids["unit_id"]), session.get_one(Account, ids["account_id"])
    proof = session.get_one(Proof, ids["proof_id"])
    named, file = session.execute(
        select(VersionFile, StoredFile).join(StoredFile, VersionFile.file_id == StoredFile.id).where(VersionFile.version_id == proof.version_id)
    ).one()
    authority = session.get_one(Authority, authority_id)
    return Objects(
        authority=authority.slug,
        authority_id=authority_id,
        task_id=ids["task_id"],
        proof_id=proof.id,
        item_id=session.get_one(ItemVersion, proof.version_id).item_id,
        file_id=named.id,
        stored_id=ids["stored_id"],
        work_id=ids["work_id"],
        local_requirement_id=ids["local_requirement_id"],
        number=1,
        page=1,
        proposal_id=ids["proposal_id"],
        extension_id=ids["extension_id"],
        handover_id=ids["handover_id"],
        succession_id=ids["succession_id"],
        deputy_id=ids["deputy_id"],
        obstacle_id=ids["obstacle_id"],
        directive_id=ids["directive_id"],
        remark_id=ids["remark_id"],
        contribution_id=ids["contribution_id"],
        paper_id=ids["paper_id"],
        feed_id=ids["feed_id"],
        filter_id=ids["filter_id"],
        webhook_id=ids["webhook_id"],
        entry_id=ids["entry_id"],
        letter_id=ids["letter_id"],
        letter_kind="chase",
        guide="dau-moi",
        picture="don-vi.png",
        message_id=session.scalars(select(OutboxMessage.id).where(OutboxMessage.authority_id == authority_id).order_by(OutboxMessage.id)).first()
        or 0,
        local_day_id=ids["local_day_id"],
        account_id=target.id,
        membership_id=session.scalars(select(Membership.id).where(Membership.account_id == target.id)).one(),
        alias_id=ids["alias_id"],
        row_id=session.scalars(select(GroupMember.id).where(GroupMember.group_id == ids["group_id"])).one(),
        assignment_id=session.scalars(select(Assignment.id).where(Assignment.authority_id == authority_id).order_by(Assignment.id)).first() or 0,
        session=session.scalars(select(UserSession.id).where(UserSession.account_id == target.id)).one(),
        unit=unit.slug,
        group=session.get_one(Unit, ids["group_id"]).slug,
        round=session.get_one(Round, ids["round_id"]).slug,
        notice=session.scalars(select(Notice.slug).where(Notice.authority_id == authority_id)).one(),
        rule=session.get_one(DeadlineRule, ids["rule_id"]).slug,
        set=session.get_one(IndicatorSet, ids["set_id"]).slug,
        indicator=session.get_one(Indicator, ids["indicator_id"]).code,
        indicator_id=ids["indicator_id"],
        requirement_id=ids["requirement_id"],
        unit_id=unit.id,
        username=target.username,
        unit_name=unit.name,
        bytes=pdf("thu" if authority.slug.startswith("huyen-thu") else "khac").decode(),
        sha256=file.sha256,
    )


def keyed_tables() -> list[str]:
    """The tables of rows that belong to one authority."""
    return sorted(mapper.class_.__tablename__ for mapper in Base.registry.mappers if issubclass(mapper.class_, Keyed))
