"""The steps of setting an office up, and what is proposed at each: pure, out of what documents print."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from tracker.deadlines.rules import RuleKind
from tracker.kernel.vietnamese import clean, fold, name_key, slugify
from tracker.kernel.words import phrase
from tracker.units.rules import AuthorityLevel, UnitKind


class Step(StrEnum):
    """The five steps, in order."""

    AUTHORITY = "authority"
    SET = "set"
    UNITS = "units"
    LEADS = "leads"
    PEOPLE = "people"


STEP_WORDS: dict[Step, str] = {
    Step.AUTHORITY: phrase("Cơ quan"),
    Step.SET: phrase("Bộ chỉ số"),
    Step.UNITS: phrase("Đơn vị"),
    Step.LEADS: phrase("Phân công và thời hạn"),
    Step.PEOPLE: phrase("Người dùng"),
}

LEVEL_WORDS: dict[AuthorityLevel, str] = {
    AuthorityLevel.COMMUNE: phrase("Cấp xã"),
    AuthorityLevel.DISTRICT: phrase("Cấp huyện (trước 01/7/2025)"),
    AuthorityLevel.PROVINCE: phrase("Cấp tỉnh"),
    AuthorityLevel.OFFICE: phrase("Sở, ngành, văn phòng"),
}


@dataclass(frozen=True, slots=True)
class Standing:
    """How far an office has come, counted from its rows."""

    authority: str
    sets: int
    units: int
    indicators: int
    assigned: int
    rules: int
    focal: bool
    people: int
    rounds: int

    @property
    def done(self) -> frozenset[Step]:
        """The steps that need no more."""
        finished = {
            Step.AUTHORITY: True,
            Step.SET: self.sets > 0,
            Step.UNITS: self.units > 0,
            Step.LEADS: self.assigned > 0 and self.rules > 0 and self.focal,
            Step.PEOPLE: self.people > 1,
        }
        return frozenset(step for step, yes in finished.items() if yes)

    @property
    def next(self) -> Step | None:
        """The first step that still lacks something; None where all are done."""
        return next((step for step in Step if step not in self.done), None)

    @property
    def ready(self) -> bool:
        """Whether a round can be opened: there is something to ask for, and by when."""
        return self.assigned > 0 and self.rules > 0


@dataclass(frozen=True, slots=True)
class Lack:
    """What an empty page says instead of nothing: one fact, one next step."""

    fact: str
    action: str
    step: Step | None


def lack(standing: Standing) -> Lack | None:
    """What is missing before anything can be chased; None once a round has been opened."""
    if standing.rounds:
        return None
    if Step.SET not in standing.done:
        return Lack(phrase("Cơ quan chưa chọn bộ chỉ số, nên chưa có việc nào để giao."), phrase("Chọn bộ chỉ số"), Step.SET)
    if Step.UNITS not in standing.done:
        return Lack(phrase("Đã có bộ chỉ số; chưa có đơn vị nào để giao."), phrase("Thêm đơn vị"), Step.UNITS)
    if not standing.assigned:
        return Lack(phrase("Đã có %(units)s đơn vị; chưa chỉ số nào có cơ quan chủ trì.", units=standing.units), phrase("Phân công"), Step.LEADS)
    if not standing.rules:
        return Lack(phrase("Đã giao %(assigned)s chỉ số; chưa có thời hạn.", assigned=standing.assigned), phrase("Ghi thời hạn"), Step.LEADS)
    return Lack(
        phrase("Đã giao %(assigned)s chỉ số và có thời hạn; chưa đợt nào được mở.", assigned=standing.assigned), phrase("Mở đợt đầu tiên"), None
    )


# What a shipped sample tells about a set


@dataclass(frozen=True, slots=True)
class SampleUnit:
    """A unit as the sample's notice prints it, with its other spellings."""

    name: str
    short_name: str
    kind: UnitKind
    catch_all: bool
    focal: bool
    spellings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class PrintedRow:
    """Who has an indicator, as printed."""

    code: str
    lead: str
    cooperators: str


