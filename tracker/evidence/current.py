"""What a form of this request says, with its files on the store: for the views of this room."""

from __future__ import annotations

from tracker.evidence import content_rules as rules
from tracker.evidence.content_rules import BroughtFile, Content, Particulars
from tracker.evidence.forms import ContentForm, parse_figure
from tracker.evidence.rules import ItemKind
from tracker.files.current import storage
from tracker.files.rules import tidy_name


def content_of(form: ContentForm, authority_id: int) -> Content:
    """What the form brings. Bytes go to the store first; their rows come with the transaction. Raises Refused beside the field at fault."""
    kind = form.item_kind
    if kind is ItemKind.LINK:
        return rules.a_link(form.url.data).with_particulars(particulars_of(form))
    if kind is ItemKind.FIGURE:
        typed = (form.denominator.data or "").strip()
        denominator = parse_figure(typed) if typed else None
        return rules.a_figure(parse_figure(form.figure.data), form.figure_unit.data, denominator, estimate=form.estimate.data)
    if kind is ItemKind.STATEMENT:
        return rules.a_statement(form.sentence.data)
    said = particulars_of(form)
    store = storage()
    brought = []
    for upload in form.uploads:
        name = tidy_name(upload.filename)
        brought.append(BroughtFile(store.put(authority_id, upload.stream, name), name))
    if not brought and not form.needs_file:
        return Content(ItemKind.FILE, particulars=said)
    return rules.some_files(tuple(brought)).with_particulars(said)


def particulars_of(form: ContentForm) -> Particulars:
    """What the form says of an official document. Raises Refused."""
    return rules.particulars(
        document_number=form.document_number.data,
        document_on=form.document_on.data,
        issuer=form.issuer.data,
        summary=form.summary.data,
        signer=form.signer.data,
        signing=form.signing_chosen,
        in_force_to=form.in_force_to.data,
    )
