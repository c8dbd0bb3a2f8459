"""``otak info``: what is installed here, and what it would answer with."""

from __future__ import annotations

import argparse
import json
import platform
import sys
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version

import edge_app
from edge_app import service
from edge_app.answer import Model, model_of
from edge_app.bundle import Label, ModelFile, StudyRule, Thresholds
from edge_app.case_log.place import default_place
from edge_app.classifier import Classifier
from edge_app.commands.terminal import add_model, classifier_of, say, spoken
from edge_app.lan.addresses import LAN_PORT, TRUST_PORT, own_names, url
from edge_app.wording import capital, label_names
from edge_app.workers import Workers

PACKAGES = ("ai-edge-litert", "tflite-runtime", "numpy", "pillow", "flask")


@dataclass(frozen=True, kw_only=True)
class Info:
    """What is installed.

    Attributes:
        otak: Its version.
        python: Likewise.
        machine: Of the computer, as its system calls it.
        packages: Their versions, those that are installed.
        runtime: The interpreter that runs the model.
        workers: Processes that read pictures at a time.
        bundle: Its folder.
        model: What answers.
        labels: Its answers.
        files: Of the bundle, with their hashes.
        thresholds: None where not calibrated.
        study: The rule for examinations; None where not calibrated.
        cases: The file of the case log.
        kept: Whether it is there.
    """

    otak: str
    python: str
    machine: str
    packages: dict[str, str]
    runtime: str
    workers: int
    bundle: str
    model: Model
    labels: tuple[Label, ...]
    files: tuple[ModelFile, ...]
    thresholds: Thresholds | None
    study: StudyRule | None
    cases: str
    kept: bool


def add(parser: argparse.ArgumentParser) -> None:
    """Tells the command's parser what it takes."""
    add_model(parser)
    parser.add_argument("--json", action="store_true", help=say("cli.help.json"))
    parser.add_argument("--addresses", action="store_true", help=say("info.help.addresses"))


def run(arguments: argparse.Namespace) -> int:
    """Loads the model, and says what it is; returns the exit code."""
    if arguments.addresses:
        _show_addresses()
        return 0
    with classifier_of(arguments) as (classifier, workers):
        info = _info(classifier, workers)
        names = label_names(classifier, spoken())
    if arguments.json:
        print(json.dumps(asdict(info)))
    else:
        print("\n".join(_lines(info, names)))
    return 0


def _info(classifier: Classifier, workers: Workers) -> Info:
    bundle, place = classifier.bundle, default_place()
    return Info(
        otak=edge_app.__version__,
        python=platform.python_version(),
        machine=platform.machine(),
        packages=_packages(),
        runtime=classifier.runtime.name,
        workers=workers.count,
        bundle=str(bundle.folder),
        model=model_of(classifier),
        labels=bundle.labels,
        files=bundle.files,
        thresholds=bundle.thresholds,
        study=bundle.study,
        cases=str(place),
        kept=place.exists(),
    )


def _show_addresses() -> None:
    """Says where phones find this device, and how they come to trust it; loads no model."""
    import segno

    ports = (service.PORT, service.TRUST_PORT) if service.is_installed() else (LAN_PORT, TRUST_PORT)
    hosts = own_names().hosts
    print(say("lan.at", urls="  ".join(url("https", host, ports[0]) for host in hosts)))
    trust = url("http", hosts[0], ports[1])
    print(say("lan.trust_at", url=trust))
    # Nobody scans it from a file.
    if sys.stdout.isatty():
        segno.make(trust, micro=False).terminal(compact=True)


def _packages() -> dict[str, str]:
    found = {}
    for name in PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _lines(info: Info, names: dict[str, str]) -> list[str]:
    packages = ", ".join(f"{name} {number}" for name, number in info.packages.items())
    answers = ", ".join(map(capital, names.values()))
    facts = {
        "otak": f"{info.otak}, Python {info.python}, {info.machine}",
        "packages": packages,
        "workers": str(info.workers),
        "bundle": f"{info.model.name} {info.model.version}, {info.bundle}",
        "answers": answers,
        "file": f"{info.model.file}, {info.runtime}, {info.model.precision}",
        "thresholds": _thresholds(info.thresholds),
        "study": _rule(info.study),
        "cases": info.cases if info.kept else say("info.no_cases", place=info.cases),
    }
    told = {say(f"info.{name}"): text for name, text in facts.items()}
    width = max(map(len, told))
    files = [f"  {each.sha256}  {each.path}, {each.precision}, {each.bytes:,} B" for each in info.files]
    return [*(f"{name:{width}}  {text}" for name, text in told.items()), say("info.files"), *files]


def _thresholds(thresholds: Thresholds | None) -> str:
    if thresholds is None:
        return say("app.details.thresholds.none")
    shares = {name: f"{value:.1%}" for name, value in asdict(thresholds).items()}
    return say("app.details.thresholds.value", **shares)


def _rule(rule: StudyRule | None) -> str:
    if rule is None:
        return say("app.details.thresholds.none")
    return say("info.study.value", rank=rule.rank, threshold=f"{rule.threshold:.1%}")
