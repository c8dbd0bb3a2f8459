"""From a run to a bundle: convert, verify, describe."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory

import keras
import numpy as np
from numpy.typing import NDArray
from rich.progress import track

from convert import about as abouts
from convert import licence
from convert.calibrate import out_of_fold as out_of_folds
from convert.calibrate import rejection as rejections
from convert.calibrate import study as study_rules
from convert.calibrate.negatives import photographs
from convert.calibrate.out_of_fold import OutOfFold
from convert.calibrate.rejection import Features, Negatives, Rejection
from convert.calibrate.temperature import fit, logits_of, soften
from convert.calibrate.thresholds import Choice, choose
from convert.errors import ConversionError
from convert.export import graph, metadata
from convert.export.graph import LogitCorrection
from convert.export.metadata import Description
from convert.export.onnx import to_onnx
from convert.export.tflite import to_tflite
from convert.held_out import Parts, load_parts, read_roles
from convert.model_card import card
from convert.provenance import (
    KerasModel,
    OutOfFoldData,
    Provenance,
    RefusedData,
    RejectionData,
    Verification,
)
from convert.verify import check_size, verify
from convert.verify import run as run_file
from edge_app.bundle import PRECISIONS, Bundle, Format, ModelFile, Precision, sha256
from edge_app.bundles import expected
from edge_app.runtime import Runtime, load_runtime
from evaluation import out_of_distribution, predictions
from evaluation.labels import LABELS, NAMES
from evaluation.studies import StudyScore, by_study
from train.data.arrays import load_arrays
from train.data.dataset import Slice, read_dataset, root_of
from train.model.networks import load as load_net
from train.run import Run
from train.run_metrics import RunMetrics

FORMATS: dict[Format, tuple[Precision, ...]] = {
    "tflite": PRECISIONS,
    "onnx": ("float32", "float16", "int8"),
}


@dataclass(frozen=True)
class ConversionOptions:
    """How a bundle is to be made.

    Attributes:
        precisions: Of the files to make.
        allow_loss: Whether a file outside the tolerances is kept, and the card says so.
        tflite_runtime: The Python interpreter of an environment with tflite-runtime; None to do without.
        out_of_fold: Runs of the other folds, for temperature, thresholds and the rule for studies; none where
            empty.
        out_of_distribution: Pictures to be rejected, with their ``sources.csv``; None to do without.
    """

    precisions: Sequence[Precision] = PRECISIONS
    allow_loss: bool = False
    tflite_runtime: Path | None = None
    out_of_fold: Sequence[Path] = ()
    out_of_distribution: Path | None = None


@dataclass(frozen=True)
class Source:
    """What all files of a bundle are made from.

    Attributes:
        run: The run.
        net: Its net.
        parts: Its slices.
        rejection: Fitted on the net; None where nothing is rejected.
        out_of_fold: What the runs of the other folds say; None without such runs.
        negatives: What the rejection was fitted on; None where nothing is rejected.
        features: What the net makes of these and of the training part; likewise.
    """

    run: Run
    net: keras.Model
    parts: Parts
    rejection: Rejection | None
    out_of_fold: OutOfFold | None = None
    negatives: Negatives | None = None
    features: Features | None = None


def make_bundle(
    run_folder: Path, folder: Path, data: Path | None = None, options: ConversionOptions | None = None
) -> Bundle:
    """Converts a run into a bundle.

    Args:
        run_folder: What ``python -m train fit`` left.
        folder: For the bundle; made here.
        data: The data set; where the run says when not given.
        options: How.

    Raises:
        ConversionError: A file failed its verification, or a run of another fold doesn't belong to this one.
        DataError: The run, its net or the data set can't be read.
    """
    options = options or ConversionOptions()
    run = Run.load(run_folder)
    net = load_net(run.model)
    root = data or Path(run.data_folder)
    others = out_of_folds.load(options.out_of_fold, run) if options.out_of_fold else None
    parts = load_parts(run, net, root)
    negatives = _draw_negatives(run, root, options.out_of_distribution)
    features = _extract(run, net, root, parts.train, negatives)
    rejection = rejections.fit(features) if features else None
    source = Source(run, net, parts, rejection, others, negatives, features)
    folder.mkdir(parents=True)
    files, verification = _make_files(source, folder, options)
    parts.held_out.save(folder)
    shutil.copy(run.folder / predictions.NAME, folder)
    # int8 is what small devices run; else the smallest.
    default = min(
        (file for file in files if file.format == "tflite"),
        key=lambda file: (file.precision != "int8", file.bytes),
    )
    choice = _choose_thresholds(default, folder / default.path, source, root)
    studies = others.studies(default.temperature) if others and choice else []
    rule = study_rules.choose(studies)
    bundle = Bundle(
        folder=folder,
        name=run.config.arch,
        version=run.started[:10],
        labels=LABELS,
        input=run.input,
        outputs=graph.outputs_of(net, source.rejection),
        files=files,
        thresholds=choice.thresholds if choice else None,
        study=rule,
        default=default.path,
    )
    scores = by_study(studies, rule) if rule else ()
    provenance = _provenance(source, verification, choice, scores)
    bundle.save()
    provenance.save(folder)
    (folder / "card.md").write_text(card(bundle, provenance), encoding="utf-8")
    if described := abouts.about(bundle, provenance, measured=None):
        abouts.write(folder, described)
    expected.write(folder)
    return Bundle.load(folder)


def _draw_negatives(run: Run, data: Path, folder: Path | None) -> Negatives | None:
    """Draws what rejections are fitted on; None for a data set without photographs."""
    pictures = photographs(root_of(data))
    if not pictures:
        return None
    others = [other for other in out_of_distribution.read(folder) if other.half == "train"] if folder else []
    return rejections.draw_negatives(pictures, others, run.input, run.config.seed)


def _extract(
    run: Run, net: keras.Model, data: Path, train: list[Slice], negatives: Negatives | None
) -> Features | None:
    if negatives is None:
        return None
    arrays = load_arrays(root_of(data), train, run.input, run.folder.parent / ".cache")
    return rejections.extract(net, run.input, arrays, negatives, run.config.seed)


def _choose_thresholds(file: ModelFile, path: Path, source: Source, data: Path) -> Choice | None:
    """Chooses them for the file that devices use; none where what is held out was seen in training."""
    parts, others = source.parts, source.out_of_fold
    if parts.seen:
        return None
    if others:
        known = {slice_.path: slice_ for slice_ in read_dataset(data)}
        softened = soften(out_of_folds.logits(others.rows), file.temperature)
        likely = _score_out_of_fold(others, data, source.negatives) if source.rejection else None
        return choose(softened, out_of_folds.slices_of(others.rows, known), likely)
    outputs = run_file(load_runtime(file, path), parts.held_out.pixels)
    in_distribution = outputs.get(graph.IN_DISTRIBUTION)
    return choose(
        outputs[graph.PROBABILITIES],
        parts.held_out.slices,
        None if in_distribution is None else in_distribution.reshape(-1),
    )


def _score_out_of_fold(others: OutOfFold, data: Path, negatives: Negatives | None) -> NDArray[np.float32]:
    """Tells how likely each slice is one of a brain MRI, by a rejection whose net never saw its patient."""
    found = []
    for run, rows in track(others.tables, "Rejecting out of fold", transient=True):
        net = load_net(run.model)
        features = _extract(run, net, data, read_roles(run, data)["train"], negatives)
        if features is None:
            raise ConversionError(f"{run.model}: does not end in global pooling, as its kind does.")
        tested = out_of_folds.slices_of(rows, {})
        arrays = load_arrays(root_of(data), tested, run.input, run.folder.parent / ".cache")
        found.append(rejections.fit(features).score(rejections.features_of(net, run.input, arrays.pixels)))
    return np.concatenate(found)


def _make_files(
    source: Source, folder: Path, options: ConversionOptions
) -> tuple[tuple[ModelFile, ...], dict[str, Verification]]:
    """Converts every file that is asked for; returns them, and the verification of each by its path."""
    wanted = [
        (format, precision)
        for format, precisions in FORMATS.items()
        for precision in precisions
        if precision in options.precisions
    ]
    made = [
        make_file(source, format, precision, folder, options)
        for format, precision in track(wanted, "Converting", transient=True)
    ]
    return tuple(file for file, _ in made), {file.path: verified for file, verified in made}


def make_file(
    source: Source, format: Format, precision: Precision, folder: Path, options: ConversionOptions
) -> tuple[ModelFile, Verification]:
    """Converts one file, writes it and verifies it.

    It is converted twice: first to see the file's own logits, which are then corrected.

    Raises:
        ConversionError: The file lost the weights, does not fit the bundle, or is outside the tolerances and
            no loss is allowed.
    """
    path = folder / f"{source.run.config.arch}-{precision}.{format}"
    file = _write(source, format, precision, path, LogitCorrection())
    check_size(path.name, file.bytes, source.net.count_params(), precision)
    correction = _fit_correction(load_runtime(file, path), precision, source)
    file = _write(source, format, precision, path, correction)
    verified = verify(file, path, source.run.input, source.parts.held_out, options.tflite_runtime)
    if verified.faults and not options.allow_loss:
        raise ConversionError(
            f"{path.name}: {'; '.join(verified.faults)}. --allow-loss keeps it and says so in the card."
        )
    return file, verified


def _fit_correction(runtime: Runtime, precision: Precision, source: Source) -> LogitCorrection:
    """Fits what a file's answer needs: int8's own bias taken out, and the temperature."""
    parts = source.parts
    shift = np.zeros(len(NAMES), np.float32)
    if precision == "int8":
        # Rounding leaves a mean error in the logits, which their bias can take up (Nagel et al. 2019).
        found = logits_of(run_file(runtime, parts.calibration_pixels)[graph.PROBABILITIES])
        shift = (parts.calibration_logits - found).mean(axis=0)
        shift -= shift.mean()
    temperature = 1.0
    if source.out_of_fold:
        temperature = fit(out_of_folds.logits(source.out_of_fold.typed), source.out_of_fold.truth)
    elif not parts.seen:
        logits = logits_of(run_file(runtime, parts.held_out.pixels)[graph.PROBABILITIES])
        temperature = fit(logits + shift, parts.held_out.truth)
    return LogitCorrection(temperature, tuple(map(float, shift)))


def _write(
    source: Source, format: Format, precision: Precision, path: Path, correction: LogitCorrection
) -> ModelFile:
    run, net, parts = source.run, source.net, source.parts
    description = Description(
        name=run.config.arch,
        version=run.started[:10],
        precision=precision,
        temperature=correction.temperature,
        labels=LABELS,
        input=run.input,
        protocol=run.config.protocol,
        model_sha256=sha256(run.model),
        licence=" ".join(licence.sentences(run.config, parts.sources)),
    )
    if format == "onnx":
        serve = graph.serving(net, run.input, correction, source.rejection)
        data = metadata.into_onnx(to_onnx(serve, precision, parts.calibration_pixels), description)
    else:
        with TemporaryDirectory() as saved_model:
            graph.save(net, run.input, correction, source.rejection, Path(saved_model))
            data = to_tflite(Path(saved_model), precision, parts.calibration_pixels)
        data = metadata.into_tflite(data, description)
    path.write_bytes(data)
    return ModelFile(
        path=path.name,
        sha256=sha256(path),
        bytes=len(data),
        format=format,
        precision=precision,
        temperature=correction.temperature,
    )


def _rejection_data(source: Source) -> RejectionData | None:
    if source.negatives is None or source.rejection is None:
        return None
    digests = source.negatives.others_sha256
    return RejectionData(
        photographs=source.negatives.photographs,
        others=len(digests),
        others_sha256=hashlib.sha256("".join(digests).encode()).hexdigest() if digests else None,
    )


def _refused(source: Source, choice: Choice | None) -> RefusedData | None:
    """Tells what the rejection refuses at its threshold, of brains and of families that it never saw."""
    if source.negatives is None or source.features is None or choice is None:
        return None
    of, threshold = len(source.negatives.others_sha256), choice.thresholds.refused
    unseen = len(set(source.negatives.families)) > 1
    return RefusedData(
        brains=choice.refused,
        others=of if unseen else 0,
        others_refused=rejections.refused_unseen(source.features, source.negatives, threshold)
        if unseen
        else 0,
    )


def _provenance(
    source: Source,
    verification: dict[str, Verification],
    choice: Choice | None,
    studies: tuple[StudyScore, ...],
) -> Provenance:
    """Returns what a reviewer is told: everything but names of folders."""
    run, parts = source.run, source.parts
    weights = run.config.weights
    return Provenance(
        training=replace(run.config, weights=Path(weights).name if weights else None),
        adopted=None,
        data=run.data,
        environment=run.environment,
        started=run.started,
        seconds=run.seconds,
        model=KerasModel(sha256=sha256(run.model), parameters=source.net.count_params()),
        sources=tuple(parts.sources),
        calibration_set=tuple(sorted(slice_.sha256 for slice_ in parts.calibration)),
        rejection=_rejection_data(source),
        out_of_fold=OutOfFoldData(slices=len(source.out_of_fold.truth), sha256=source.out_of_fold.sha256)
        if source.out_of_fold
        else None,
        wrong_aim=choice.wrong if choice else None,
        studies=studies,
        refused=_refused(source, choice),
        metrics=RunMetrics.load(run.folder).metrics,
        verification=verification,
    )
