"""What every page of a requester's shares: who may see it, where errors go, how lists are paged."""

from collections.abc import Callable, Mapping
from functools import cached_property, wraps
from typing import Any, TypeVar

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Page, Paginator
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crowd.kernel.errors import CrowdError
from crowd.kernel.speech import translated
from crowd.labeling.errors import LabelingError
from crowd.ledger.errors import KeyConflict
from crowd.users.models import User
from crowd.web.paging import whole

Result = TypeVar("Result")
View = Callable[..., HttpResponseBase]
NAMESPACE = "web:requester"
PAGE = 50
ROWS_AHEAD = 10_000
FURTHEST = 1_000_000


def page(*methods: str) -> Callable[[View], View]:
    """A view for people who are signed in, by these methods; errors of services become the site's error pages."""

    def decorate(view: View) -> View:
        return require_http_methods(methods or ["GET"])(login_required(view))

    return decorate


def deed(view: View) -> View:
    """A view that only does something, by POST: what it cannot do is said where the person came from.

    The view returns where to go; an error of a service becomes a message on the page that `back` names.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            return view(request, *args, **kwargs)
        except CrowdError as error:
            if error.status in (403, 404):
                raise
            messages.error(request, sentence(error))
            return redirect(back(request))

    return page("POST")(wrapped)


def person(request: HttpRequest) -> User:
    assert isinstance(request.user, User)
    return request.user


def to(name: str, *args: Any) -> HttpResponse:
    """After a POST: on to the page of that name."""
    return redirect(address(name, *args))


def address(name: str, *args: Any) -> str:
    return reverse(f"{NAMESPACE}:{name}", args=args)


def back(request: HttpRequest) -> str:
    """The page of ours that a form was on; never an address of anybody else's."""
    given = request.POST.get("back", "")
    return given if given.startswith("/") and not given.startswith(("//", "/\\")) else address("home")


def show(request: HttpRequest, template: str, context: Mapping[str, Any], *, status: int = 200) -> HttpResponse:
    return render(request, f"web/requester/{template}.html", dict(context), status=status)


def attempt(form: Form, call: Callable[[], Result]) -> Result | None:
    """What the call gives; None when a service refused, and then the form says so beside the field it is about."""
    try:
        return call()
    except LabelingError as error:
        form.add_error(None, str(translated(error.sentence)))
    except CrowdError as error:
        if error.status in (403, 404):
            raise
        blame(form, error)
    return None


def blame(form: Form, error: CrowdError) -> None:
    if isinstance(error, KeyConflict):
        form.add_error(
            None, _("This page was sent before with another amount, and that was done. Look before you go on.")
        )
        return
    for place, words in error.places.items():
        name = _field(form, place)
        form.add_error(name, words if name else (f"{place}: {words}" if place else words))
    if not error.places:
        form.add_error(None, sentence(error))


def sentence(error: CrowdError) -> str:
    if error.places and error.message == error.default:
        return " ".join(error.places.values())
    return str(error.message)


class Ahead(Paginator):  # type: ignore[type-arg]
    """Counts no more than some rows beyond the page that is asked for: all of a large project's would take seconds."""

    def __init__(self, rows: QuerySet[Any], size: int, asked: int) -> None:
        super().__init__(rows, size)
        self._rows, self._most = rows, max(asked, 1) * size + ROWS_AHEAD

    @cached_property
    def count(self) -> int:
        return min(self._counted, self._most)

    @cached_property
    def _counted(self) -> int:
        return self._rows.order_by()[: self._most + 1].count()

    @property
    def pages_known(self) -> str:
        """How many pages there are, and a plus where there are more."""
        return f"{self.num_pages}{'+' if self._counted > self._most else ''}"


def paged(request: HttpRequest, rows: QuerySet[Any], *, size: int = PAGE) -> Page[Any]:
    """The page of a list that the address asks for; nonsense is the first page."""
    asked = request.GET.get("page", "")
    return Ahead(rows, size, min(whole(asked) or 1, FURTHEST)).get_page(asked)


def _field(form: Form, place: str) -> str | None:
    """The form's field for a place in a service's input: "reward_micros" is asked as "reward"."""
    for name in (place, place.removesuffix("_micros"), place.removesuffix("_s"), place.split(".")[0].split("[")[0]):
        if name in form.fields:
            return name
    return None
