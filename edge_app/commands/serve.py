"""``otak serve``: the page and the API, for this device or for the phones of its network."""

from __future__ import annotations

import argparse
import sys
from contextlib import suppress
from datetime import UTC, datetime
from ipaddress import ip_address
from typing import TYPE_CHECKING

from edge_app.case_log.errors import CaseLogError
from edge_app.case_log.keeper import Keeper
from edge_app.case_log.log import CaseLog
from edge_app.case_log.place import default_place
from edge_app.classifier import Classifier
from edge_app.commands.listening import reason
from edge_app.commands.terminal import add_model, classifier_of, complain, say, spoken
from edge_app.lan.addresses import LAN_PORT, LOOPBACK_NAME, TRUST_PORT, is_private
from edge_app.notify import is_journal

if TYPE_CHECKING:
    from flask import Blueprint

    from edge_app.lan.serving import LanServer

LOOPBACK = "127.0.0.1"
PORT = 8000
DAY = 86_400  # seconds


def add(parser: argparse.ArgumentParser) -> None:
    """Tells the command's parser what it takes."""
    add_model(parser)
    parser.add_argument("--lan", action="store_true", help=say("serve.help.lan"))
    parser.add_argument("--host", help=say("serve.help.host", host=LOOPBACK))
    ports = say("serve.help.port", port=PORT, lan_port=LAN_PORT)
    parser.add_argument("--port", type=_port, help=ports)
    trust = say("serve.help.trust_port", port=TRUST_PORT)
    parser.add_argument("--trust-port", type=_port, default=TRUST_PORT, help=trust)
    parser.add_argument("--keep-cases", action="store_true", help=say("cli.help.keep_cases"))
    parser.add_argument("--keep-names", action="store_true", help=say("cli.help.keep_names"))


def run(arguments: argparse.Namespace) -> int:
    """Serves until it is stopped; returns the exit code."""
    refusal = _refusal(arguments.host, arguments.lan)
    if refusal is not None:
        complain(say(refusal, host=arguments.host))
        return 2
    if arguments.keep_names and not arguments.keep_cases:
        complain(say("serve.names_need_cases"))
        return 2
    arguments.host = arguments.host or ("" if arguments.lan else LOOPBACK)
    if arguments.port is None:
        arguments.port = LAN_PORT if arguments.lan else PORT
    with classifier_of(arguments) as (classifier, workers):
        try:
            # One more than may wait, so that the next is turned away at once.
            return (_serve_lan if arguments.lan else _serve)(arguments, classifier, workers.places + 1)
        except OSError as error:
            ports = (arguments.port, arguments.trust_port) if arguments.lan else (arguments.port,)
            complain(reason(error, arguments.host, ports))
            return 1


def _serve(arguments: argparse.Namespace, classifier: Classifier, threads: int) -> int:
    from edge_app.serve.app import create_app
    from edge_app.serve.http import Server

    app = create_app(classifier, _keeping(arguments))
    server = Server(app, arguments.host, arguments.port, threads=threads)
    host = f"[{arguments.host}]" if ":" in arguments.host else arguments.host
    # It serves all the same where nobody reads that, or a full disk is behind it.
    with suppress(OSError):
        print(say("serve.at", url=f"http://{host}:{server.port}/"), flush=True)
    server.run()
    return 0


def _serve_lan(arguments: argparse.Namespace, classifier: Classifier, threads: int) -> int:
    from edge_app.lan.serving import LanServer
    from edge_app.lan.state import State, StateError, default_folder

    try:
        state = State(default_folder())
        server = LanServer(
            classifier,
            _keeping(arguments),
            state=state,
            host=arguments.host,
            port=arguments.port,
            trust_port=arguments.trust_port,
            threads=threads,
        )
    except StateError as error:
        complain(error.sentence(spoken()))
        return 1
    if state.lag() > DAY:
        known, shown = f"{state.now():%Y-%m-%d}", f"{datetime.now(UTC):%Y-%m-%d}"
        complain(say("lan.clock", known=known, shown=shown, path=state.seen))
    with suppress(OSError):
        _announce(server)
    server.run()
    return 0


def _keeping(arguments: argparse.Namespace) -> list[Blueprint]:
    """Returns what keeps cases, where that is wanted; it says where none can be kept now."""
    from edge_app.serve.cases import keeping

    if not arguments.keep_cases:
        return []
    log = CaseLog(default_place())
    try:
        log.check()
    except CaseLogError as error:
        complain(f"{error.sentence(spoken())} ({log.path})")
    return [keeping(Keeper(log, names=arguments.keep_names))]


def _announce(server: LanServer) -> None:
    """Says where it is, and how phones come to trust it."""
    import segno

    print(say("lan.at", urls="  ".join(server.urls())))
    print(say("lan.fingerprint", fingerprint=server.device.authority.fingerprint))
    if server.device.is_new:
        print(say("lan.new_authority"))
    if server.pin is not None:
        # Nobody knows it then, until another is set.
        print(say("service.pin") if is_journal(sys.stdout) else say("lan.pin.made", pin=server.pin))
    print(say("lan.trust_at", url=server.trust_url()))
    # Nobody scans it from a log.
    if sys.stdout.isatty():
        segno.make(server.trust_url(), micro=False).terminal(compact=True)
    print(say("lan.stop"), flush=True)


def _refusal(host: str | None, lan: bool) -> str | None:
    """Returns why Otak won't listen there, the key of a sentence."""
    if host is None or host == LOOPBACK_NAME:
        return None
    try:
        address = ip_address(host)
    except ValueError:
        return None if lan else "lan.needs_lan"
    if lan:
        return None if address.is_unspecified or is_private(address) else "lan.private"
    return None if address.is_loopback else "lan.needs_lan"


def _port(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and int(text) <= 65535):
        raise argparse.ArgumentTypeError(say("serve.port"))
    return int(text)
