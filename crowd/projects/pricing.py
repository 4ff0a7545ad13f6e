"""What a project costs, and why: pure arithmetic in micros. Rounding is up, and happens once a part."""

from dataclasses import dataclass
from decimal import ROUND_CEILING, Decimal

from crowd.kernel import money

HOUR_S = 3600
MARGIN = Decimal("1.25")


@dataclass(frozen=True, kw_only=True)
class TierPrice:
    """What is set aside for a further tier, whose answers cost `each_micros`, of it `fee_micros`."""

    number: int
    name: str
    each_micros: int
    fee_micros: int
    reserve_micros: int

    @property
    def answers(self) -> int:
        return self.reserve_micros // self.each_micros if self.each_micros else 0


@dataclass(frozen=True, kw_only=True)
class Price:
    """The price of a project or of an addition, in parts that add up to `total_micros`.

    `slots` answers are wanted of ordinary tasks, `gold_answers` of gold tasks and `repeat_answers` are paid for ahead;
    each costs `reward_micros` + `fee_micros`. `extra_reserve_micros` is what the requester sets aside for extra
    answers, `tiers` for specialists. `top_up_micros`, with a fee like a reward's, is set aside for each answer towards
    the pay floor.
    """

    currency: str
    reward_micros: int
    fee_micros: int
    slots: int = 0
    gold_answers: int = 0
    repeat_answers: int = 0
    extra_reserve_micros: int = 0
    top_up_micros: int = 0
    top_up_fee_micros: int = 0
    tiers: tuple[TierPrice, ...] = ()

    @property
    def each_micros(self) -> int:
        return self.reward_micros + self.fee_micros

    @property
    def slots_micros(self) -> int:
        return self.slots * self.each_micros

    @property
    def gold_reserve_micros(self) -> int:
        return self.gold_answers * self.each_micros

    @property
    def repeat_reserve_micros(self) -> int:
        return self.repeat_answers * self.each_micros

    @property
    def floor_reserve_micros(self) -> int:
        return self._answers * (self.top_up_micros + self.top_up_fee_micros)

    @property
    def tiers_micros(self) -> int:
        return sum(one.reserve_micros for one in self.tiers)

    @property
    def total_micros(self) -> int:
        reserves = self.gold_reserve_micros + self.repeat_reserve_micros
        reserves += self.extra_reserve_micros + self.floor_reserve_micros
        return self.slots_micros + reserves + self.tiers_micros

    @property
    def total_fee_micros(self) -> int:
        """The part of the total that goes to the platform if every answer paid for is given."""
        own = self._answers * (self.fee_micros + self.top_up_fee_micros)
        return own + sum(one.answers * one.fee_micros for one in self.tiers)

    @property
    def _answers(self) -> int:
        extra = self.extra_reserve_micros // self.each_micros if self.each_micros else 0
        return self.slots + self.gold_answers + self.repeat_answers + extra

    def parts(self) -> dict[str, int | str]:
        """For errors, the API and pages."""
        return {
            "currency": self.currency,
            "reward_micros": self.reward_micros,
            "fee_micros": self.fee_micros,
            "slots": self.slots,
            "slots_micros": self.slots_micros,
            "gold_answers": self.gold_answers,
            "gold_reserve_micros": self.gold_reserve_micros,
            "repeat_answers": self.repeat_answers,
            "repeat_reserve_micros": self.repeat_reserve_micros,
            "extra_reserve_micros": self.extra_reserve_micros,
            "floor_reserve_micros": self.floor_reserve_micros,
            "tiers_micros": self.tiers_micros,
            "total_fee_micros": self.total_fee_micros,
            "total_micros": self.total_micros,
        }


def hourly_micros(reward_micros: int, seconds: float | None) -> int | None:
    """What an hour comes to at this reward for so many seconds of work; None where the time is not known."""
    return int(reward_micros * HOUR_S / seconds) if seconds else None


def owed_for(seconds: float | Decimal, floor_micros: int) -> int:
    """What an answer that takes so long must pay where an hour pays at least `floor_micros`; rounded up."""
    exact = Decimal(floor_micros) * Decimal(seconds) / HOUR_S
    return int(exact.to_integral_value(rounding=ROUND_CEILING))


def top_up(reward_micros: int, floor_micros: int, expected_s: int | None) -> int:
    """What is set aside for an answer towards the floor: as if it took a quarter longer than expected.

    A time that is guessed too short would else stop the project at once; what is not needed comes back.
    """
    return max(owed_for(MARGIN * (expected_s or 0), floor_micros) - reward_micros, 0)


def fee(reward_micros: int, rate: Decimal) -> int:
    """The platform's fee for one accepted answer; 0 where nothing is paid."""
    return money.fee(reward_micros, rate)


def share_answers(slots: int, share: Decimal) -> int:
    """Answers to gold, or repeats, that come with so many ordinary ones, when `share` of all are such:
    slots x g / (1 - g)."""
    exact = Decimal(slots) * share / (1 - share)
    return int(exact.to_integral_value(rounding=ROUND_CEILING))


def added_answers(planned: int, added: int, share: Decimal) -> int:
    """What an addition of slots adds to them; many small additions cost what one large one does."""
    return share_answers(planned + added, share) - share_answers(planned, share)
