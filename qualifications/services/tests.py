"""Making a test: questions in the words of a label config, with known answers. A new version replaces the last."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.utils.translation import gettext as _

from crowd.kernel import clock
from crowd.kernel.errors import BadInput, NotFound
from crowd.labeling.config import LabelConfig, parse
from crowd.labeling.errors import LabelingError
from crowd.users.models import User
from crowd.users.services import audit
from qualifications.access import managed_qualification
from qualifications.answer_keys import read_key, write_key
from qualifications.errors import AtOnceOrTest
from qualifications.mappings import highest, read_mapping
from qualifications.models import Qualification, Test
from qualifications.states import Asking

MAX_ITEMS = 1000
MOST_ASKED = 200  # in one try
MAX_UNITS = 100
MAX_EXPLANATION = 2000
MAX_POOL = 50
LEAST_TIME_S, MOST_TIME_S = 30, 24 * 3600
MOST_DELAY_S = 5 * 365 * 24 * 3600
ITEM_FIELDS = {"payload", "key", "points", "scores", "explanation", "pool"}


@dataclass(frozen=True, kw_only=True)
class Rules:
    """How it is taken and marked.

    pass_mark: the least value, 0 to 100, that passes. retry_delay_s: None: one try for ever. mapping: how points become
    a value (`qualifications.mappings`). draw: how many items a try gets of all, or of each pool ({pool: number});
    None: all of them, in order. training: one item after the other, with an explanation after each wrong answer.
    """

    pass_mark: int
    time_limit_s: int
    retry_delay_s: int | None = None
    mapping: Mapping[str, Any] = field(default_factory=dict)
    draw: int | Mapping[str, int] | None = None
    training: bool = False


def create_test(
    *,
    actor: User,
    qualification_id: int,
    config: Mapping[str, Any],
    items: Sequence[Mapping[str, Any]],
    rules: Rules,
) -> Test:
    """A test, or its next version; attempts under way keep the version they began with.

    config: a label config. items: ``{"payload": {"units": [{column: value}]} or {column: value}, "key": gold}``, where
    the key is written as gold is; or with ``scores`` instead (`qualifications.answer_keys`); perhaps with ``points``,
    an ``explanation`` and a ``pool``. Raises BadInput, whose `errors` name each place ("config.questions[0].id",
    "items[2].key.digit"), AtOnceOrTest; and as `managed_qualification`.
    """
    read_config, read_items = _read(config, items)
    facts = _check_rules(rules, read_config, read_items)
    with transaction.atomic(durable=True):
        door = managed_qualification(actor, qualification_id)
        qualification = Qualification.objects.select_for_update(no_key=True, of=("self",)).get(pk=door.pk)
        if qualification.asking == Asking.AT_ONCE:
            raise AtOnceOrTest
        now = clock.now()
        test = Test.objects.create(
            qualification=qualification,
            version=_latest_version(qualification) + 1,
            config=read_config.to_json(),
            items=read_items,
            created_by=actor,
            created_at=now,
            **facts,
        )
        audit.record(
            actor=actor,
            action="create",
            subject=test,
            organisation=door.organisation,
            now=now,
            after={"version": test.version, "items": len(read_items), **facts},
        )
    return test


def add_items(qualification: Qualification, items: Sequence[Mapping[str, Any]], *, actor: User, now: datetime) -> Test:
    """Inner: the next version of a qualification's test, with these items more. Raises NotFound, BadInput."""
    locked = Qualification.objects.select_for_update(no_key=True, of=("self",)).get(pk=qualification.pk)
    latest = locked.tests.order_by("-version").first()
    if latest is None:
        raise NotFound(_("This qualification has no test."))
    _config, read_items = _read(latest.config, items)
    latest.pk, latest.version = None, latest.version + 1
    latest.items, latest.created_by, latest.created_at = [*latest.items, *read_items], actor, now
    latest.save(force_insert=True)
    audit.record(
        actor=actor,
        action="create",
        subject=latest,
        organisation=qualification.organisation,
        now=now,
        after={"version": latest.version, "items": len(latest.items)},
    )
    return latest


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
    if unknown := sorted(map(str, item.keys() - ITEM_FIELDS)):
        faults[f"{place}.{unknown[0]}"] = _("There is no such field.")
        return {}
    try:
        key = read_key(config, item, len(units))
    except LabelingError as error:
        faults[_join(place, error.path)] = error.message
        return {}
    words = {
        "explanation": _text(item, "explanation", MAX_EXPLANATION, place, faults),
        "pool": _text(item, "pool", MAX_POOL, place, faults),
    }
    return {"payload": {"units": units}, **write_key(key), **{name: text for name, text in words.items() if text}}


