"""How items are cut into tasks, and what the first of them becomes, shown while it is chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crowd.kernel.speech import translated
from crowd.labeling.errors import LabelingError
from crowd.labeling.split import Piece, Split, cut, pages, parse_split
from crowd.projects.models import Item, MediaFile, Project
from crowd.projects.services import draft
from crowd.web.forms import NeededChoice, NeededNumber, PageForm
from crowd.web.requester.pages import page, person, show
from crowd.web.requester.setup.steps import member_project, staged_of

WAYS = (
    ("none", gettext_lazy("not at all: an item is a task")),
    ("paragraph", gettext_lazy("texts by paragraphs")),
    ("sentence", gettext_lazy("texts by sentences")),
    ("length", gettext_lazy("texts by length, in characters")),
    ("seconds", gettext_lazy("sound and films by seconds")),
    ("tiles", gettext_lazy("pictures into square tiles, in pixels")),
    ("rows", gettext_lazy("not cut, but several rows on a page")),
)
SHOWN_PIECES = 8
LOOKED_AT = 200  # pieces of the first item; more are said to be more
NUMBER = {"class": "short", "inputmode": "decimal"}


class SplitForm(PageForm):
    """The prefix is always "split": a part of the page shows what belongs to the way that is chosen."""

    prefix = "split"
    kind = NeededChoice(label=gettext_lazy("Cut items"), choices=WAYS, required=False)
    size = NeededNumber(label=gettext_lazy("So many together"), required=False, widget=forms.TextInput(attrs=NUMBER))
    overlap = forms.FloatField(
        label=gettext_lazy("Of these, shared with the piece before"),
        required=False,
        widget=forms.TextInput(attrs=NUMBER),
    )
    duration_column = forms.CharField(
        label=gettext_lazy("Column with the length in seconds"),
        help_text=gettext_lazy("Leave it empty: every file is measured when it comes."),
        required=False,
        max_length=200,
    )

    def read(self, data_kind: str) -> Split | None:
        """The split for data of this kind; None, with the fault beside its field, where it cannot be."""
        if not self.is_valid():
            return None
        given = self.cleaned_data
        way = given["kind"] or "none"
        wanted: dict[str, Any] = {"by": way}
        if way != "none":
            wanted |= {name: given[name] for name in ("size", "overlap") if given[name] is not None}
        if way == "seconds":
            wanted["duration_column"] = given["duration_column"]
        try:
            return parse_split(wanted, data_kind=data_kind)
        except LabelingError as error:
            name = {"by": "kind"}.get(error.path, error.path)
            self.add_error(name if name in self.fields else None, str(translated(error.message)))
            return None


@dataclass(frozen=True)
class Shown:
    """`head` says how many tasks come of what; `pieces` are the first of them, as words."""

    head: str
    pieces: Sequence[str] = ()
    fault: str = ""


def form_of(project: Project) -> SplitForm:
    """As it is stored."""
    split = parse_split(project.split)
    start = split.to_json() | {"kind": split.by}
    return SplitForm(initial=start if split.by != "none" else {"kind": "none", "size": 1})


def store(request: HttpRequest, project: Project, split: Split) -> Project:
    """On the draft; tasks that there are already are cut anew. Nothing is done where nothing changes."""
    wanted = split.to_json() if split.by != "none" else {}
    if project.split == wanted:
        return project
    return draft.edit(actor=person(request), project_id=project.pk, split=wanted)


def become(project: Project, split: Split, field: str) -> Shown:
    """What the first rows, of the file that waits or of the items, become."""
    rows = _rows(project, field)
    if not rows:
        return Shown(_("There is no item yet."))
    if split.is_measured and staged_of(project) is not None:
        return Shown(_("How many tasks an item becomes is known once its file was measured."))
    try:
        return _of_rows(split, rows) if split.by == "rows" else _of_one(split, rows[0], field)
    except LabelingError as error:
        return Shown("", fault=str(translated(error.sentence)))


@page("POST")
def preview(request: HttpRequest, project_id: int) -> HttpResponse:
    """A part of the data page, asked for while the form is filled in; nothing is stored."""
    project = member_project(request, project_id)
    kind, field = data_of(request, project)
    form = SplitForm(request.POST)
    split = form.read(kind)
    shown = become(project, split, field) if split else Shown("", fault=_fault(form))
    return show(request, "setup/_pieces", {"pieces": shown})


def _of_one(split: Split, row: Mapping[str, Any], field: str) -> Shown:
    found: list[Piece] = []
    for piece in cut(split, row, field):
        found.append(piece)
        if len(found) == LOOKED_AT:
            break
    many = len(found) if len(found) < LOOKED_AT else f"{LOOKED_AT}+"
    head = ngettext("The first item becomes %(n)s task:", "The first item becomes %(n)s tasks:", len(found))
    return Shown(head % {"n": many}, [_words(split, piece, field) for piece in found[:SHOWN_PIECES]])


def _of_rows(split: Split, rows: Sequence[Mapping[str, Any]]) -> Shown:
    found = list(pages(split, rows))
    words = _("The first %(rows)s rows become %(pages)s pages:") % {"rows": len(rows), "pages": len(found)}
    return Shown(words, [_("rows %(first)s to %(last)s") % _place(piece) for piece in found])


def _words(split: Split, piece: Piece, field: str) -> str:
    if split.by == "seconds":
        return _("seconds %(start)s to %(end)s") % {name: f"{at:g}" for name, at in piece.source.items()}
    if split.by == "tiles":
        words = _("%(width)s × %(height)s pixels, from %(x)s to the right and %(y)s down")
        return words % piece.source if piece.source else _("the whole picture")
    value = piece.payload["units"][0].get(field, "")
    return str(value)[:300]


def _place(piece: Piece) -> dict[str, int]:
    return {"first": piece.source["start"] + 1, "last": piece.source["end"]}


def _rows(project: Project, field: str) -> list[dict[str, Any]]:
    staged = staged_of(project)
    if staged is not None:
        return list(staged.sample)
    items = Item.objects.filter(project=project).select_related("media").order_by("pk")[:5]
    return [one.data | ({field: _measured(one.media)} if one.media else {}) for one in items]


def _measured(file: MediaFile) -> dict[str, Any]:
    return {name: getattr(file, name) for name in ("width", "height", "seconds")}


def data_of(request: HttpRequest, project: Project) -> tuple[str, str]:
    """Kind of data and shown column: as the columns are just being chosen, else as configured."""
    known = project.config.config["data"] if project.config else {"kind": "text", "field": "text"}
    return request.POST.get("kind", known["kind"]), request.POST.get("field", known.get("field", ""))


def _fault(form: SplitForm) -> str:
    return " ".join(str(fault) for faults in form.errors.values() for fault in faults)
