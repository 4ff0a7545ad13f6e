"""The settings of a project: what each may be, which may still change after publish, and which fit together.

Every function returns the value as it is stored or raises BadInput with one sentence; nothing is written here.
"""

from collections.abc import Callable, Collection, Mapping
from decimal import Decimal, InvalidOperation
from itertools import pairwise
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crowd.kernel import money
from crowd.kernel.errors import BadInput
from crowd.labeling.errors import ConfigError
from crowd.labeling.split import parse_split
from crowd.projects import queries
from crowd.projects.models import Project
from crowd.projects.states import PayPolicy, PersonalData, ProjectState, Warning, Workforce

DAY_S = 24 * 3600
# The methods of crowd.consensus.methods that a requester may choose, each with its parameters and their bounds.
METHODS: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "dawid-skene": {"max_iterations": (1, 1_000), "tolerance": (1e-9, 1)},
    "majority-vote": {},
}
MAX_TEXT = 20_000
MAX_INTERVALS = 20

Reader = Callable[[Any], Any]


def read(given: Mapping[str, Any], readers: Mapping[str, Reader] | None = None) -> dict[str, Any]:
    """The given settings as they are stored, of a project or of what `readers` read.

    Raises BadInput with `errors`: a sentence for each that is wrong.
    """
    values: dict[str, Any] = {}
    errors: dict[str, str] = {}
    for name, value in given.items():
        try:
            values[name] = _reader(name, READERS if readers is None else readers)(value)
        except BadInput as error:
            errors[name] = str(error.message)
        except ConfigError as error:
            errors[f"{name}.{error.path}" if error.path else name] = error.message
    refuse(errors)
    return values


def check_together(project: Project) -> None:
    """What only shows when all settings are seen together. Raises BadInput with `errors`."""
    errors: dict[str, str] = {}
    if project.reward_micros == 0 and project.workforce != Workforce.TEAM:
        errors["reward_micros"] = _("Only a private team may work for a reward of 0.")
    if project.reward_micros == 0 and project.extra_budget_micros:
        errors["extra_budget_micros"] = _("Where the reward is 0, no money is set aside.")
    if project.pay_policy in (PayPolicy.ACCURACY, PayPolicy.CONSENSUS) and project.pay_threshold is None:
        errors["pay_threshold"] = _("This pay policy needs a threshold.")
    if project.most_answers is not None and project.most_answers <= project.redundancy:
        errors["most_answers"] = _("This must be more than the answers that each task begins with.")
    errors |= _parameter_faults(project) | _floor_faults(project)
    if project.quiz_pass is not None and project.quiz_pass > project.quiz_length:
        errors["quiz_pass"] = _("Nobody can give %(pass)d right answers in a quiz of %(length)d.") % {
            "pass": project.quiz_pass,
            "length": project.quiz_length,
        }
    if project.gold_intervals and Decimal(project.gold_intervals[0]["share"]) >= project.gold_share:
        errors["gold_intervals"] = _("Each interval must have a smaller share of gold than the one before.")
    if bool(project.quiz_length) != bool(project.quiz_cap):
        errors["quiz_cap"] = _("A quiz needs both a length and a number of quizzes that you pay for.")
    refuse(errors)


def _floor_faults(project: Project) -> dict[str, str]:
    errors = {}
    if project.reward_micros == 0 and project.pay_floor_micros:
        errors["pay_floor_micros"] = _("Where the reward is 0, there is no pay floor.")
    if project.state == ProjectState.DRAFT and 0 < project.pay_floor_micros < queries.site_floor(project.currency):
        site = money.text(queries.site_floor(project.currency), project.currency)
        errors["pay_floor_micros"] = _("This site's floor is %(site)s an hour: yours can only be higher.") % {
            "site": site
        }
    if project.pay_floor_micros and project.expected_s is None:
        errors["expected_s"] = _("A pay floor needs the time that one task is expected to take.")
    return errors


def _parameter_faults(project: Project) -> dict[str, str]:
    bounds = METHODS[project.aggregation_method]
    errors = {}
    for name, value in project.aggregation_parameters.items():
        place = f"aggregation_parameters.{name}"
        least, most = bounds.get(name, (0, 0))
        if name not in bounds:
            errors[place] = _("The method %(method)s has no such parameter.") % {"method": project.aggregation_method}
        elif isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
            errors[place] = _("This must be from %(least)s to %(most)s.") % {"least": least, "most": most}
    return errors


