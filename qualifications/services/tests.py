"""Making a test: questions in the words of a label config, with known answers. A new version replaces the last."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from crowd.kernel import clock
from crowd.kernel.errors import BadInput
from crowd.labeling.config import LabelConfig, parse
from crowd.labeling.errors import LabelingError
from crowd.labeling.gold_keys import parse_gold
from crowd.users.models import User
from crowd.users.services import audit
from qualifications.access import managed_qualification
from qualifications.models import Qualification, Test

MAX_ITEMS = 200
MAX_UNITS = 100
LEAST_TIME_S, MOST_TIME_S = 30, 24 * 3600
MOST_DELAY_S = 5 * 365 * 24 * 3600


@dataclass(frozen=True, kw_only=True)
class Rules:
    """`pass_mark` in per cent of the items; `retry_delay_s` None: one try for ever."""

    pass_mark: int
    time_limit_s: int
    retry_delay_s: int | None = None


def create_test(
    *,
    actor: User,
    qualification_id: int,
    config: Mapping[str, Any],
    items: Sequence[Mapping[str, Any]],
    rules: Rules,
) -> Test:
    """A test, or its next version; attempts under way keep the version they began with.

    config: a label config. items: ``{"payload": {"units": [{column: value}]} or {column: value}, "key": answer}``,
    where the answer is written as a gold answer is. Raises BadInput, whose `errors` name each place
    ("config.questions[0].id", "items[2].key.digit"); and as `managed_qualification`.
    """
    read_config, read_items = _read(config, items)
    _check_rules(rules)
    with transaction.atomic(durable=True):
        door = managed_qualification(actor, qualification_id)
        qualification = Qualification.objects.select_for_update(no_key=True, of=("self",)).get(pk=door.pk)
        now = clock.now()
        test = Test.objects.create(
            qualification=qualification,
            version=_latest_version(qualification) + 1,
            config=read_config.to_json(),
            items=read_items,
            created_by=actor,
            created_at=now,
            **vars(rules),
        )
        audit.record(
            actor=actor,
            action="create",
            subject=test,
            organisation=door.organisation,
            now=now,
            after={"version": test.version, "items": len(read_items), **vars(rules)},
        )
    return test


def _latest_version(qualification: Qualification) -> int:
    latest = qualification.tests.aggregate(latest=Max("version"))["latest"]
    return int(latest or 0)


def _read(config: Mapping[str, Any], items: Sequence[Mapping[str, Any]]) -> tuple[LabelConfig, list[dict[str, Any]]]:
    try:
        parsed = parse(config)
    except LabelingError as error:
        raise BadInput(errors={_join("config", error.path): error.message}) from error
    if not 1 <= len(items) <= MAX_ITEMS:
        message = _("A test has from 1 to %(most)s items.") % {"most": MAX_ITEMS}
        raise BadInput(errors={"items": message})
    faults: dict[str, str] = {}
    read = [_read_item(parsed, item, f"items[{number}]", faults) for number, item in enumerate(items)]
    if faults:
        raise BadInput(errors=faults)
    return parsed, read


def _read_item(config: LabelConfig, item: Any, place: str, faults: dict[str, str]) -> dict[str, Any]:
    """The item in canonical form; what is wrong with it is added to `faults`."""
    units = _units(config, item.get("payload") if isinstance(item, Mapping) else None)
    if isinstance(units, str):
        faults[f"{place}.payload"] = units
        return {}
    try:
        key = parse_gold(config, item.get("key"), len(units))
    except LabelingError as error:
        faults[_join(f"{place}.key", error.path)] = error.message
        return {}
    return {"payload": {"units": units}, "key": key.to_json()}


def _units(config: LabelConfig, payload: Any) -> list[dict[str, Any]] | str:
    """The units of a payload, or what is wrong with it."""
    units = payload.get("units", [payload]) if isinstance(payload, Mapping) else None
    if not isinstance(units, list) or not 1 <= len(units) <= MAX_UNITS:
        return _("A payload is an object of columns, or a list of such `units`.")
    column = config.data.field
    for unit in units:
        if not isinstance(unit, Mapping):
            return _("Each unit is an object of columns.")
        if column and column not in unit:
            return _("The column “%(column)s”, which the questions are about, is missing.") % {"column": column}
    return [dict(unit) for unit in units]


def _check_rules(rules: Rules) -> None:
    faults = {}
    if not 0 <= rules.pass_mark <= 100:
        faults["pass_mark"] = _("The pass mark is a whole number of per cent, from 0 to 100.")
    if not LEAST_TIME_S <= rules.time_limit_s <= MOST_TIME_S:
        bounds = {"least": LEAST_TIME_S, "most": MOST_TIME_S}
        faults["time_limit_s"] = _("The time limit is from %(least)s to %(most)s seconds.") % bounds
    if rules.retry_delay_s is not None and not 0 <= rules.retry_delay_s <= MOST_DELAY_S:
        faults["retry_delay_s"] = _("The delay is from 0 to %(most)s seconds.") % {"most": MOST_DELAY_S}
    if faults:
        raise BadInput(errors=faults)


def _join(place: str, path: str) -> str:
    return f"{place}.{path}" if path else place
