"""Build the files the browser loads from their sources in ``static/``.

The page may load nothing from elsewhere and nothing inline, so that one strict
Content-Security-Policy serves every page.  ``build`` therefore makes, once, into the
git-ignored ``static/build/``:

* ``app.css``: the five source files in order, without comments, each font under an address that changes with it;
* ``icons.svg``: a sprite of only the icons named in ``static/icons.txt``;
* ``BeVietnamPro-*.woff2``: Vietnamese, Latin and punctuation of the font, two weights;
* ``BeVietnamTabular-*.woff2``: the digits of the same font, all of one advance width.  The font has
  no tabular figures of its own ("1" is half as wide as "4"), and columns of points must line up;
* ``app-*.png``: the logo of ``favicon.svg`` for home screens, which take no SVG, and once to the edge for those that cut a shape;
* ``htmx.js``: the file of htmx inside django-htmx, as it is, with both licences.

Run by hand with ``python -m tracker.web.assets``.
"""

import hashlib
import io
import re
import sys
from importlib.metadata import distribution
from importlib.metadata import version as installed_version
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from statistics import median

from fontTools import subset
from fontTools.ttLib import TTFont
from PIL import Image, ImageDraw

from tracker.web.asset_version import version

STYLESHEETS = ("tokens.css", "base.css", "components.css", "pages.css", "print.css")
WEIGHTS = ("Regular", "SemiBold")
FONT_PACKAGE = "fontpkg_be_vietnam_pro"
ICON_PACKAGE = "flask_bootstrap"
SOURCES = ("bootstrap-flask", "fontpkg-be-vietnam-pro", "fonttools", "pillow", "django-htmx")
HTMX_PACKAGE = "django_htmx"
#: htmx 2 is under the Zero-Clause BSD licence, which its minified file does not carry.
HTMX_LICENCE = """htmx 2, Zero-Clause BSD

Permission to use, copy, modify, and/or distribute this software for any purpose with or without fee is hereby granted.

THE SOFTWARE IS PROVIDED "AS IS" AND THE AUTHOR DISCLAIMS ALL WARRANTIES WITH REGARD TO THIS SOFTWARE INCLUDING ALL IMPLIED WARRANTIES OF
MERCHANTABILITY AND FITNESS. IN NO EVENT SHALL THE AUTHOR BE LIABLE FOR ANY SPECIAL, DIRECT, INDIRECT, OR CONSEQUENTIAL DAMAGES OR ANY DAMAGES
WHATSOEVER RESULTING FROM LOSS OF USE, DATA OR PROFITS, WHETHER IN AN ACTION OF CONTRACT, NEGLIGENCE OR OTHER TORTIOUS ACTION, ARISING OUT OF OR
IN CONNECTION WITH THE USE OR PERFORMANCE OF THIS SOFTWARE.

It comes inside django-htmx:

"""

#: Name → (pixels, how much of the width the drawing takes). Under 1 the ground goes to the edge, for systems that cut a shape out of it.
APP_ICONS = {"app-192.png": (192, 1.0), "app-512.png": (512, 1.0), "app-512-maskable.png": (512, 0.75), "app-180.png": (180, 0.85)}
#: A rectangle of the logo: place, size, rounding and colour, its own or its group's.
RECTANGLE = re.compile(
    r'<rect(?: x="([\d.]+)" y="([\d.]+)")? width="([\d.]+)" height="([\d.]+)" rx="([\d.]+)"(?: fill="([^"]+)")?/>|<g fill="([^"]+)">|</g>'
)
#: One icon of the installed sprite: its name and its paths.
SYMBOL = re.compile(r'<symbol[^>]* viewBox="0 0 16 16" id="([^"]+)">(.*?)</symbol>', re.DOTALL)
#: Latin, all Vietnamese letters, the combining marks of decomposed text, and the punctuation of documents.
LETTERS = [
    *range(0x20, 0x7F),
    *range(0xA0, 0x100),
    *(0x102, 0x103, 0x110, 0x111, 0x128, 0x129, 0x168, 0x169, 0x1A0, 0x1A1, 0x1AF, 0x1B0),
    *(0x300, 0x301, 0x302, 0x303, 0x306, 0x309, 0x31B, 0x323),
    *range(0x1EA0, 0x1EFA),
    *(0x2013, 0x2014, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2026, 0x2032, 0x2033),
    *(0x20AB, 0x20AC, 0x2190, 0x2191, 0x2192, 0x2193, 0x2212, 0x2248, 0x2264, 0x2265),
]
DIGITS = [*range(0x30, 0x3A)]
#: Placing of marks and pairs; the font's decorative features are left out.
FEATURES = ["ccmp", "kern", "locl", "mark", "mkmk"]