def refuse(errors: Mapping[str, str]) -> None:
    """Raises BadInput when there is anything to say."""
    if errors:
        sentences = " ".join(f"{place}: {sentence}" for place, sentence in errors.items())
        raise BadInput(sentences, errors=dict(errors))


def _reader(name: str, readers: Mapping[str, Reader]) -> Reader:
    if name not in readers:
        raise BadInput(_("There is no such setting."))
    return readers[name]


def _text(most: int, *, least: int = 0) -> Reader:
    def read_text(value: Any) -> str:
        if not isinstance(value, str):
            raise BadInput(_("This must be text."))
        text = value.strip()
        if "\x00" in text:
            raise BadInput(_("There is a NUL character in this text."))
        if not least <= len(text) <= most:
            raise BadInput(
                _("This must have from %(least)s to %(most)s characters; it has %(given)s.")
                % {"least": least, "most": most, "given": len(text)}
            )
        return text

    return read_text


def _integer(least: int, most: int) -> Reader:
    def read_integer(value: Any) -> int:
        if isinstance(value, bool) or not isinstance(value, int):
            raise BadInput(_("This must be a whole number."))
        if not least <= value <= most:
            raise BadInput(_("This must be from %(least)s to %(most)s.") % {"least": least, "most": most})
        return value

    return read_integer


def _share(least: str, most: str) -> Reader:
    """A share in [least, most] with at most four digits after the point."""

    def read_share(value: Any) -> Decimal:
        try:
            share = Decimal(str(value))
        except InvalidOperation:
            share = Decimal("NaN")
        if isinstance(value, bool) or not share.is_finite():
            raise BadInput(_("This must be a number."))
        if not Decimal(least) <= share <= Decimal(most):
            raise BadInput(_("This must be from %(least)s to %(most)s.") % {"least": least, "most": most})
        if share != round(share, 4):
            raise BadInput(_("This may have at most four digits after the point."))
        return round(share, 4)

    return read_share


