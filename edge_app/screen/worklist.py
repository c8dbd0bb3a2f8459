"""The worklist: one page that names the studies to look at first, for any browser, without a server."""

from __future__ import annotations

import base64
import io
from collections.abc import Iterable
from html import escape
from itertools import islice
from pathlib import Path

from edge_app.errors import ImageError, OtakError
from edge_app.languages import sentence
from edge_app.preprocessing import InputSpec
from edge_app.reading import Reader
from edge_app.records import write_text
from edge_app.screen.studies import Shown, Summary
from edge_app.sources import files_of, printable
from edge_app.wording import percent, short_headline

LISTED = 1_000  # studies, each with a picture in the page
SIDE = 128  # pixels
POLICY = "default-src 'none'; img-src data:; style-src 'unsafe-inline'"
STYLE = """
body{margin:0 auto;max-width:64rem;padding:1rem;font:1rem/1.5 system-ui,sans-serif;
  color:#1b1f24;background:#fff}
ol{list-style:none;padding:0}
li{display:flex;gap:1rem;padding:.75rem 0;border-top:1px solid #d0d7de}
img,.none{flex:none;width:128px;height:128px;object-fit:contain;background:#000}
h2{margin:0;font-size:1.1rem}
p{margin:.2rem 0;overflow-wrap:anywhere}
small{color:#57606a}
@media(prefers-color-scheme:dark){body{color:#e6edf3;background:#0d1117}li{border-color:#30363d}small{color:#9da7b1}}
"""


def write_worklist(
    path: Path,
    found: Iterable[Summary],
    names: dict[str, str],
    reader: Reader,
    spec: InputSpec,
    language: str,
) -> None:
    """Writes the page.

    Args:
        path: Of the page.
        found: Studies, the most suspicious first.
        names: What each label is called inside a sentence.
        reader: Reads the thumbnails; under limits, as these files may do harm.
        spec: As of ``Reader.read``.
        language: ``en`` or ``id``.

    Raises:
        RecordError: It can't be written.
    """
    studies = iter(found)
    listed = list(islice(studies, LISTED))
    more = sum(1 for _ in studies)
    items = "\n".join(_item(each, names, reader, spec, language) for each in listed)
    tail = f"<p>{escape(sentence(language, 'screen.more', count=f'{more:,}'))}</p>" if more else ""
    title = escape(sentence(language, "screen.title"))
    write_text(
        path,
        f"""<!doctype html>
<html lang="{language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<title>{title} · Otak</title>
<style>{STYLE}</style>
</head>
<body>
<h1>{title}</h1>
<p>{escape(sentence(language, "screen.order"))}</p>
<ol>
{items}
</ol>
{tail}
<p>{escape(sentence(language, "limitation.no_tumor"))}</p>
<p>{escape(sentence(language, "disclaimer"))}</p>
</body>
</html>
""",
    )


def _item(each: Summary, names: dict[str, str], reader: Reader, spec: InputSpec, language: str) -> str:
    first = each.first
    picture = _thumbnail(first, reader, spec) if first else ""
    image = (
        f'<img src="data:image/jpeg;base64,{picture}" alt="">' if picture else '<span class="none"></span>'
    )
    counts = each.counts
    texts = [
        sentence(
            language,
            "screen.counts",
            slices=counts.slices,
            tumours=each.tumours,
            unsure=counts.unsure,
            refused=counts.refused,
            unreadable=counts.unreadable,
        )
    ]
    if each.suspicious:
        texts.insert(0, sentence(language, "screen.suspicious"))
    if first:
        texts.append(_place(first, language))
    lines = "".join(f"<p>{escape(text)}</p>" for text in texts)
    return (
        f"<li>{image}<div><h2>{escape(_headline(first, names, language))}</h2>{lines}"
        f"<p><small>{escape(sentence(language, 'screen.study', study=each.study))}</small></p></div></li>"
    )


def _headline(first: Shown | None, names: dict[str, str], language: str) -> str:
    if first is None:
        return sentence(language, "study.unjudged")
    said = short_headline(first.decision, names, language)
    tumour = sentence(language, "screen.tumour", percent=percent(first.decision.tumour))
    return f"{said} · {tumour}"


def _place(first: Shown, language: str) -> str:
    name = printable(first.path) + (f"/{first.entry}" if first.entry else "")
    if first.frame is None:
        return name
    return sentence(language, "study.frame", name=name, frame=first.frame + 1)


def _thumbnail(first: Shown, reader: Reader, spec: InputSpec) -> str:
    """Returns a JPEG in base64; none where the file is gone or was changed."""
    wanted = f"{printable(first.path)}/{first.entry}" if first.entry else printable(first.path)
    each = next(islice(files_of([first.path]), first.number, None), None)
    if each is None or each.name != wanted or isinstance(each.content, ImageError):
        return ""
    try:
        image = reader.read(each.content, each.name, spec, first.frame).image.convert("RGB")
    except OtakError:
        return ""
    image.thumbnail((SIDE, SIDE))
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=80)
    return base64.b64encode(buffer.getvalue()).decode()
