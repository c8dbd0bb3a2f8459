from __future__ import annotations

import re
from pathlib import Path

import edge_app
from edge_app.doctor.finding import attention, bad, good
from edge_app.languages import LANGUAGES, sentences

SOURCE = Path(edge_app.__file__).parent / "doctor"


def test_all_that_may_be_found_has_its_words() -> None:
    text = "".join(path.read_text() for path in SOURCE.glob("*.py"))
    named = set(re.findall(r'\b(?:bad|attention|good)\(\s*"(\w+)",\s*"(\w+)"', text))
    assert ("bundle", "broken") in named
    wrong = set(re.findall(r'\b(?:bad|attention)\(\s*"(\w+)",\s*"(\w+)"', text))
    for language in LANGUAGES:
        keys = set(sentences(language))
        assert {f"doctor.{name}.{case}" for name, case in named} <= keys
        assert {f"doctor.{name}.{case}.do" for name, case in wrong} <= keys
        advised = {
            key.removesuffix(".do") for key in keys if key.startswith("doctor.") and key.endswith(".do")
        }
        assert advised <= keys


def test_advice_is_for_what_is_not_well() -> None:
    assert good("disk", "room", free=1, path="/").advice("en") is None
    found = attention("disk", "short", free=1, path="/x")
    assert (found.title("id"), found.found("en")) == ("Penyimpanan", "1 MB free for /x, which is little")
    assert "cadangkan" in (found.advice("id") or "")
    assert bad("tls", "ended").level == "bad"
