"""What a route takes and gives: the server holds a request to it, and OpenAPI publishes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

from flask import current_app, request
from werkzeug.exceptions import RequestEntityTooLarge, UnsupportedMediaType

FEW = 100_000  # bytes of a body where a route doesn't say more; with so many no stranger takes what all share

View = TypeVar("View", bound=Callable[..., Any])


@dataclass(frozen=True, kw_only=True)
class Parameter:
    """One that may stand in the query of an address."""

    name: str
    what: str
    choices: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Operation:
    """What one method at one address does.

    Attributes:
        what: A sentence.
        gives: The dataclass of its JSON; a schema where there is no such class; None of nothing.
        media: The type of what it gives.
        takes: The types of body that it takes, ``image/*`` for all of a kind; none where empty.
        body: The schema of a JSON body.
        most: Bytes of a body.
        parameters: Of its query.
        errors: The statuses that it may refuse with, beside those of every address.
    """

    what: str
    gives: type[Any] | dict[str, Any] | None
    media: str = "application/json"
    takes: tuple[str, ...] = ()
    body: dict[str, Any] | None = None
    most: int = FEW
    parameters: tuple[Parameter, ...] = ()
    errors: tuple[int, ...] = ()


def describe(operation: Operation) -> Callable[[View], View]:
    """Decorates a view with what it does; goes below the decorator of its route."""

    def decorate(view: View) -> View:
        view.operation = operation  # type: ignore[attr-defined]
        return view

    return decorate


def operation_of(view: Callable[..., Any]) -> Operation | None:
    """Returns what a view was described with."""
    found: Operation | None = getattr(view, "operation", None)
    return found


def admit() -> None:
    """Refuses a request by its head, for the server asks before it reads a body.

    Raises:
        HTTPException: There is no such address or method, or it takes no such body.
    """
    if request.routing_exception is not None:
        raise request.routing_exception
    operation = operation_of(current_app.view_functions[request.endpoint or ""])
    length = request.content_length or 0
    if length > (operation.most if operation else FEW):
        raise RequestEntityTooLarge
    if operation and length and not _takes(operation, request.mimetype):
        raise UnsupportedMediaType


def _takes(operation: Operation, kind: str) -> bool:
    return kind in operation.takes or ("/" in kind and f"{kind.partition('/')[0]}/*" in operation.takes)