def _text(item: Mapping[str, Any], name: str, most: int, place: str, faults: dict[str, str]) -> str:
    text = item.get(name) or ""
    if not isinstance(text, str) or len(text) > most or "\x00" in text:
        faults[f"{place}.{name}"] = _("This must be text of at most %(most)s characters.") % {"most": most}
        return ""
    return text.strip()


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


def _check_rules(rules: Rules, config: LabelConfig, items: list[dict[str, Any]]) -> dict[str, Any]:
    """The fields of the test that they are. Raises BadInput."""
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
    draw = _read_draw(rules.draw, items)
    least, most = _reach(config, items, draw)
    if most <= 0:
        raise BadInput(errors={"items": _("No answer to these items scores a point.")})
    mapping = read_mapping(rules.mapping, least=least, most=most)
    if highest(mapping, most) < rules.pass_mark:
        raise BadInput(errors={"pass_mark": _("No answers to these items reach this value.")})
    plain = {name: getattr(rules, name) for name in ("pass_mark", "time_limit_s", "retry_delay_s", "training")}
    return plain | {"draw": draw, "mapping": mapping}


def _read_draw(draw: int | Mapping[str, int] | None, items: list[dict[str, Any]]) -> dict[str, int]:
    """How many items of each pool; every pool that there is must be drawn from."""
    if draw in (None, {}):
        return _all_of(items)
    pools = Counter(item.get("pool", "") for item in items)
    numbers: dict[str, Any] = dict(draw) if isinstance(draw, Mapping) else {"": draw}
    if numbers.keys() != pools.keys():
        facts = {"pools": ", ".join(f"“{pool}”" for pool in sorted(pools))}
        raise BadInput(errors={"draw": _("The pools of the items are %(pools)s: name how many of each.") % facts})
    for pool, number in numbers.items():
        if isinstance(number, bool) or not isinstance(number, int) or not 1 <= number <= pools[pool]:
            facts = {"pool": pool, "most": str(pools[pool])}
            message = _("Of the pool “%(pool)s” from 1 to %(most)s items can be drawn.") % facts
            raise BadInput(errors={"draw": message})
    if sum(numbers.values()) > MOST_ASKED:
        raise BadInput(errors={"draw": _("A try has at most %(most)s items.") % {"most": MOST_ASKED}})
    return numbers


def _all_of(items: list[dict[str, Any]]) -> dict[str, int]:
    """No draw: all items are asked."""
    if len(items) > MOST_ASKED:
        message = _("A try has at most %(most)s items; draw so many of them.") % {"most": MOST_ASKED}
        raise BadInput(errors={"items": message})
    return {}


def _reach(config: LabelConfig, items: list[dict[str, Any]], draw: Mapping[str, int]) -> tuple[int, int]:
    """The least and the most points that any try can bring."""
    keys = [(item.get("pool", ""), read_key(config, item, len(item["payload"]["units"]))) for item in items]
    if not draw:
        return sum(key.least for _pool, key in keys), sum(key.most for _pool, key in keys)
    least = sum(sum(sorted(key.least for name, key in keys if name == pool)[:number]) for pool, number in draw.items())
    most = sum(sum(sorted(key.most for name, key in keys if name == pool)[-number:]) for pool, number in draw.items())
    return least, most


def _join(place: str, path: str) -> str:
    return f"{place}.{path}" if path else place