@dataclass(frozen=True, slots=True)
class SampleRule:
    """A deadline as the sample's notice words it."""

    kind: RuleKind
    wording: str
    place: str


@dataclass(frozen=True, slots=True)
class Sample:
    """What the office that issued a set made of it: to begin from, never taken over unasked."""

    authority: str
    document_type: str
    units: tuple[SampleUnit, ...]
    rows: tuple[PrintedRow, ...]
    rules: tuple[SampleRule, ...]


#: Set → the sample that assigns it, or None. The room above that reads the shipped files is registered in app.py.
SampleOf = Callable[[str], Sample | None]


# Units out of printed cells


def pieces(cell: str) -> list[str]:
    """The names of a cell that lists several, apart at line ends, «;» and «,».

    «17 sở, ban, ngành» is one name: what begins with a small letter continues the name before it, unless it begins with «các».
    """
    found: list[str] = []
    for part in re.split(r"[;\n]", cell):
        kept: list[str] = []
        for one in (word for word in (clean(piece).strip(" .") for piece in part.split(",")) if word):
            if kept and one[:1].islower() and not one.casefold().startswith("các "):
                kept[-1] = f"{kept[-1]}, {one}"
            else:
                kept.append(one)
        found += kept
    return found


_KINDS: tuple[tuple[UnitKind, tuple[str, ...]], ...] = (
    (UnitKind.GROUP, ("cac ", "ubnd cac ", "uy ban nhan dan cac ", "uy ban nhan dan cap ", "ubnd cap ", "toan the ")),
    (UnitKind.POSITION, ("cong chuc ", "cc ", "can bo ", "phu trach ", "chu tich", "pho chu tich", "truong ")),
    (
        UnitKind.EXTERNAL,
        (
            "cong an", "chi cuc ", "thue ", "buu dien", "ngan hang", "kho bac", "doan ", "hoi ", "uy ban mttq", "uy ban mat tran", "ubmttq",
            "mat tran", "quan su", "ban chi huy quan su", "dien luc", "vnpt", "viettel",
        ),
    ),
    (
        UnitKind.LOCALITY,
        ("ubnd xa ", "ubnd phuong ", "ubnd thi tran ", "ubnd huyen ", "ubnd thanh pho ", "ubnd thi xa ", "xa ", "phuong ", "thon ", "to dan pho"),
    ),
)  # fmt: skip


def kind_of(name: str) -> UnitKind:
    """What a printed name probably is: proposed, to be put right by a person."""
    words = f"{fold(name)} "
    if re.match(r"\d+ (?!cua )", words):
        return UnitKind.GROUP
    return next((kind for kind, signs in _KINDS if words.startswith(signs)), UnitKind.OFFICE)


def is_catch_all(name: str) -> bool:
    """«Các cơ quan, đơn vị và địa phương»: everybody, not mailed by default."""
    words = fold(name)
    return words.startswith("cac co quan") and "don vi" in words


@dataclass(frozen=True, slots=True)
class Proposed:
    """A unit somebody may take. ``printed`` are the spellings it stands under, the first one being its name."""

    name: str
    kind: UnitKind
    spellings: tuple[str, ...] = ()
    leads: int = 0
    helps: int = 0
    catch_all: bool = False
    focal: bool = False
    members: tuple[str, ...] = ()