def _micros(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise BadInput(_("This must be a whole number of millionths of the currency's unit."))
    if value < 0:
        raise BadInput(_("An amount cannot be negative."))
    if value > money.MAX_MICROS:
        raise BadInput(_("This amount is too large."))
    return value


def _one_of(choices: Collection[str]) -> Reader:
    def read_choice(value: Any) -> str:
        if value not in list(choices):
            raise BadInput(_("This must be one of %(choices)s.") % {"choices": ", ".join(choices)})
        return str(value)

    return read_choice


def _warnings(value: Any) -> list[str]:
    if not isinstance(value, list | tuple):
        raise BadInput(_("This must be a list."))
    return sorted({_one_of(Warning.values)(one) for one in value})


def _flag(value: Any) -> bool:
    if not isinstance(value, bool):
        raise BadInput(_("This must be true or false."))
    return value


def _intervals(value: Any) -> list[dict[str, Any]]:
    """Toloka's intervals: from so many submitted tasks on, this share is gold; in order, each with less gold."""
    if not isinstance(value, list | tuple) or len(value) > MAX_INTERVALS:
        raise BadInput(_("This must be a list of at most %(most)d intervals.") % {"most": MAX_INTERVALS})
    found = [_interval(one) for one in value]
    for one, following in pairwise(found):
        if following["from"] <= one["from"]:
            raise BadInput(_("The intervals must be in order: %(from)d comes too late.") % one)
        if Decimal(following["share"]) >= Decimal(one["share"]):
            raise BadInput(_("Each interval must have a smaller share of gold than the one before."))
    return found


def _interval(one: Any) -> dict[str, Any]:
    if not isinstance(one, Mapping) or one.keys() != {"from", "share"}:
        raise BadInput(_("An interval is an object with “from” and “share”."))
    return {"from": _integer(1, 1_000_000_000)(one["from"]), "share": str(_share("0", "0.9")(one["share"]))}


def _or_nothing(reader: Reader) -> Reader:
    return lambda value: None if value is None else reader(value)


def _split(value: Any) -> dict[str, Any]:
    if value is not None and not isinstance(value, Mapping):
        raise BadInput(_("This must be an object."))
    return parse_split(value).to_json() if value else {}


def _object(value: Any) -> dict[str, Any]:
    if not isinstance(value, dict) or len(str(value)) > MAX_TEXT:
        raise BadInput(_("This must be a small object."))
    return value


READERS: dict[str, Reader] = {
    "title": _text(200, least=1),
    "description": _text(MAX_TEXT),
    "workforce": _one_of(Workforce.values),
    "personal_data": _one_of(PersonalData.values),
    "content_warnings": _warnings,
    "split": _split,
    "currency": money.check_currency,
    "reward_micros": _micros,
    "extra_budget_micros": _micros,
    "pay_floor_micros": _micros,
    "redundancy": _integer(1, 1_000),
    "most_answers": _or_nothing(_integer(2, 1_000)),
    "target_posterior": _share("0.5", "0.9999"),
    "least_gain": _share("0", "0.5"),
    "expected_s": _or_nothing(_integer(1, DAY_S)),
    "time_limit_s": _integer(10, 30 * DAY_S),
    "grace_s": _integer(0, DAY_S),
    "choose_tasks": _flag,
    "max_tasks_per_worker": _or_nothing(_integer(1, 1_000_000_000)),
    "gold_share": _share("0", "0.9"),
    "gold_intervals": _intervals,
    "repeat_share": _share("0", "0.5"),
    "repeat_after": _integer(1, 1_000),
    "quiz_length": _integer(0, 1_000),
    "quiz_pass": _or_nothing(_integer(1, 1_000)),
    "explain_misses": _flag,
    "quiz_cap": _integer(0, 1_000_000),
    "minimum_accuracy": _or_nothing(_share("0", "1")),
    "auto_accept_s": _integer(0, 30 * DAY_S),
    "pay_policy": _one_of(PayPolicy.values),
    "pay_threshold": _or_nothing(_share("0", "1")),
    "aggregation_method": _one_of(METHODS),
    "aggregation_parameters": _object,
    "aggregate_every": _integer(1, 1_000_000_000),
    "cannot_answer_limit": _integer(1, 1_000),
}


OF_TIER: dict[str, Reader] = {
    "name": _text(100, least=1),
    "reward_micros": _micros,
    "redundancy": _integer(1, 100),
    "most_answers": _or_nothing(_integer(2, 100)),
    "budget_micros": _micros,
    "below_posterior": _or_nothing(_share("0.5", "0.9999")),
    "above_disagreement": _or_nothing(_share("0", "0.9999")),
    "expert_calls": _or_nothing(_integer(1, 1_000)),
}


def unfair_change(name: str, before: Any, after: Any) -> str:
    """Why this setting may not change so on a published project; empty when it may.

    Workers came for what was promised: more time, sooner pay, a lower bar and plainer words are fair, the reverse is
    not. What an answer costs, and what tasks were cut from, stays as it was paid for.
    """
    if before == after or name in FREE_AFTER_PUBLISH:
        return ""
    if name in ONLY_UP and after >= before:
        return ""
    if name in ONLY_DOWN and after <= before:
        return ""
    if name == "minimum_accuracy" and (after is None or (before is not None and after <= before)):
        return ""
    if name == "content_warnings" and set(after) >= set(before):
        return ""
    return str(HOW_IT_MAY_CHANGE.get(name) or _("This is fixed once a project is published."))


FREE_AFTER_PUBLISH = frozenset(
    {"title", "description", "expected_s", "max_tasks_per_worker", "aggregate_every", "explain_misses"}
    | {"most_answers", "target_posterior", "least_gain"}
)
ONLY_UP = frozenset({"time_limit_s", "grace_s", "pay_floor_micros"})
ONLY_DOWN = frozenset({"auto_accept_s"})
HOW_IT_MAY_CHANGE = {
    "time_limit_s": gettext_lazy("Once a project is published this may only become longer."),
    "grace_s": gettext_lazy("Once a project is published this may only become longer."),
    "pay_floor_micros": gettext_lazy("Once a project is published this may only become higher."),
    "auto_accept_s": gettext_lazy("Once a project is published this may only become shorter."),
    "minimum_accuracy": gettext_lazy("Once a project is published this may only become lower."),
    "content_warnings": gettext_lazy("Once a project is published warnings may only be added."),
}
