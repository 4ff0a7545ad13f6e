"""The one family of errors that the product raises on purpose.

A service raises a named subclass; the API's handler makes problem details of it (RFC 9457) and the
site's handler makes a page. Nothing else in the project maps errors to status codes.
"""

from collections.abc import Mapping
from typing import Any, Self

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from crowd.kernel.speech import translated
from crowd.labeling.errors import LabelingError


class CrowdError(Exception):
    """Base class. `code` is stable and machine-read, `message` is for people, `data` holds the facts.

    What crowd.labeling said comes in English and is kept in the language of the moment, which is the reader's.
    """

    code = "error"
    status = 400
    default: "str | Promise" = _("The request could not be carried out.")

    def __init__(self, message: "str | Promise | None" = None, **data: Any) -> None:
        self.message: str | Promise = translated(message) if message is not None else self.default
        if isinstance(errors := data.get("errors"), Mapping):
            data["errors"] = {str(translated(place)): translated(sentence) for place, sentence in errors.items()}
        self.data: Mapping[str, Any] = data
        super().__init__(str(self.message))

    @property
    def places(self) -> dict[str, str]:
        """What is wrong where in the input: `errors`, or the one `path` that crowd.labeling named; else empty."""
        found = self.data.get("errors") or {}
        if not found and "path" in self.data:
            found = {self.data["path"] or "value": self.message}
        return {str(place): str(sentence) for place, sentence in found.items()}


class BadInput(CrowdError):
    """What was sent is wrong; `errors` in the data maps a place ("questions[0].labels") to a sentence."""

    code = "bad_input"
    status = 400
    default = _("Something in the input is wrong.")

    @classmethod
    def of(cls, error: LabelingError, whole: str = "value") -> Self:
        """What crowd.labeling refuses, at its place; `whole` names the place of what has none."""
        return cls(error.sentence, errors={error.path or whole: error.message})


class NotAllowed(CrowdError):
    code = "not_allowed"
    status = 403
    default = _("You may not do this.")


class NotFound(CrowdError):
    """Also what a stranger gets: whether the thing exists is not his business."""

    code = "not_found"
    status = 404
    default = _("There is no such thing here.")


class Conflict(CrowdError):
    """The thing is not in the state that the request supposes, or somebody else was first."""

    code = "conflict"
    status = 409
    default = _("This cannot be done any more: something changed in the meantime.")


class TooMany(CrowdError):
    code = "too_many"
    status = 429
    default = _("Too many requests. Please wait a little.")


class Unavailable(CrowdError):
    """A part that we need (database, broker, storage) does not answer; nothing was lost."""

    code = "unavailable"
    status = 503
    default = _("A part of the site does not answer at the moment. Nothing was lost; please try again.")
