"""What becomes of the labels that another version of the questions does not have any more: a menu for each, or, where
there are too many for menus, a list of lines, written, pasted, or from a CSV file."""

import json
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any, BinaryIO, cast

from django import forms
from django.core.files import File
from django.forms import BoundField
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.consensus.services.reconfigure import Wanted
from crowd.kernel.speech import translated
from crowd.labeling.config import LabelConfig
from crowd.labeling.errors import FormatError
from crowd.labeling.formats import csv_rows
from crowd.labeling.formats.rows import Limits
from crowd.labeling.kinds import Question
from crowd.labeling.kinds.record import Record
from crowd.labeling.kinds.taxonomy import Taxonomy
from crowd.labeling.tree import MOST_NODES
from crowd.web.forms import NeededChar, NeededChoice, PageForm
from crowd.web.requester.setup import lines

DROP, BECOMES = "-", "+"
MOST_CHOICES = 20_000  # lines of all menus together
MOST_MENUS = 1_000
MOST_NAMED = 100
MOST_FAULTS = 10  # of one list
DELIMITERS = ",;\t"  # whichever a spreadsheet writes
OF_A_FILE = Limits(max_rows=MOST_NODES, max_row_bytes=10_000)


@dataclass(frozen=True)
class Pair:
    """One question in both versions: the labels that only the one has, and those that only the other has."""

    before: Question
    after: Question

    @cached_property
    def gone(self) -> list[str]:
        return self.after.gone_from(self.before)

    @cached_property
    def added(self) -> list[str]:
        return [name for name in self.after.own_labels if name not in self.before.own_labels]

    def is_long(self, share: int) -> bool:
        """Whether menus for what is gone would have more lines than this question's share of them."""
        return len(self.gone) > min(MOST_MENUS, share) or len(self.gone) * (len(self.after.own_labels) + 2) > share


@dataclass(frozen=True)
class Group:
    """One question that both versions ask: how many labels are gone, some of what is new, and the fields about them."""

    question: Question
    gone: int
    menus: Sequence[tuple[str, BoundField]]
    listed: Sequence[BoundField]
    added: Sequence[str]
    more_added: int
    again: BoundField | None


