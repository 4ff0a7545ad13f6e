"""What the pages of staff are made of: a door, tables of cells, and deeds that say beforehand what they will do."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import wraps
from typing import Any, TypeVar

from django.contrib import messages
from django.db.models import Model, QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.html import format_html as format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from crowd.kernel import second_factor
from crowd.kernel.errors import NotFound
from crowd.users.access import require_staff
from crowd.users.models import AuditEntry, User
from crowd.web.deeds import in_words
from crowd.web.doors import signed_in, user_of
from crowd.web.forms import PageForm
from crowd.web.paging import PAGE as PAGE
from crowd.web.paging import newest as newest
from crowd.web.paging import whole
from crowd.web.templatetags.crowd_web import money_filter, when
from crowd.web.templatetags.crowd_web import status as status

Cell = str | SafeString | int
Row_ = TypeVar("Row_", bound=Model)


def staff_page(*methods: str) -> Callable[[Callable[..., HttpResponseBase]], Callable[..., HttpResponseBase]]:
    """Staff only; who has no second factor yet, where it is needed, is led to setting one up."""

    def decorate(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
        @wraps(view)
        def page(request: HttpRequest, **kwargs: Any) -> HttpResponseBase:
            user = user_of(request)
            if user.is_active and user.is_staff and second_factor.is_missing(user):
                messages.warning(request, _("Staff sign in with a second factor. Set one up here, then come back."))
                return redirect("mfa_index")
            require_staff(user)
            return view(request, **kwargs)

        return require_http_methods(methods or ["GET"])(signed_in(page))

    return decorate


# --- Cells ------------------------------------------------------------------------------------------------------


def address(name: str, **kwargs: Any) -> str:
    return reverse(f"web:staff:{name}", kwargs=kwargs)


def link(text: object, name: str, **kwargs: Any) -> SafeString:
    return format_html('<a href="{}">{}</a>', address(name, **kwargs), text)


def amount(micros: int, currency: str) -> SafeString:
    return format_html('<span class="num">{}</span>', money_filter(micros, currency))


def state(of: Any) -> SafeString:
    """“open” is good news of a project; of a batch it means that somebody has to agree."""
    waits = of._meta.model_name == "batch" and of.state == "open"
    return status("pending" if waits else of.state, of.get_state_display())


def code(text: object) -> SafeString:
    return format_html('<span class="mono">{}</span>', text)


def below(first: object, second: object) -> SafeString:
    """Two lines in one cell, the second small."""
    return format_html('{}<br><span class="small muted">{}</span>', first, second)


def said(text: str) -> SafeString:
    """Sentences: a column that is wide enough to read them."""
    return format_html('<div class="said">{}</div>', text or "–")


def person(user: User | None) -> str:
    return user.get_full_name() if user is not None else _("the site")


def worker(worker_id: int) -> SafeString:
    return link(_("Worker %(id)s") % {"id": worker_id}, "worker", worker_id=worker_id)


@dataclass(frozen=True)
class Row:
    cells: Sequence[Cell]
    key: int | str = ""  # what its check box chooses; "": none
    name: str = ""  # how the check box is read out


@dataclass(frozen=True)
class Table:
    """`head`: titles; one that ends with "#" is a column of figures."""

    head: Sequence[str]
    rows: Sequence[Row]
    title: str = ""
    empty: str = ""
    next: int | None = None

    @property
    def columns(self) -> list[tuple[str, bool]]:
        return [(title.removesuffix("#"), title.endswith("#")) for title in self.head]

    @property
    def lines(self) -> list[tuple[Row, list[tuple[Cell, str, bool]]]]:
        """Each row with its cells, beside the title of their column."""
        return [
            (row, [(cell, title, figures) for cell, (title, figures) in zip(row.cells, self.columns, strict=True)])
            for row in self.rows
        ]


def one(rows: QuerySet[Row_], pk: int) -> Row_:
    """Raises NotFound. Behind `staff_page` only."""
    found = rows.filter(pk=pk).first()
    if found is None:
        raise NotFound
    return found


# --- Deeds ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Act:
    """Something to be done about the thing of a page. `says`: what it will do; `barred`: why this reader cannot."""

    name: str
    title: str
    says: str
    form: type[PageForm]
    call: Callable[..., Any]
    done: str
    kind: str = "primary"
    barred: str = ""
    initial: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Shown:
    act: Act
    form: PageForm


def perform(request: HttpRequest, acts: Sequence[Act]) -> list[Shown] | None:
    """Do what was sent, and None; otherwise the acts with their forms, what was typed and its faults kept."""
    shown = []
    for act in acts:
        sent = request.method == "POST" and request.POST.get("act") == act.name
        data, files = (request.POST, request.FILES) if sent else (None, None)
        form = act.form(data, files, auto_id=f"{act.name}-%s", initial=dict(act.initial))
        if sent and form.is_valid():
            with form.answering():
                act.call(**form.cleaned_data)
            if not form.errors:
                messages.success(request, act.done)
                return None
        shown.append(Shown(act, form))
    return shown


def detail(request: HttpRequest, acts: Callable[[], Sequence[Act]], context: Callable[[], dict[str, Any]]) -> Any:
    """A page about one thing: facts, tables, history at the left, what can be done at the right."""
    shown = perform(request, acts())
    if shown is None:
        return redirect(request.get_full_path())
    wrong = 400 if any(one.form.errors for one in shown) else 200
    return render(request, "web/staff/detail.html", {"shown": shown} | context(), status=wrong)


def listing(request: HttpRequest, title: str, table: Table, **more: Any) -> HttpResponse:
    """`tabs`, `filters` (a form of the query), `bulk` ({address, label, says}), `make` (an address and its label)."""
    query = request.GET.copy()
    query.pop("before", None)
    context = {"title": title, "table": table, "query": query.urlencode(), "first": "before" not in request.GET}
    return render(request, "web/staff/list.html", context | more)


def talk_areas(here: str) -> list[dict[str, Any]]:
    """The pages on what people write, below one link of the bar."""
    titles = {
        "help": _("Help"),
        "complaints": _("Complaints"),
        "board": _("Workers' board"),
        "announcements": _("Announcements"),
    }
    return [{"title": title, "address": address(name), "current": name == here} for name, title in titles.items()]


def state_tabs(request: HttpRequest, states: Sequence[tuple[str, Any]], everything: Any) -> list[dict[str, Any]]:
    """Tabs of a list by state; the first one is where the page opens."""
    here = request.GET.get("state", states[0][0] if states else "")
    pairs = [*states, ("all", everything)]
    return [{"title": title, "address": f"?state={value}", "current": value == here} for value, title in pairs]


def by_state(request: HttpRequest, rows: QuerySet[Row_], values: Sequence[str]) -> QuerySet[Row_]:
    here = request.GET.get("state", values[0])
    return rows.filter(state=here) if here and here in values else rows


def chosen(request: HttpRequest) -> list[int]:
    """The ids that were ticked, each once."""
    given = (request.POST if request.method == "POST" else request.GET).getlist("chosen")
    return sorted({number for value in given if (number := whole(value)) is not None})


def confirm(request: HttpRequest, context: Mapping[str, Any], *, wrong: bool = False) -> HttpResponse:
    """What many at once will do, before it is done: title, sentences, table, form, label, back."""
    return render(request, "web/staff/confirm.html", dict(context), status=400 if wrong else 200)


def history(subject: Model, *, title: str = "") -> Table:
    """What the audit log says about one thing, the newest first."""
    entries = AuditEntry.objects.filter(subject_type=subject._meta.label_lower, subject_id=subject.pk)
    rows = entries.select_related("actor").order_by("-pk")[:30]
    lines = [Row([when(entry.at), person(entry.actor), in_words(entry.action), said(entry.reason)]) for entry in rows]
    head = [_("When"), _("Who"), _("What"), _("Why, or the note")]
    return Table(head, lines, title or _("History"), _("Nothing has been recorded about it."))
