"""From an answer to a case of the log; whatever becomes of the log, the answer is given."""

from __future__ import annotations

import io
from dataclasses import replace

from PIL import Image

from edge_app.answer import Answer, Fault, Kept, SliceAnswer, StudyAnswer
from edge_app.case_log.cases import NewCase, said, study_said
from edge_app.case_log.errors import CaseLogError
from edge_app.case_log.log import CaseLog
from edge_app.reading import shrink

SIDE = 128  # pixels of a thumbnail


class Keeper:
    """Keeps what is answered.

    Attributes:
        log: Of this device.
        names: Whether the files' names are kept too.
        fault: The code of what kept the last case from being kept; None where nothing did.
    """

    def __init__(self, log: CaseLog, names: bool) -> None:
        """Takes the log.

        Args:
            log: Of this device.
            names: Whether the files' names are kept too, which are often the patients'.
        """
        self.log = log
        self.names = names
        self.fault: str | None = None

    def keep(self, answer: Answer, picture: Image.Image, patient: str, language: str) -> Kept:
        """Keeps the answer to one picture.

        Args:
            answer: As it is sent.
            picture: That was read. Of one that was refused nothing is kept, since it may show anything.
            patient: The clinic's code; may be empty.
            language: Of the error's sentence.
        """
        case = NewCase(
            patient=patient,
            name=answer.name if self.names else "",
            said=said(answer),
            thumbnail=None if answer.verdict == "refused" else thumbnail(picture),
        )
        return self._add(case, language)

    def keep_study(self, answer: StudyAnswer, patient: str, language: str) -> Kept:
        """Keeps what was said of an examination; arguments as of ``keep``."""
        slices = answer.slices
        if not self.names:
            slices = tuple(_nameless(each, place) for place, each in enumerate(slices, start=1))
        return self._add(NewCase(patient=patient, name="", said=study_said(answer), slices=slices), language)

    def _add(self, case: NewCase, language: str) -> Kept:
        try:
            kept = Kept(id=self.log.add(case), error=None)
        except CaseLogError as error:
            self.fault = error.code
            return Kept(id=None, error=Fault(code=error.code, message=error.sentence(language)))
        self.fault = None
        return kept


def thumbnail(picture: Image.Image) -> bytes:
    """Returns a picture as a JPEG of at most ``SIDE`` pixels each way, without anything else of its file."""
    buffer = io.BytesIO()
    shrink(picture, SIDE).save(buffer, "JPEG", quality=70)
    return buffer.getvalue()


def _nameless(each: SliceAnswer, place: int) -> SliceAnswer:
    """Returns a slice that is called by its place in the list."""
    error = each.error
    if error is not None:
        # Sentences begin with the name.
        message = error.message.removeprefix(f"{each.name}: ")
        error = Fault(code=error.code, message="" if each.name in message else message)
    return replace(each, name=str(place), error=error)
