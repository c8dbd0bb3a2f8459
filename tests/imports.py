"""What the project's modules import, read from their texts."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.conftest import ROOT

ROOMS = ("edge_app", "evaluation", "train", "convert", "benchmarks")  # each may import those before it


@dataclass(frozen=True)
class Import:
    """One import statement.

    Attributes:
        module: The module that has it.
        names: The modules that it may mean: of ``from a import b`` both ``a.b`` and ``a``.
        deferred: Whether it runs only when a function is called.
        typing: Whether it is for type checkers alone.
    """

    module: str
    names: tuple[str, ...]
    deferred: bool
    typing: bool

    @property
    def top(self) -> str:
        """The distribution's or the room's name."""
        return self.names[-1].partition(".")[0]


@cache
def sources() -> dict[str, Path]:
    """Returns the project's modules by name, tests left out."""
    found = {}
    for room in ROOMS:
        for path in sorted((ROOT / room).rglob("*.py")):
            if "node_modules" not in path.parts:
                parts = path.relative_to(ROOT).with_suffix("").parts
                found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


@cache
def imports() -> tuple[Import, ...]:
    """Returns every import of every module."""
    return tuple(
        found
        for module, path in sources().items()
        for found in walk(module, ast.parse(path.read_text(encoding="utf-8")))
    )


def walk(module: str, node: ast.AST, deferred: bool = False, typing: bool = False) -> Iterator[Import]:
    """Yields every import below a node of a module."""
    if isinstance(node, ast.Import):
        for alias in node.names:
            yield Import(module, (alias.name,), deferred, typing)
    elif isinstance(node, ast.ImportFrom):
        assert node.level == 0 and node.module, f"{module} has a relative import"
        for alias in node.names:
            yield Import(module, (f"{node.module}.{alias.name}", node.module), deferred, typing)
    deferred = deferred or isinstance(node, ast.FunctionDef)
    for_types = node.body if isinstance(node, ast.If) and "TYPE_CHECKING" in ast.unparse(node.test) else []
    for child in ast.iter_child_nodes(node):
        yield from walk(module, child, deferred, typing or child in for_types)


def graph() -> dict[str, set[str]]:
    """Returns which of the project's own modules each imports, those for type checkers left out."""
    edges: dict[str, set[str]] = {module: set() for module in sources()}
    for found in imports():
        own = next((name for name in found.names if name in edges), None)
        if own and own != found.module and not found.typing:
            edges[found.module].add(own)
    return edges


def circle(edges: dict[str, set[str]]) -> list[str] | None:
    """Returns modules that import each other in a circle; None where there is none."""
    done: set[str] = set()

    def visit(module: str, way: list[str]) -> list[str] | None:
        if module in way:
            return [*way[way.index(module) :], module]
        if module not in done:
            for other in sorted(edges[module]):
                if found := visit(other, [*way, module]):
                    return found
            done.add(module)
        return None

    return next((found for module in sorted(edges) if (found := visit(module, []))), None)


def long_files(limit: int) -> dict[str, int]:
    """Returns the Python and TypeScript files of the checkout that have more lines than a limit."""
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard", "*.py", "*.ts"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    ).stdout.splitlines()
    paths = [ROOT / name for name in listed if (ROOT / name).is_file()]
    counts = {str(path.relative_to(ROOT)): len(path.read_text("utf-8").splitlines()) for path in paths}
    return {name: count for name, count in counts.items() if count > limit}
