"""DICOM files of phantoms, made for the tests."""

from __future__ import annotations

import io
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydicom import Dataset, FileMetaDataset, dcmread
from pydicom.encaps import encapsulate
from pydicom.sequence import Sequence
from pydicom.uid import (
    UID,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGBaseline8Bit,
    MRImageStorage,
    RLELossless,
)

from tests.phantoms import phantom

PATIENT = "Sukarno^Siti"


def dicom(
    pixels: NDArray[Any] | None = None, transfer: UID = ExplicitVRLittleEndian, **elements: Any
) -> bytes:
    """Returns a file of MR pixels, 8 or 16 bits, (H, W) or (frames, H, W), or of a phantom."""
    if pixels is None:
        pixels = np.asarray(phantom("glioma", 1)).astype(np.uint16) * 5 + 100
    dataset = Dataset()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian if transfer == RLELossless else transfer
    dataset.file_meta.MediaStorageSOPClassUID = MRImageStorage
    dataset.file_meta.MediaStorageSOPInstanceUID = UID("1.2.3")
    dataset.SOPClassUID, dataset.SOPInstanceUID = MRImageStorage, "1.2.3"
    dataset.PatientName, dataset.PatientID = PATIENT, "3174012345"
    inner = Dataset()
    inner.Rows, inner.CodeMeaning = 7, "a thing inside"
    dataset.ReferencedStudySequence = Sequence([inner])
    dataset["ReferencedStudySequence"].is_undefined_length = True
    dataset.Rows, dataset.Columns = pixels.shape[-2:]
    if pixels.ndim == 3:
        dataset.NumberOfFrames = len(pixels)
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated = dataset.BitsStored = 8 * pixels.itemsize
    dataset.HighBit = dataset.BitsStored - 1
    dataset.PixelRepresentation = int(pixels.dtype.kind == "i")
    for name, value in elements.items():
        setattr(dataset, name, value)
    dataset.PixelData = pixels.tobytes()
    dataset["PixelData"].VR = "OW" if pixels.itemsize == 2 or transfer == ImplicitVRLittleEndian else "OB"
    if transfer == RLELossless:
        dataset.compress(RLELossless)
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return buffer.getvalue()


def packed(transfer: UID = JPEGBaseline8Bit) -> bytes:
    """Returns a file whose frame is a JPEG, whatever it says."""
    frame = io.BytesIO()
    phantom("glioma", 1).save(frame, "JPEG")
    file = dcmread(io.BytesIO(dicom(np.asarray(phantom("glioma", 1)))))
    file.PixelData = encapsulate([frame.getvalue()])
    file["PixelData"].is_undefined_length = True
    file.file_meta.TransferSyntaxUID = transfer
    whole = io.BytesIO()
    file.save_as(whole)
    return whole.getvalue()


def kinds() -> dict[str, bytes]:
    """Uncompressed files of every kind that both sides must read alike."""
    grey = np.asarray(phantom("meningioma", 2, size=150))
    wide = grey.astype(np.uint16) * 13 + 7
    signed = grey.astype(np.int16) * 20 - 1000
    return {
        "explicit": dicom(wide),
        "implicit": dicom(wide, ImplicitVRLittleEndian),
        "8 bits": dicom(grey),
        "window": dicom(wide, WindowCenter=["1200", "40"], WindowWidth=["1900.5", "80"]),
        "rescale": dicom(
            signed, RescaleSlope="1.7", RescaleIntercept="-3.5", WindowCenter=2000, WindowWidth=5000
        ),
        "inverted": dicom(wide, PhotometricInterpretation="MONOCHROME1"),
        "12 bits, more above": dicom(wide | 0xF000, BitsStored=12, HighBit=11),
        "12 bits, signed": dicom((signed & 0xFFF).astype(np.int16), BitsStored=12, HighBit=11),
        "frames": dicom(np.stack([wide // 2, wide, wide // 3])),
        "flat": dicom(np.full((40, 50), 9, np.uint16)),
    }


def faults() -> dict[str, bytes]:
    """Files that hold no whole slice."""
    whole = dicom()
    return {
        "cut in its pixels": whole[:-500],
        "cut before them": whole[:600],
        "cut at once": whole[:140],
        "colour": dicom(np.zeros((60, 60), np.uint8), PhotometricInterpretation="RGB"),
        "bits": dicom(BitsStored=0),
        "more frames than pixels": dicom(NumberOfFrames=9),
        "no number": dicom().replace(b"MONOCHROME2", b"MONOCHROME9"),
    }