class MappingForm(PageForm):
    """The new config as it was written, and what becomes of every label that it does not have any more."""

    config = forms.CharField(widget=forms.HiddenInput)
    guidelines = forms.CharField(required=False, strip=False, widget=forms.HiddenInput)

    def __init__(self, old: LabelConfig, new: LabelConfig, data: Any = None, files: Any = None, **kwargs: Any) -> None:
        self.old, self.new, self.unread = old, new, dict[str, FormatError]()
        share = MOST_CHOICES // max(1, sum(bool(pair.gone) for pair in self._pairs))
        self.long = [number for number, pair in enumerate(self._pairs) if pair.is_long(share)]
        super().__init__(self._with_files(data, files), files, **kwargs)
        for number, pair in enumerate(self._pairs):
            self.fields |= _listing(number) if number in self.long else _becoming(number, pair)
            if 0 < len(pair.after.own_labels) <= MOST_NAMED:
                self.fields[f"again{number}"] = _asked_again(pair.after)

    @property
    def maps(self) -> bool:
        """Whether there is something to say."""
        return any(pair.gone for pair in self._pairs)

    def start(self, used: Mapping[str, Sequence[str]]) -> None:
        """Lists begin with the labels that merged answers have: those are `used`, by question."""
        for number in self.long:
            pair = self._pairs[number]
            gone = set(pair.gone)
            rows = [f"{lines.written([[name]])} | " for name in used.get(pair.after.id, ()) if name in gone]
            self.initial[f"list{number}"] = "\n".join(rows)

    @property
    def listed_questions(self) -> list[Question]:
        return [self._pairs[number].before for number in self.long]

    def clean(self) -> None:
        for field, unread in self.unread.items():
            self.add_error(field, str(translated(unread.sentence)))
        self.mapping = {
            pair.after.id: self._listed(number, pair) if number in self.long else self._chosen(number, pair)
            for number, pair in enumerate(self._pairs)
            if pair.gone
        }

    @property
    def groups(self) -> list[Group]:
        """The questions whose labels are asked about."""
        return [self._group(number, pair) for number, pair in enumerate(self._pairs)]

    @property
    def new_questions(self) -> list[Question]:
        return [one for one in self.new.questions if one.id not in self.old.ids]

    @property
    def dropped_questions(self) -> list[Question]:
        return [one for one in self.old.questions if one.id not in self.new.ids]

    def wanted(self) -> Wanted:
        """Of a form that is valid; before anything was chosen, that nothing is renamed and nothing asked again."""
        mapping = self.mapping if self.is_bound else {}
        return Wanted(config=json.loads(self["config"].value()), mapping=mapping, ask_again=self._ask_again())

    def _chosen(self, number: int, pair: Pair) -> dict[str, str | None]:
        return {name: _target(self._said(f"m{number}-{place}")) for place, name in enumerate(pair.gone)}

    def _listed(self, number: int, pair: Pair) -> dict[str, str | None]:
        """What the lines say; what they do not name is dropped where that was chosen."""
        field, gone = f"list{number}", set(pair.gone)
        said: dict[str, str | None] = {}
        for place, name, becomes in _rows(str(self._said(field) or "")):
            if name not in gone:
                self.add_error(field, _line(place, _("%(label)s is no label that is gone."), name))
            elif name in said:
                self.add_error(field, _line(place, _("%(label)s is given twice."), name))
            elif wrong := _wrong(pair.after.may_become(name), name, becomes):
                self.add_error(field, _line(place, *wrong))
            else:
                said[name] = None if becomes == DROP else becomes
            if len(self.errors.get(field, ())) >= MOST_FAULTS:
                break
        missing = [name for name in pair.gone if name not in said]
        if missing and self._said(f"rest{number}") != DROP and not {field, f"file{number}"} & set(self.errors):
            unsaid = _("%(n)s labels are in no line, such as %(label)s. Add them, or say that they are dropped.")
            self.add_error(f"rest{number}", unsaid % {"n": len(missing), "label": missing[0]})
        return said | dict.fromkeys(missing, None)

    def _ask_again(self) -> dict[str, list[str]]:
        named = {pair.after.id: self._said(f"again{number}") for number, pair in enumerate(self._pairs)}
        return {id: list(labels) for id, labels in named.items() if labels}

    def _said(self, name: str) -> Any:
        return self.cleaned_data.get(name) if self.is_bound else None

    def _with_files(self, data: Any, files: Any) -> Any:
        """A list that came as a file is there as if it had been written, so that it is kept over the next look."""
        if not data or not files:
            return data
        given: QueryDict = data.copy()
        for number in self.long:
            file = files.get(f"file{number}")
            if file and file.size:  # one that is empty, its field refuses
                try:
                    given[f"list{number}"] = _of_file(file, set(self._pairs[number].gone))
                except FormatError as error:
                    self.unread[f"file{number}"] = error
        return given

    @cached_property
    def _pairs(self) -> list[Pair]:
        return [Pair(self.old.question(one.id), one) for one in self.new.questions if one.id in self.old.ids]

    def _group(self, number: int, pair: Pair) -> Group:
        again, is_long = f"again{number}", number in self.long
        return Group(
            question=pair.after,
            gone=len(pair.gone),
            menus=[] if is_long else [(name, self[f"m{number}-{place}"]) for place, name in enumerate(pair.gone)],
            listed=[self[f"{name}{number}"] for name in ("list", "file", "rest")] if is_long else [],
            added=pair.added[:MOST_NAMED],
            more_added=max(0, len(pair.added) - MOST_NAMED),
            again=self[again] if again in self.fields else None,
        )


def _of_file(file: "File[bytes]", gone: Collection[str]) -> str:
    """A CSV file as lines of a list. Its cells are parted by what makes most rows begin with a label that is gone.
    Raises FormatError."""
    readings = [_reading(file, delimiter) for delimiter in DELIMITERS]
    rows, fault = max(readings, key=lambda one: sum(len(row) > 1 and row[0].strip() in gone for row in one[0]))
    if fault:
        raise fault
    return lines.written([row[:2] for row in rows])


