"""``python -m tests.soak.letters``: the Word letters as LibreOffice Writer sets them, measured against the decree and the PDF of the same letters.

The PDF itself is measured in tests/documents/test_letter_pdf.py. Needs LibreOffice with Writer and fails without it.
"""

from __future__ import annotations

import dataclasses
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pypdfium2

from tests.documents import decree
from tests.documents.test_letter_pdf import UNTIL, Sheet, look
from tests.documents.test_letters import AT, case, unit
from tracker.documents import letter_pdf, letter_rules
from tracker.documents.letter_writing import as_word
from tracker.documents.paper_rules import Paper, of_letter, plain

#: Millimetres an element may stand elsewhere: the two programs round lines differently.
_ASIDE, _BELOW = 1.5, 3.0
_ELEMENTS = (
    "CỘNG HÒA",
    "Độc lập",
    "ỦY BAN",
    "Số:",
    "V/v",
    "Thử, ngày",
    "Kính gửi",
    "Căn cứ",
    "Thực hiện",
    "Nơi nhận",
    "- Như trên",
    "TM.",
    "PHÓ CHỦ TỊCH",
)


def main() -> int:
    """Returns 0 where every element stands where it should."""
    office = shutil.which("soffice")
    if office is None:
        print("LibreOffice is not installed; nothing was measured.", file=sys.stderr)
        return 1
    short, long = case(), case((unit("Phòng Nội vụ", *(f"1.{n}" for n in range(1, 61))),))
    papers = [of_letter(letter_rules.compose(given, UNTIL)) for given in (short, long)]
    wordy = dataclasses.replace(papers[0], body=(*papers[0].body[:-1], *(plain("Nội dung " * 60) for _ in range(9)), papers[0].body[-1]))
    with tempfile.TemporaryDirectory(prefix="dondoc-letters-") as folder:
        wrong = [fault for paper in (*papers, wordy) for fault in faults(paper, office, Path(folder))]
    for fault in wrong:
        print(fault, file=sys.stderr)
    print(
        "Letters in LibreOffice: "
        + (f"{len(wrong)} elements out of place." if wrong else "every measure is the decree's, every element stands where the PDF has it.")
    )
    return 1 if wrong else 0


def faults(paper: Paper, office: str, folder: Path) -> list[str]:
    """What is not where the PDF has it, in words."""
    word = folder / "letter.docx"
    word.write_bytes(as_word(paper, AT))
    command = [office, f"-env:UserInstallation=file://{folder}/profile", "--headless", "--convert-to", "pdf", "--outdir", str(folder), str(word)]
    subprocess.run(command, check=True, timeout=180, capture_output=True)
    made = word.with_suffix(".pdf")
    if not made.exists():
        return ["LibreOffice is here without Writer; nothing was measured."]
    theirs = [Sheet(page) for page in pypdfium2.PdfDocument(made.read_bytes())]
    ours = [Sheet(page) for page in pypdfium2.PdfDocument(letter_pdf.as_pdf(paper, AT))]
    made.unlink()
    found = decree.faults(theirs)
    for number, page in enumerate(theirs):
        lying = page.width > page.height
        if lying and "STT" not in "".join(mark.text for mark in page.marks):
            found.append(f"page {number + 1}: no headings")
    if sum(page.width < page.height for page in theirs) != sum(page.width < page.height for page in ours):
        found.append("another number of standing pages")
    for start in _ELEMENTS:
        if start.replace(" ", "") not in "".join(mark.text for mark in ours[0].marks):
            continue  # what ends a long letter: the decree's measures found it on a later page
        there, here = theirs[0].line(start), ours[0].line(start)
        aside, below = there[0].left - here[0].left, there[0].feet - here[0].feet
        if abs(aside) > _ASIDE or abs(below) > _BELOW or look(there) != look(here):
            found.append(f"“{start}”: {aside:+.1f} mm aside, {below:+.1f} mm below, {look(there)} for {look(here)}")
    return found


if __name__ == "__main__":
    sys.exit(main())
