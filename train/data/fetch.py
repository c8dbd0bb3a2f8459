"""Downloading the paper's data set from Kaggle."""

from __future__ import annotations

from pathlib import Path

from train.errors import DataError

HANDLE = "sartajbhuvaji/brain-tumor-classification-mri"
URL = f"https://www.kaggle.com/datasets/{HANDLE}"
BY_HAND = f"Or download {URL} in a browser and unpack it."


def download(out: Path | None = None) -> Path:
    """Downloads the data set.

    Args:
        out: Where to; kagglehub's own cache where None.

    Returns:
        The folder that holds it.

    Raises:
        DataError: kagglehub is missing, the folder is not empty, or Kaggle can't be reached, wants an account
            or refuses.
    """
    if out and out.exists() and not (out.is_dir() and not any(out.iterdir())):
        raise DataError(f"{out}: is no empty folder; name a new one.")
    try:
        import kagglehub
    except ImportError:
        raise DataError(f'kagglehub is not installed: pip install ".[fetch]". {BY_HAND}') from None
    import requests  # what kagglehub speaks HTTP with
    from kagglehub.exceptions import CredentialError, DataCorruptionError, UnauthenticatedError

    no_account = DataError(
        "Kaggle wants an account: create a token at https://www.kaggle.com/settings and put it where "
        f"kagglehub looks for it (python -c 'import kagglehub; kagglehub.login()'). {BY_HAND}"
    )
    try:
        return Path(kagglehub.dataset_download(HANDLE, output_dir=str(out) if out else None))
    except (CredentialError, UnauthenticatedError):
        raise no_account from None
    except (requests.ConnectionError, requests.Timeout):
        raise DataError(f"Kaggle can't be reached: is there a network here? {BY_HAND}") from None
    except requests.HTTPError as error:
        status = error.response.status_code if error.response is not None else "an error"
        if status in (401, 403):
            raise no_account from None
        raise DataError(f"Kaggle answered {status}; try again later. {BY_HAND}") from None
    except DataCorruptionError:
        raise DataError(f"The download was damaged on its way; try again. {BY_HAND}") from None
    except OSError as error:
        raise DataError(f"{error.filename or out}: {error.strerror}; nothing was finished.") from None
