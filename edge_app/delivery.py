"""The built page's files, delivered as the build compressed them."""

from __future__ import annotations

import gzip
import hashlib
import mimetypes
from functools import lru_cache
from pathlib import Path

from flask import Response, request
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

PAGE = Path(__file__).parent / "page"
SUFFIXES = {"br": ".br", "gzip": ".gz"}
TYPES = {".wasm": "application/wasm", ".webmanifest": "application/manifest+json", ".js": "text/javascript"}

FOREVER = "public, max-age=31536000, immutable"
REVALIDATE = "no-cache"


def is_built() -> bool:
    """Tells whether the page was built; a checkout that was never installed has none."""
    return (PAGE / "index.html.gz").is_file()


def page_file(name: str) -> Response:
    """Answers with a file of the page, in the best encoding that the browser takes.

    Args:
        name: Its path inside the page, from the request.

    Raises:
        NotFound: There is no such file.
    """
    path = safe_join(str(PAGE), name)
    if path is None or f"{path}.gz" not in _files(PAGE):
        raise NotFound
    # Browsers name br over https alone; the order of SUFFIXES is that of preference.
    encoding = next((name for name in SUFFIXES if request.accept_encodings.quality(name)), None)
    data = _read(path, encoding)
    response = deliver(data, name, FOREVER if name.startswith("assets/") else REVALIDATE)
    if encoding is not None:
        response.headers["Content-Encoding"] = encoding
    response.headers["Vary"] = "Accept-Encoding"
    return response


@lru_cache
def _files(page: Path) -> frozenset[str]:
    return frozenset(map(str, page.rglob("*.gz")))


# However many ask for a file at a time, it is there once.
@lru_cache
def _read(path: str, encoding: str | None) -> bytes:
    packed = Path(path + SUFFIXES[encoding or "gzip"]).read_bytes()
    return packed if encoding else gzip.decompress(packed)


def worker(bundle_hash: str) -> Response:
    """Answers with the service worker, which is another one for another bundle.

    Raises:
        NotFound: The page was not built.
    """
    path = PAGE / "offline.js"
    if not path.is_file():
        raise NotFound
    script = f'self.OTAK_BUNDLE = "{bundle_hash[:12]}";\n' + path.read_text(encoding="utf-8")
    return deliver(script.encode(), path.name, REVALIDATE)


def deliver(data: bytes, name: str, caching: str) -> Response:
    """Answers with bytes, or with 304 where the browser has them already.

    Args:
        data: The body.
        name: Tells the type by its ending.
        caching: The Cache-Control header.
    """
    suffix = Path(name).suffix
    kind = TYPES.get(suffix) or mimetypes.types_map.get(suffix, "application/octet-stream")
    response = Response(data, mimetype=kind)
    response.headers["Cache-Control"] = caching
    response.set_etag(hashlib.sha256(data).hexdigest()[:32])
    response.make_conditional(request)
    return response