def proposals(rows: Iterable[PrintedRow], known: Iterable[SampleUnit], has: Callable[[str], bool]) -> list[Proposed]:
    """The units a document names and the office does not have yet, in order of appearance.

    Spellings are one unit only where ``name_key`` says so or the sample lists them as aliases; what is merely alike stays apart.
    """
    listed = list(rows)
    by_key: dict[str, str] = {}
    given: dict[str, SampleUnit] = {}
    for unit in known:
        given[name_key(unit.name)] = unit
        for spelling in (unit.name, unit.short_name, *unit.spellings):
            if spelling:
                by_key.setdefault(name_key(spelling), name_key(unit.name))
    found: dict[str, list[str]] = {}
    counts: dict[str, list[int]] = {}
    for row in listed:
        for place, cell in enumerate((row.lead, row.cooperators)):
            for printed in _named(cell, by_key):
                key = by_key.get(name_key(printed), name_key(printed))
                spelt = found.setdefault(key, [])
                counts.setdefault(key, [0, 0])[place] += 1
                if printed not in spelt:
                    spelt.append(printed)
    for key in given:
        found.setdefault(key, [])
        counts.setdefault(key, [0, 0])
    made = []
    for key, spelt in found.items():
        sample = given.get(key)
        name = sample.name if sample else spelt[0]
        others = [*spelt, *((sample.short_name, *sample.spellings) if sample else ())]
        if has(name) or any(has(one) for one in others if one):
            continue
        made.append(
            Proposed(
                name=name,
                kind=sample.kind if sample else kind_of(name),
                spellings=distinct([one for one in others if one], but=name),
                leads=counts[key][0],
                helps=counts[key][1],
                catch_all=sample.catch_all if sample else is_catch_all(name),
                focal=bool(sample and sample.focal),
            )
        )
    return made


def _named(cell: str, known: dict[str, str]) -> list[str]:
    """The names of a cell: whole where the whole is known, else its pieces."""
    whole = clean(cell).strip(" .")
    if not whole:
        return []
    return [whole] if name_key(whole) in known else pieces(cell)


def distinct(spellings: Iterable[str], but: str) -> tuple[str, ...]:
    """Spellings that compare as different, without the name itself."""
    seen = {name_key(but)}
    kept = []
    for one in spellings:
        if name_key(one) not in seen:
            seen.add(name_key(one))
            kept.append(one)
    return tuple(kept)


#: Where a typed line has its members: «UBND các xã: UBND xã A; UBND xã B».
MOST_UNITS = 400


def typed_units(text: str) -> list[Proposed]:
    """One unit a line; after a colon the members of a group, apart by «;». Empty lines are nothing."""
    made = []
    for line in text.splitlines():
        name, colon, members = line.partition(":")
        name = clean(name).strip(" .;")
        if not name:
            continue
        inside = tuple(one for one in (clean(part).strip(" .") for part in members.split(";")) if one)
        made.append(Proposed(name, UnitKind.GROUP if colon and inside else kind_of(name), members=inside, catch_all=is_catch_all(name)))
    return made


def merged(chosen: Sequence[Proposed]) -> list[Proposed]:
    """Lines of one name are one unit: what the others were printed as become spellings of it."""
    made: dict[str, Proposed] = {}
    for one in chosen:
        key = name_key(one.name)
        first = made.get(key)
        if first is None:
            made[key] = one
            continue
        made[key] = Proposed(
            first.name,
            first.kind,
            distinct([*first.spellings, one.name, *one.spellings], but=first.name),
            first.leads + one.leads,
            first.helps + one.helps,
            first.catch_all or one.catch_all,
            first.focal or one.focal,
            tuple(dict.fromkeys([*first.members, *one.members])),
        )
    return list(made.values())


_OFFICE = re.compile(r"^(?:ubnd|uy-ban-nhan-dan)-(?:tinh|thanh-pho|huyen|quan|thi-xa|xa|phuong|thi-tran|dac-khu)-(?=.)")


def slug_of(name: str) -> str:
    """The office's part of every address: «UBND xã Nghĩa Phương» → «nghia-phuong»."""
    return _OFFICE.sub("", slugify(name))[:60].strip("-")


def username_of(unit_slug: str, authority_slug: str, taken: Callable[[str], bool]) -> str:
    """A user name for somebody without an e-mail address: «phong-noi-vu@nghia-phuong», with a number where it is taken."""
    base, number = unit_slug[:60].strip("-") or "nguoi-dung", 1
    while taken(f"{base}{'' if number == 1 else f'-{number}'}@{authority_slug}"):
        number += 1
    return f"{base}{'' if number == 1 else f'-{number}'}@{authority_slug}"
