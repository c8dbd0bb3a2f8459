"""What pages with forms share, which need no JavaScript."""

from __future__ import annotations

# The cookie of the token that a form of one of our pages sends along, where its reader is signed in. Browsers
# take a cookie of such a name over https alone, and for this very host.
TOKEN_COOKIE = "__Host-otak-form"  # noqa: S105 (a name)

PAGE_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; style-src 'self'; img-src 'self'; form-action 'self'; "
    "base-uri 'none'; frame-ancestors 'none'",
    # With no-referrer browsers send "Origin: null" along with a form.
    "Referrer-Policy": "same-origin",
}
