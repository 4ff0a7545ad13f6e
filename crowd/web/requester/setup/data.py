"""The data step: drop a file, paste text, list addresses; say what the columns are; see what came of it."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crowd.kernel.errors import CrowdError
from crowd.labeling.config import DATA_KINDS
from crowd.labeling.split import Split, parse_split
from crowd.projects.models import Item, Project, StagedFile, Task, Upload
from crowd.projects.services import config as configs
from crowd.projects.services import items, staging
from crowd.projects.states import ImportState
from crowd.web.forms import NeededChoice, PageForm
from crowd.web.requester.pages import attempt, blame, deed, page, person, show, to
from crowd.web.requester.setup import reading, splitting
from crowd.web.requester.setup.reading import Given
from crowd.web.requester.setup.splitting import SplitForm
from crowd.web.requester.setup.steps import context, member_project, staged_of

KINDS = {
    "image": gettext_lazy("images"),
    "text": gettext_lazy("texts"),
    "audio": gettext_lazy("sound"),
    "video": gettext_lazy("films"),
    "row": gettext_lazy("rows of several columns"),
    "series": gettext_lazy("measurements over time"),
}
SHOWN_ITEMS = 5
SHOWN_ERRORS = 50


class FileForm(PageForm):
    how = forms.CharField(widget=forms.HiddenInput, initial="file")
    file = forms.FileField(
        label=gettext_lazy("File"),
        help_text=gettext_lazy(
            "CSV or JSON Lines with one item a row; plain text with one a line; or a .zip of files. "
            "A PDF among pictures becomes a picture a page."
        ),
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.tsv,.jsonl,.ndjson,.txt,.zip"}),
    )

    def given(self) -> Given:
        return reading.from_file(self.cleaned_data["file"])


class PasteForm(PageForm):
    how = forms.CharField(widget=forms.HiddenInput, initial="paste")
    pasted = forms.CharField(
        label=gettext_lazy("Text or table"),
        help_text=gettext_lazy("One item a line, or a table with its header copied from a spreadsheet."),
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
        strip=False,
    )

    def given(self) -> Given:
        text = self.cleaned_data["pasted"]
        return reading.from_table(text) if reading.looks_like_table(text) else reading.from_lines(text)


class AddressForm(PageForm):
    how = forms.CharField(widget=forms.HiddenInput, initial="addresses")
    addresses = forms.CharField(
        label=gettext_lazy("Addresses"),
        help_text=gettext_lazy(
            "One address a line: https://… of an image, a sound or a film. We fetch and keep a copy."
        ),
        widget=forms.Textarea(attrs={"rows": 6, "spellcheck": "false"}),
    )

    def clean_addresses(self) -> str:
        lines = [line.strip() for line in self.cleaned_data["addresses"].splitlines() if line.strip()]
        bad = [line for line in lines if not line.startswith(("http://", "https://"))]
        if bad:
            raise forms.ValidationError(_("“%(line)s” is no web address.") % {"line": bad[0][:80]})
        return "\n".join(lines)

    def given(self) -> Given:
        return reading.from_lines(self.cleaned_data["addresses"], filename=_("list of addresses"), column="address")


FORMS: dict[str, type[FileForm | PasteForm | AddressForm]] = {
    "file": FileForm,
    "paste": PasteForm,
    "addresses": AddressForm,
}


class ColumnsForm(PageForm):
    """What the columns of the staged file are."""

    kind = forms.ChoiceField(label=gettext_lazy("What workers look at"), choices=[])
    field = NeededChoice(label=gettext_lazy("Column that is shown"), required=False, choices=[])
    key_column = forms.ChoiceField(
        label=gettext_lazy("Column with your own key"),
        required=False,
        help_text=gettext_lazy("So that you find an item again in the results, and none comes in twice."),
    )
    gold_column = forms.ChoiceField(
        label=gettext_lazy("Column with known answers"),
        required=False,
        help_text=gettext_lazy("Rows with something in it become gold: tasks that measure the workers."),
    )
    gold_reason_column = forms.ChoiceField(
        label=gettext_lazy("Column with the reason for a known answer"), required=False
    )
    redundancy_column = forms.ChoiceField(
        label=gettext_lazy("Column with the number of answers wanted"), required=False
    )
    skip_bad_rows = forms.BooleanField(label=gettext_lazy("Leave out rows that cannot be used"), required=False)

    def __init__(self, staged: StagedFile, project: Project, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        columns = [(name, name) for name in staged.columns]
        none = ("", _("none"))
        self._choices("kind", [(kind, KINDS[kind]) for kind in DATA_KINDS])
        for name in ("field", "key_column", "gold_column", "gold_reason_column", "redundancy_column"):
            self._choices(name, [none, *columns])
        self.initial = reading.guess(staged.columns, staged.sample, staged.format) | _from_config(project, staged)
        if staged.chosen:
            self.initial |= staged.chosen["options"] | {"kind": staged.chosen["kind"], "field": staged.chosen["field"]}

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        if given.get("kind") != "row" and not given.get("field"):
            self.add_error("field", _("Choose the column that workers look at."))
        return given

    def options(self) -> dict[str, Any]:
        names = ("key_column", "gold_column", "gold_reason_column", "redundancy_column", "skip_bad_rows")
        return {name: self.cleaned_data[name] for name in names}

    def _choices(self, name: str, choices: list[Any]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


@page("GET", "POST")
def data(request: HttpRequest, project_id: int) -> HttpResponse:
    """GET shows what is there; POST takes a file, a paste or a list and shows its columns."""
    project = member_project(request, project_id)
    chosen = FORMS.get(request.POST.get("how", ""))
    form = chosen(request.POST, request.FILES) if chosen else None
    if form is not None and form.is_valid() and _stage(request, project, form):
        return to("setup-data", project_id)
    return shown(request, project, form=form)


@page("POST")
def columns(request: HttpRequest, project_id: int) -> HttpResponse:
    """What the columns are: imported at once where it is known what is asked, otherwise after the next step."""
    project = member_project(request, project_id)
    staged = staged_of(project)
    if staged is None:
        return to("setup-data", project_id)
    form, split_form = ColumnsForm(staged, project, request.POST), SplitForm(request.POST)
    split = split_form.read(request.POST.get("kind", ""))
    if form.is_valid() and split and attempt(form, lambda: _choose(request, project, form, split)) is not None:
        if project.config is None:
            return to("setup-question", project_id)
        upload = attempt(form, lambda: staging.import_staged(actor=person(request), project_id=project_id))
        if upload is not None:
            return announced(request, upload)
    return shown(request, project, columns_form=form, split_form=split_form)


@page("POST")
def cut_anew(request: HttpRequest, project_id: int) -> HttpResponse:
    """Items that are there already become other tasks."""
    project = member_project(request, project_id)
    form = SplitForm(request.POST)
    split = form.read(splitting.data_of(request, project)[0])
    if split and attempt(form, lambda: splitting.store(request, project, split)) is not None:
        messages.success(request, _("The items are cut anew."))
        return to("setup-data", project_id)
    return shown(request, project, split_form=form)


@deed
def forget(request: HttpRequest, project_id: int) -> HttpResponse:
    staging.forget(actor=person(request), project_id=member_project(request, project_id).pk)
    return to("setup-data", project_id)


@deed
def clear(request: HttpRequest, project_id: int) -> HttpResponse:
    count = items.clear(actor=person(request), project_id=member_project(request, project_id).pk)
    messages.success(
        request, ngettext("%(n)s item was taken out.", "%(n)s items were taken out.", count) % {"n": count}
    )
    return to("setup-data", project_id)


def shown(
    request: HttpRequest,
    project: Project,
    *,
    form: forms.Form | None = None,
    columns_form: ColumnsForm | None = None,
    split_form: SplitForm | None = None,
) -> HttpResponse:
    """The page, with whatever form came back with a fault."""
    return show(request, "setup/data", _context(project, form, columns_form, split_form))


def announced(request: HttpRequest, upload: Upload) -> HttpResponse:
    """On to where the person sees what became of his file."""
    if upload.state == ImportState.DONE:
        words = ngettext("%(n)s row was imported.", "%(n)s rows were imported.", upload.rows_good)
        messages.success(request, words % {"n": upload.rows_good})
        return to("setup-data" if upload.rows_bad else "setup-question", upload.project_id)
    return to("setup-data", upload.project_id)


def like(known: Mapping[str, Any], *, kind: str, field: str) -> dict[str, Any]:
    """What workers look at, where it is still a text in the form, or a pair of pictures, that was said before; and
    where they start from."""
    form = {"format": known["format"]} if kind == "text" == known.get("kind") and "format" in known else {}
    pair = {"beside": known["beside"]} if kind == "image" == known.get("kind") and "beside" in known else {}
    start = {"prediction": known["prediction"]} if known.get("prediction", field) != field else {}
    return {"kind": kind, "field": field} | form | pair | start


def _stage(request: HttpRequest, project: Project, form: FileForm | PasteForm | AddressForm) -> bool:
    try:
        given = form.given()
        staging.stage(
            actor=person(request),
            project_id=project.pk,
            stream=given.stream,
            filename=given.filename,
            format=given.format,
        )
    except CrowdError as error:
        if error.status in (403, 404):
            raise
        blame(form, _at_home(error, form))
        return False
    return True


def _at_home(error: CrowdError, form: forms.Form) -> CrowdError:
    """What is wrong with the file is said beside the field that it came from."""
    name = next(name for name in form.fields if name != "how")
    words = error.places.get("file")
    return type(error)(errors={name: words}) if words else error


def _choose(request: HttpRequest, project: Project, form: ColumnsForm, split: Split) -> StagedFile:
    """A split is refused that does not fit the kind of data: so the old one goes before the kind, the new one after."""
    kind, field = form.cleaned_data["kind"], form.cleaned_data["field"]
    staged = staging.choose(
        actor=person(request), project_id=project.pk, kind=kind, field=field, options=form.options()
    )
    if project.config is None:
        splitting.store(request, project, split)
    else:
        was = project.config.config
        if split.by == "none" or kind != was["data"]["kind"]:
            project = splitting.store(request, project, Split())
        changed = was | {"data": like(was["data"], kind=kind, field=field)}
        configs.set_config(actor=person(request), project_id=project.pk, config=changed)
        splitting.store(request, project, split)
    return staged


def _from_config(project: Project, staged: StagedFile) -> dict[str, str]:
    if project.config is None or project.config.config["data"]["field"] not in ["", *staged.columns]:
        return {}
    return dict(project.config.config["data"])


def _context(
    project: Project, form: forms.Form | None, columns_form: ColumnsForm | None, split_form: SplitForm | None
) -> dict[str, Any]:
    staged = staged_of(project)
    if staged and columns_form is None:
        columns_form = ColumnsForm(staged, project)
    shown = {name: kind(initial={"how": name}) for name, kind in FORMS.items()}
    if form is not None:
        shown[str(form.data.get("how"))] = form  # type: ignore[assignment]
    rows = list(Item.objects.filter(project=project).order_by("pk")[:SHOWN_ITEMS])
    upload = Upload.objects.filter(project=project).order_by("-pk").first()
    return context(
        project,
        "data",
        staged=staged,
        staged_rows=[[row.get(name, "") for name in staged.columns] for row in staged.sample] if staged else [],
        columns_form=columns_form,
        split_form=split_form or splitting.form_of(project),
        cutting=dict(splitting.WAYS)[parse_split(project.split).by],
        pieces=None if split_form else _pieces(project, columns_form),
        forms=shown,
        open_form=form.data.get("how") if form is not None else "file",
        items=Item.objects.filter(project=project).count(),
        gold=Task.objects.filter(project=project, is_gold=True).count(),
        tasks=Task.objects.filter(project=project).count(),
        item_columns=list(dict.fromkeys(name for row in rows for name in row.data)),
        item_rows=[[row.data.get(name, "") for name in dict.fromkeys(n for r in rows for n in r.data)] for row in rows],
        upload=upload,
        upload_errors=upload.errors[:SHOWN_ERRORS] if upload else [],
        importing=upload is not None and upload.state in (ImportState.WAITING, ImportState.RUNNING),
    )


def _pieces(project: Project, columns_form: ColumnsForm | None) -> splitting.Shown | None:
    """What the first item becomes as things are."""
    split = parse_split(project.split)
    if columns_form is not None:
        return splitting.become(project, split, str(columns_form["field"].value() or ""))
    field = project.config.config["data"].get("field", "") if project.config else ""
    return splitting.become(project, split, field)
