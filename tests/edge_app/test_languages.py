import string

import pytest

from edge_app.languages import LANGUAGES, sentence, sentences


def placeholders(text: str) -> set[str | None]:
    return {field for _, field, _, _ in string.Formatter().parse(text) if field is not None}


def test_all_languages_hold_the_same_keys_and_placeholders() -> None:
    english = sentences("en")
    for language in LANGUAGES:
        other = sentences(language)
        assert list(other) == list(english)
        for key, text in other.items():
            assert placeholders(text) == placeholders(english[key]), key
            assert text.strip() == text != "", key


def test_braces_in_a_name_are_left_alone() -> None:
    assert "{limit}.jpg" in sentence("id", "error.too_many_bytes", name="{limit}.jpg", limit=20)


def test_an_unknown_key_is_an_error() -> None:
    with pytest.raises(KeyError):
        sentence("en", "no.such.key")
