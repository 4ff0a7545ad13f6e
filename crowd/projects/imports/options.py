"""What the requester says about the rows he sends: which columns mean something to us, and what to do with bad rows."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

from django.utils.translation import gettext as _

from crowd.labeling.config import LabelConfig
from crowd.projects.fields import refuse

MEDIA_KINDS = frozenset({"image", "audio", "video"})
KNOWN_KEYS = ("refuse", "skip")
DELIMITERS = (",", ";", "\t")
MAX_NAME = 200


@dataclass(frozen=True, kw_only=True)
class Options:
    """Names of columns, empty where there is none. All of them are kept with the item; none of these is shown.

    `url_column` is where the address of the media stands, if not in the column that the label config shows. `guarded`
    says that the CSV was written with our formula guard. `known_keys`: a row whose key the project has already is
    refused, or skipped.
    """

    key_column: str = ""
    gold_column: str = "gold"
    gold_reason_column: str = "gold_reason"
    redundancy_column: str = ""
    url_column: str = ""
    known_keys: str = "refuse"
    skip_bad_rows: bool = False
    delimiter: str = ","
    guarded: bool = False

    def to_json(self) -> dict[str, Any]:
        return asdict(self)

    @property
    def hidden(self) -> frozenset[str]:
        """Columns that no worker sees: they would tell him the answer, or are the requester's own business."""
        names = (self.key_column, self.gold_column, self.gold_reason_column, self.redundancy_column, self.url_column)
        return frozenset(name for name in names if name)

    def required(self, config: LabelConfig) -> list[str]:
        """Columns without which no row could be used."""
        shown = list(self.media_columns(config).values()) or [config.data.field]
        defaults = (Options.gold_column, Options.gold_reason_column)
        named = [self.key_column, self.redundancy_column]
        named += [name for name in (self.gold_column, self.gold_reason_column) if name not in defaults]
        return [name for name in (*shown, *named) if name]

    def media_column(self, config: LabelConfig) -> str:
        """The column that says where the media is: an address, or a file's name; empty for text and rows."""
        return (self.url_column or config.data.field) if config.data.kind in MEDIA_KINDS else ""

    def media_columns(self, config: LabelConfig) -> dict[str, str]:
        """For each column that workers see a file in, the one that says where it is."""
        beside = {config.data.beside: config.data.beside} if config.data.beside else {}
        return {config.data.field: self.media_column(config)} | beside if config.data.kind in MEDIA_KINDS else {}


def parse(given: Mapping[str, Any] | None, config: LabelConfig) -> Options:
    """Options as a requester sent them. Raises BadInput with `errors`."""
    given = given or {}
    known = {field.name: type(field.default) for field in fields(Options)}
    errors = {name: _("There is no such option.") for name in given if name not in known}
    for name, kind in known.items():
        if name in given and type(given[name]) is not kind:
            errors[name] = _("This must be text.") if kind is str else _("This must be true or false.")
    refuse(errors)
    options = Options(**given)
    refuse(_faults(options, config))
    return options


def stored(given: Mapping[str, Any]) -> Options:
    """Options as an upload keeps them; what a later version of this program would add is left out."""
    known = {field.name for field in fields(Options)}
    return Options(**{name: value for name, value in given.items() if name in known})


def _faults(options: Options, config: LabelConfig) -> dict[str, str]:
    errors = {}
    if options.known_keys not in KNOWN_KEYS:
        errors["known_keys"] = _("This must be refuse or skip.")
    if options.delimiter not in DELIMITERS:
        errors["delimiter"] = _("This must be a comma, a semicolon or a tab.")
    if options.url_column and config.data.kind not in MEDIA_KINDS:
        errors["url_column"] = _("Only images, audio and video are fetched from addresses.")
    for name in ("key_column", "gold_column", "gold_reason_column", "redundancy_column"):
        column = getattr(options, name)
        if len(column) > MAX_NAME:
            errors[name] = _("This name is too long.")
        if column and column in (config.data.field, config.data.prediction):
            errors[name] = _("This is the column that workers see.")
    return errors
