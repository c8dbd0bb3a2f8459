"""A client of the toy classifier's app, without a server between."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from edge_app import Classifier
from edge_app.serve.app import create_app


@pytest.fixture
def client(classifier: Classifier) -> FlaskClient:
    return create_app(classifier).test_client()
