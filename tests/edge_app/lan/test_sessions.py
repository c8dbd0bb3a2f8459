from __future__ import annotations

from edge_app.lan.pin import FILE, set_pin
from edge_app.lan.sessions import SECONDS, Sessions
from edge_app.lan.state import State
from tests.edge_app.lan.test_throttle import Seconds


def test_a_session_lasts_a_shift(state: State) -> None:
    clock = Seconds()
    sessions = Sessions(state, clock)
    token = sessions.start()
    assert sessions.holds(token)
    assert sessions.start() != token
    clock.now += SECONDS - 1
    assert sessions.holds(token)
    clock.now += 2
    assert not sessions.holds(token)


def test_nobody_makes_one_up(state: State) -> None:
    sessions = Sessions(state)
    token = sessions.start()
    claim, _, signature = token.rpartition(".")
    name, _, started = claim.partition(".")
    later = f"{name}.{int(started) + 10**6}.{signature}"
    forms = f"{claim}.{sessions.form_token(claim)}", f"form {token}.{sessions.form_token(token)}"
    for forged in (
        "",
        ".",
        "..",
        "é.é",
        "a.1",
        claim,
        f"{claim}.",
        f"{token}0",
        later,
        token.upper(),
        *forms,
    ):
        assert not sessions.holds(forged), forged


def test_another_pin_ends_all(state: State) -> None:
    set_pin(state, "493817")
    sessions = Sessions(state)
    token = sessions.start()
    form = sessions.form_token(token)
    # The same one again, too.
    set_pin(state, "493817")
    assert not sessions.holds(token)
    assert sessions.form_token(token) != form
    (state.folder / FILE).unlink()
    assert not sessions.holds(token)


def test_a_restart_ends_all(state: State) -> None:
    assert not Sessions(state).holds(Sessions(state).start())


def test_what_is_signed_out_stays_out(state: State) -> None:
    sessions = Sessions(state)
    stolen, other = sessions.start(), sessions.start()
    sessions.end(stolen)
    sessions.end(stolen)
    sessions.end("no token")
    assert not sessions.holds(stolen)
    assert sessions.holds(other)
    # Also where more are signed out than are remembered.
    for _ in range(Sessions.ENDED + 1):
        sessions.end(sessions.start())
    assert not sessions.holds(stolen)
    assert len(sessions._ended) <= Sessions.ENDED


def test_a_form_belongs_to_its_session(state: State) -> None:
    sessions = Sessions(state)
    one, two = sessions.start(), sessions.start()
    assert sessions.form_token(one) == sessions.form_token(one) != sessions.form_token(two)