def _reading(file: "File[bytes]", delimiter: str) -> tuple[list[list[str]], FormatError | None]:
    """The file's rows, up to one that cannot be read."""
    rows: list[list[str]] = []
    file.seek(0)
    try:
        for row in csv_rows.headless(cast(BinaryIO, file), OF_A_FILE, delimiter=delimiter):
            rows.append(row)
    except FormatError as error:
        return rows, error
    return rows, None


def _rows(text: str) -> Iterator[tuple[int, str, str]]:
    """Number, old label and new one of each line that says anything: with a | between them, or a tab, as a
    spreadsheet's cells are pasted."""
    for place, line in enumerate(text.splitlines(), start=1):
        for name, *becomes in lines.read(line if "|" in line else line.replace("\t", " | "), 2):
            yield place, name, becomes[0] if becomes else ""


def _wrong(new: Collection[str], name: str, becomes: str) -> tuple[str, str] | None:
    """What is wrong with that the label becomes this, and the label to be named there."""
    if not becomes:
        return _("Say what becomes of %(label)s, or write -."), name
    if becomes != DROP and becomes not in new:
        return _("%(label)s is no label of the new version."), becomes
    if becomes == DROP and DROP in new:
        return _("The new version has a label called -. Rename that one, or leave %(label)s out to drop it."), name
    return None


def _line(place: int, sentence: str, label: str) -> str:
    return _("Line %(n)s: %(sentence)s") % {"n": place, "sentence": sentence % {"label": label}}


def _options(question: Question) -> Iterator[tuple[str, str]]:
    """Name and title of each label."""
    nodes = question.tree.nodes if isinstance(question, Taxonomy) and question.tree else ()
    yield from ((one.id, one.title) for one in nodes)
    yield from ((one.name, one.title or one.name) for one in getattr(question, "labels", ()))
    if isinstance(question, Record):
        yield from ((name, name) for name in question.own_labels)


def _becoming(number: int, pair: Pair) -> dict[str, forms.Field]:
    """A menu for each label that is gone. Where one went and one came, it was probably renamed."""
    if not pair.gone:
        return {}
    becomes = _("becomes %(label)s")
    new = [(name, becomes % {"label": title}) for name, title in _options(pair.after)]

    def menu(name: str) -> forms.Field:
        fitting = pair.after.may_become(name)
        options = [(BECOMES + one, words) for one, words in new if one in fitting]
        choices = [("", _("choose …")), *options, (DROP, _("is dropped: answers with it say nothing any more"))]
        is_renamed = len(pair.gone) == len(pair.added) == 1 and pair.added[0] in fitting
        return forms.ChoiceField(label=name, choices=choices, initial=BECOMES + pair.added[0] if is_renamed else "")

    return {f"m{number}-{place}": menu(name) for place, name in enumerate(pair.gone)}


def _listing(number: int) -> dict[str, forms.Field]:
    return {
        f"list{number}": NeededChar(
            label=_("What becomes of them"),
            required=False,
            strip=False,  # lines are counted
            widget=forms.Textarea(attrs={"rows": 12, "spellcheck": "false", "class": "mono"}),
            help_text=_(
                "One a line: old label | new label; with - as the new one, answers with it say nothing any more. "
                "Labels that merged answers have are there already."
            ),
        ),
        f"file{number}": forms.FileField(label=_("Or a CSV file of two columns: old label, new label"), required=False),
        f"rest{number}": NeededChoice(
            label=_("Labels that are in no line"),
            required=False,
            choices=[("", _("choose …")), (DROP, _("are dropped: answers with them say nothing any more"))],
        ),
    }


def _asked_again(after: Question) -> forms.Field:
    return forms.MultipleChoiceField(
        label=gettext_lazy("Ask again, too, where the merged answer is"),
        required=False,
        choices=list(_options(after)),
        widget=forms.CheckboxSelectMultiple,
        help_text=gettext_lazy("As for tasks that a new label might fit better."),
    )


def _target(said: str | None) -> str | None:
    return said.removeprefix(BECOMES) if said and said != DROP else None