class MissingIcon(LookupError):
    """``static/icons.txt`` names an icon that the installed set does not have."""


def build(static: Path) -> None:
    """Write ``static/build/``; do nothing when it already answers to the present sources.

    Raises ``MissingIcon`` when an icon is asked for that does not exist.
    """
    target = static / "build"
    stamp = target / "stamp"
    wanted = _fingerprint(static)
    if stamp.is_file() and stamp.read_text(encoding="ascii") == wanted:
        return
    target.mkdir(exist_ok=True)
    stamp.unlink(missing_ok=True)
    (target / "icons.svg").write_text(sprite(static), encoding="utf-8")
    for weight in WEIGHTS:
        face = _font_file(weight)
        (target / f"BeVietnamPro-{weight}.woff2").write_bytes(text_font(face))
        (target / f"BeVietnamTabular-{weight}.woff2").write_bytes(tabular_font(face))
    (target / "app.css").write_text(_with_versions(stylesheet(static), target), encoding="utf-8")
    drawing = (static / "favicon.svg").read_text(encoding="utf-8")
    for name, (size, fill) in APP_ICONS.items():
        (target / name).write_bytes(app_icon(drawing, size, fill))
    (target / "OFL.txt").write_bytes(files(FONT_PACKAGE).joinpath("LICENSE").read_bytes())
    (target / "htmx.js").write_bytes((_htmx_folder() / "static" / "django_htmx" / "htmx-2.min.js").read_bytes())
    (target / "htmx-LICENSE.txt").write_text(HTMX_LICENCE + _htmx_packing_licence(), encoding="utf-8")
    stamp.write_text(wanted, encoding="ascii")


def stylesheet(static: Path) -> str:
    """Return the five source files as one, with comments and indentation removed."""
    css = "\n".join((static / "css" / name).read_text(encoding="utf-8") for name in STYLESHEETS)
    css = re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)
    css = _with_system_dark(css)
    return re.sub(r"\s*\n\s*", "\n", css).strip() + "\n"


def sprite(static: Path) -> str:
    """Return the SVG sprite of the icons listed in ``static/icons.txt``."""
    listed = (line.strip() for line in (static / "icons.txt").read_text(encoding="utf-8").splitlines())
    wanted = sorted({line for line in listed if line and not line.startswith("#")})
    source = files(ICON_PACKAGE).joinpath("static", "bootstrap5", "icons", "bootstrap-icons.svg")
    symbols = dict(SYMBOL.findall(source.read_text(encoding="utf-8")))
    missing = [name for name in wanted if name not in symbols]
    if missing:
        raise MissingIcon(", ".join(missing))
    drawn = "\n".join(f'<symbol id="{name}" viewBox="0 0 16 16">{symbols[name].strip()}</symbol>' for name in wanted)
    licence = "<!-- Bootstrap Icons, MIT License, Copyright The Bootstrap Authors -->"
    return f'<svg xmlns="http://www.w3.org/2000/svg">{licence}\n{drawn}\n</svg>\n'


def app_icon(drawing: str, size: int, fill: float) -> bytes:
    """Return the logo as a PNG of ``size`` pixels. It is made of rectangles on a square of 32."""
    large = size * 4  # drawn larger, then made smaller: smooth edges
    step = large * fill / 32
    edge = (large - large * fill) / 2
    image = Image.new("RGBA", (large, large))
    pen, group = ImageDraw.Draw(image), ""
    for x, y, width, height, rounding, colour, of_group in RECTANGLE.findall(drawing):
        if not width:
            group = of_group
            continue
        if width == height == "32" and fill < 1:
            pen.rectangle((0, 0, large, large), fill=colour)
            continue
        left, top = edge + float(x or 0) * step, edge + float(y or 0) * step
        box = (left, top, left + float(width) * step - 1, top + float(height) * step - 1)
        pen.rounded_rectangle(box, float(rounding) * step, fill=colour or group)
    out = io.BytesIO()
    image.resize((size, size), Image.Resampling.LANCZOS).save(out, "PNG", optimize=True)
    return out.getvalue()


