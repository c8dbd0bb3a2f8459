"""The page as one HTML file, which a phone opens without any server: sent by Bluetooth, or from a card."""

from __future__ import annotations

import base64
import gzip
import hashlib
import re
from pathlib import Path

from edge_app import about, delivery
from edge_app.bundle import NAME, Bundle
from edge_app.errors import OtakError

LOGO = Path(__file__).parent / "static" / "otak.svg"
ASSET = r"/assets/[\w.-]+"
# Nothing but what is in the file; data: and blob: are how it reaches that.
POLICY = (
    "default-src 'none'; script-src 'sha256-{digest}' 'wasm-unsafe-eval' blob:; style-src 'unsafe-inline'; "
    "img-src data: blob:; connect-src data: blob:; worker-src blob:; base-uri 'none'; form-action 'none'"
)


def single_file(bundle: Bundle) -> str:
    """Puts the built page, the runtime and the bundle's model into one HTML document.

    Raises:
        OtakError: The page was not built.
        BundleError: The bundle's default is no TFLite file.
    """
    if not delivery.is_built():
        raise OtakError("the page was not built; install Otak with pip first.")
    model = bundle.file()
    html = _read("/index.html").decode()
    script = _named(r'<script type="module"[^>]*src="(%s)"></script>', html)
    style = _named(r'<link rel="stylesheet"[^>]*href="(%s)">', html)
    code = _read(script[1]).decode().replace("</script", "<\\/script")
    digest = base64.b64encode(hashlib.sha256(code.encode()).digest()).decode()
    # As the build compressed them: a small device takes seconds for the runtime alone.
    files = {
        f"/assets/{path.name.removesuffix('.gz')}": path.read_bytes()
        for path in sorted((delivery.PAGE / "assets").glob("*.gz"))
    }
    del files[script[1]], files[style[1]]
    own = {
        f"/{NAME}": bundle.folder / NAME,
        f"/model/{model.sha256}": bundle.folder / model.path,
        "/static/otak.svg": LOGO,
    }
    files |= {name: gzip.compress(path.read_bytes(), mtime=0) for name, path in own.items()}
    if described := about.find(bundle.folder):
        files[f"/{about.NAME}"] = gzip.compress(described, mtime=0)

    head, rest = html.replace(style[0], f"<style>{_read(style[1]).decode()}</style>").split(script[0])
    head = head.replace(
        '<meta charset="utf-8" />',
        f'<meta charset="utf-8" />\n'
        f'    <meta http-equiv="Content-Security-Policy" content="{POLICY.format(digest=digest)}" />',
    )
    # What a server has beside the page.
    head = re.sub(r'\s*<link rel="(icon|apple-touch-icon|manifest)"[^>]*>', "", head)
    licences = (delivery.PAGE / "THIRD_PARTY.txt").read_text(encoding="utf-8")
    head = head.replace("<head>", f"<!--\n{licences}\n-->\n  <head>", 1)
    return head + rest.replace(
        "</body>", "".join(map(_embedded, files.items())) + f'<script type="module">{code}</script></body>'
    )


def _read(name: str) -> bytes:
    return gzip.decompress(Path(f"{delivery.PAGE}{name}.gz").read_bytes())


def _named(pattern: str, html: str) -> re.Match[str]:
    found = re.search(pattern % ASSET, html)
    if found is None:
        raise OtakError("the page was built by another version; install Otak again.")
    return found


def _embedded(item: tuple[str, bytes]) -> str:
    name, packed = item
    text = base64.b64encode(packed).decode()
    return f'<script type="text/plain" data-file="{name}">{text}</script>\n'
