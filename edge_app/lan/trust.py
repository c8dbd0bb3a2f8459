"""The page over plain HTTP that says how a phone comes to trust this device. Nothing else is served there.

It is never encrypted, and no answer of ours says that only https is spoken here (HSTS): browsers would
remember that for all ports of a name, and no phone could come here any longer.
"""

from __future__ import annotations

from collections.abc import Callable

import segno
from cryptography.hazmat.primitives.serialization import Encoding
from flask import Flask, Response, render_template
from markupsafe import Markup

from edge_app.lan import guard
from edge_app.lan.certificates import Signer
from edge_app.lan.guard import Called
from edge_app.serve import errors
from edge_app.serve.app import finish
from edge_app.serve.context import language, say
from edge_app.serve.operation import admit

PAGE_POLICY = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"


def create_trust_app(
    signer: Signer, urls: Callable[[], list[str]], own: Callable[[], str], called: Called
) -> Flask:
    """Makes the app of the page.

    Args:
        signer: The authority that phones are to trust.
        urls: Where Otak is.
        own: Where this page is, for the QR code.
        called: Tells the device's names and addresses; other names are refused.
    """
    app = Flask("edge_app")
    guard.register(app, called)
    app.before_request(admit)
    app.after_request(finish)
    errors.register(app)

    @app.get("/")
    def page() -> Response:
        text = render_template(
            "trust.html",
            say=say,
            language=language(),
            fingerprint=signer.fingerprint,
            urls=urls(),
            own=own(),
            # Dark on light in the dark, too, or no camera reads it.
            code=Markup(segno.make(own(), micro=False).svg_inline(scale=5, light="white")),  # noqa: S704
        )
        return Response(text, headers={"Content-Security-Policy": PAGE_POLICY})

    @app.get("/otak-ca.crt")
    def certificate() -> Response:
        data = signer.certificate.public_bytes(Encoding.DER)
        return Response(data, mimetype="application/x-x509-ca-cert")

    return app