def text_font(face: bytes) -> bytes:
    """Return the letters of ``LETTERS`` of one weight as WOFF2."""
    font = _subset(face, LETTERS, FEATURES)
    return _woff2(font)


def tabular_font(face: bytes) -> bytes:
    """Return the ten digits of one weight as WOFF2, centred on one advance width."""
    font = _subset(face, DIGITS, [])
    names = [font.getBestCmap()[digit] for digit in DIGITS]
    width = round(median(font["hmtx"][name][0] for name in names))
    for name in names:
        advance, bearing = font["hmtx"][name]
        shift = (width - advance) // 2
        glyph = font["glyf"][name]
        glyph.coordinates.translate((shift, 0))
        glyph.recalcBounds(font["glyf"])
        font["hmtx"][name] = (width, bearing + shift)
    for record in font["name"].names:
        if record.nameID in (1, 4, 16):
            record.string = record.toUnicode().replace("Be Vietnam Pro", "Be Vietnam Tabular")
        elif record.nameID in (3, 6):
            record.string = record.toUnicode().replace("BeVietnamPro", "BeVietnamTabular")
    return _woff2(font)


def _with_system_dark(css: str) -> str:
    """Repeat the dark values for readers whose system is dark and who have chosen nothing (or run no script)."""
    block = re.search(r"@media screen\{\s*\[data-theme=dark\]\{(?P<values>[^}]*)\}\s*\}", css)
    if block is None:
        raise ValueError("tokens.css has no dark block")
    system = f"\n@media screen and (prefers-color-scheme:dark){{:root:not([data-theme]){{{block['values']}}}}}"
    return css[: block.end()] + system + css[block.end() :]


def _with_versions(css: str, built: Path) -> str:
    """A font that is kept for a year is there before the first letter is drawn."""

    def versioned(found: re.Match[str]) -> str:
        return f"{found[0]}?v={hashlib.sha256((built / found[1]).read_bytes()).hexdigest()[:10]}"

    return re.sub(r"\.\./build/([\w-]+\.woff2)", versioned, css)


def _subset(face: bytes, letters: list[int], features: list[str]) -> TTFont:
    options = subset.Options()
    options.layout_features = features
    options.hinting = False
    options.name_IDs = [0, 1, 2, 3, 4, 5, 6, 13, 14]
    options.notdef_outline = True
    options.drop_tables = [*options.drop_tables, "DSIG"]
    font = TTFont(io.BytesIO(face), recalcTimestamp=False)
    subsetter = subset.Subsetter(options)
    subsetter.populate(unicodes=letters)
    subsetter.subset(font)
    return font


def _woff2(font: TTFont) -> bytes:
    font.flavor = "woff2"
    out = io.BytesIO()
    font.save(out)
    return out.getvalue()


def _font_file(weight: str) -> bytes:
    return files(FONT_PACKAGE).joinpath("files", f"BeVietnamPro-{weight}.ttf").read_bytes()


def _htmx_folder() -> Path:
    """Where the package lies. It is not imported: that would import Django, which is not installed."""
    found = find_spec(HTMX_PACKAGE)
    assert found is not None, "django-htmx is in the lock"
    assert found.origin is not None, "it is a package with a file"
    return Path(found.origin).parent


def _htmx_packing_licence() -> str:
    listed = [entry for entry in distribution("django-htmx").files or () if entry.name == "LICENSE"]
    return listed[0].read_text(encoding="utf-8") if listed else ""


def _fingerprint(static: Path) -> str:
    """Hash everything the result depends on: our sources, this file, the versions of the packages cut from."""
    digest = hashlib.sha256()
    for path in [*(static / "css" / name for name in STYLESHEETS), static / "icons.txt", static / "favicon.svg", Path(__file__)]:
        digest.update(path.read_bytes())
    for package in SOURCES:
        digest.update(f"{package} {installed_version(package)}".encode())
    return digest.hexdigest()


if __name__ == "__main__":
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parents[2] / "static"
    build(folder)
    print(version(folder))
