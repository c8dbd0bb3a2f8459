"""All checks, in the order in which they are told."""

from __future__ import annotations

from collections.abc import Iterator

from edge_app.board import health
from edge_app.doctor import device, network, software
from edge_app.doctor.finding import Finding
from edge_app.lan.state import default_folder
from edge_app.state_folder import state_folder


def checks() -> Iterator[Finding]:
    """Looks at everything; changes nothing."""
    yield device.system()
    yield device.architecture()
    yield from software.model()
    yield software.page()
    yield software.serving()
    yield device.disk(state_folder())
    yield from device.memory()
    sensors = health()
    yield device.temperature(sensors)
    yield device.throttling(sensors)
    yield device.undervoltage(sensors)
    yield network.permissions(state_folder())
    yield network.tls(default_folder())
    yield network.name()
    yield network.clock()
