"""What a provider is given, once, and what it says came of it."""

import csv
import hashlib
import io
from datetime import timedelta

import pytest
from pytest_django.fixtures import Settings

from crowd.kernel import clock
from crowd.kernel.transitions import WrongState
from crowd.payouts import access, jobs, providers, queries
from crowd.payouts.errors import BadResults, NoFile
from crowd.payouts.models import Batch, Payout
from crowd.payouts.providers import Line
from crowd.payouts.services import batches, outcome, sending
from crowd.payouts.states import BatchState, PayoutState
from crowd.users.models import AuditEntry, User
from tests.make import make_payout_profile
from tests.payouts.batches.batching import UNIT, all_is_well, available, results_of
from workers.models import Worker


class TestFile:
    def rows(self, staff: User, batch: Batch) -> list[list[str]]:
        text = sending.download(actor=staff, batch_id=batch.pk).content.decode()
        return list(csv.reader(io.StringIO(text)))

    def test_says_whom_to_pay_what(self, staff: User, sent: Batch, payouts: list[Payout]) -> None:
        one, other = (payout.pk for payout in payouts)
        address = "Hauptstrasse 1, 10115 Berlin"
        assert self.rows(staff, sent) == [
            ["reference", "name", "address", "country", "method", "destination", "amount", "currency"],
            [f"P{one}", "Wanda Worker", address, "DE", "bank_transfer", "DE89370400440532013000", "10.00", "USD"],
            [f"P{other}", "Otto Other", address, "DE", "paypal", "other@pay.example", "10.00", "USD"],
        ]

    def test_is_the_same_bytes_at_every_download(self, staff: User, sent: Batch, worker: Worker) -> None:
        first = sending.download(actor=staff, batch_id=sent.pk)
        make_payout_profile(worker, legal_name="Wanda Married")
        clock.advance(timedelta(days=3))
        second = sending.download(actor=staff, batch_id=sent.pk)

        assert first == second
        assert hashlib.sha256(first.content).hexdigest() == first.sha256 == sent.file_sha256
        assert AuditEntry.objects.filter(action="download_batch", actor=staff).count() == 2

    def test_is_stored_encrypted(self, sent: Batch) -> None:
        stored = bytes(Batch.objects.get(pk=sent.pk).file or b"")

        assert stored
        assert b"Wanda" not in stored

    def test_is_there_only_once_it_was_sent(self, staff: User, built: Batch) -> None:
        with pytest.raises(NoFile):
            sending.download(actor=staff, batch_id=built.pk)

    def test_is_sent_once(self, staff: User, sent: Batch) -> None:
        with pytest.raises(WrongState):
            sending.send(actor=staff, batch_id=sent.pk)

    def test_a_crash_while_it_is_built_leaves_the_batch_to_be_sent_again(
        self, staff: User, other_staff: User, built: Batch, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        batches.approve(actor=other_staff, batch_id=built.pk)
        with monkeypatch.context() as patch:
            patch.setattr(batches, "move", lambda *args: 1 / 0)  # after the file, before the payouts
            with pytest.raises(ZeroDivisionError):
                sending.send(actor=staff, batch_id=built.pk)

        batch = Batch.objects.get(pk=built.pk)
        assert (batch.state, batch.file, batch.file_sha256) == (BatchState.APPROVED, None, "")
        assert sending.send(actor=staff, batch_id=built.pk).state == BatchState.SENT
        all_is_well()

    def test_a_spreadsheet_sees_no_formula_in_it(self) -> None:
        line = Line("P1", "=cmd|' /C calc'!A0", "@home, 1", "DE", "paypal", "+x@example.org", 1_234_560_000, "USD")

        _head, row = csv.reader(io.StringIO(providers.get("csv").build([line])))

        assert row == [
            "P1",
            "'=cmd|' /C calc'!A0",
            "'@home, 1",
            "DE",
            "paypal",
            "'+x@example.org",
            "1234.56",
            "USD",
        ]

    def test_amounts_have_the_coins_digits(self) -> None:
        def amount(micros: int, currency: str) -> str:
            line = Line("P1", "A", "B", "JP", "paypal", "x@example.org", micros, currency)
            return providers.get("csv").build([line]).splitlines()[1].split(",")[6]

        assert amount(1_200_000_000, "JPY") == "1200"
        assert amount(1_234_000, "KWD") == "1.234"
        assert amount(100_000_000, "USD") == "100.00"

    def test_is_forgotten_when_the_law_no_longer_wants_it(
        self, staff: User, sent: Batch, payouts: list[Payout], settings: Settings
    ) -> None:
        settings.CROWD_PAYOUT_RECORD_DAYS = 30
        for payout in payouts:
            outcome.confirm(actor=staff, payout_id=payout.pk)
        clock.advance(timedelta(days=29))
        assert jobs.forget_files() == 0
        clock.advance(timedelta(days=2))
        assert jobs.forget_files() == 1

        with pytest.raises(NoFile):
            sending.download(actor=staff, batch_id=sent.pk)
        all_is_well()


def test_records_are_kept_for_a_time_after_the_last_payout_ended(
    staff: User, sent: Batch, worker: Worker, payouts: list[Payout], settings: Settings
) -> None:
    settings.CROWD_PAYOUT_RECORD_DAYS = 30
    assert queries.records_until(worker.user) is None

    ended = outcome.confirm(actor=staff, payout_id=payouts[0].pk)

    assert ended.finished_at
    assert queries.records_until(worker.user) == ended.finished_at + timedelta(days=30)


class TestResults:
    def test_confirm_and_fail_many_at_once(
        self, staff: User, sent: Batch, payouts: list[Payout], other_worker: Worker
    ) -> None:
        one, other = (payout.pk for payout in payouts)
        text = results_of(f"P{one},confirmed,BANK 1,", f"P{other},Failed,,no such account")

        report = outcome.take_results(actor=staff, batch_id=sent.pk, text=text)

        assert (report.confirmed, report.failed, report.known) == (1, 1, 0)
        assert available(other_worker) == 10 * UNIT
        assert access.batch_for(staff, sent.pk).state == BatchState.SETTLED
        paid = Payout.objects.get(pk=one)
        assert (paid.state, paid.provider_reference) == (PayoutState.CONFIRMED, "BANK 1")
        all_is_well()

    def test_the_same_file_again_changes_nothing(self, staff: User, sent: Batch, payouts: list[Payout]) -> None:
        text = results_of(*[f"P{payout.pk},confirmed,," for payout in payouts])
        outcome.take_results(actor=staff, batch_id=sent.pk, text=text)

        report = outcome.take_results(actor=staff, batch_id=sent.pk, text=text)

        assert (report.confirmed, report.failed, report.known) == (0, 0, 2)
        all_is_well()

    def test_every_bad_row_is_named_and_nothing_is_taken_over(
        self, staff: User, sent: Batch, payouts: list[Payout]
    ) -> None:
        one = payouts[0].pk
        with pytest.raises(BadResults) as refusal:
            outcome.take_results(
                actor=staff,
                batch_id=sent.pk,
                text=results_of(f"P{one},confirmed,,", f"P{one},failed,,changed my mind", "P999999,confirmed,,"),
            )

        assert set(refusal.value.data["errors"]) == {"row 3", "row 4"}
        assert Payout.objects.get(pk=one).state == PayoutState.SENT

    @pytest.mark.parametrize(
        ("text", "place"),
        [
            ("", "row 1"),
            ("reference,outcome\nP1,confirmed", "row 1"),
            ("reference,result", "row 2"),
            ("reference,result\nP1,perhaps", "row 2"),
            ("reference,result,reason\nP1,failed,", "row 2"),
            ("reference,result\nP1,confirmed,extra", "row 2"),
            ('reference,result\n"P1,confirmed', "row 2"),
        ],
    )
    def test_a_bad_file_is_refused_with_its_place(self, staff: User, sent: Batch, text: str, place: str) -> None:
        with pytest.raises(BadResults) as refusal:
            outcome.take_results(actor=staff, batch_id=sent.pk, text=text)
        assert list(refusal.value.data["errors"]) == [place]

    def test_a_result_that_contradicts_an_earlier_one_is_refused(
        self, staff: User, sent: Batch, payouts: list[Payout]
    ) -> None:
        outcome.confirm(actor=staff, payout_id=payouts[0].pk)

        with pytest.raises(BadResults):
            outcome.take_results(actor=staff, batch_id=sent.pk, text=results_of(f"P{payouts[0].pk},failed,,no"))

    def test_a_file_with_a_byte_order_mark_is_read(self, staff: User, sent: Batch, payouts: list[Payout]) -> None:
        text = "\ufeff" + results_of(f"P{payouts[0].pk},confirmed,,")

        assert outcome.take_results(actor=staff, batch_id=sent.pk, text=text).confirmed == 1

    def test_there_are_none_before_it_was_sent(self, staff: User, built: Batch, payouts: list[Payout]) -> None:
        with pytest.raises(WrongState):
            outcome.take_results(actor=staff, batch_id=built.pk, text=results_of(f"P{payouts[0].pk},confirmed,,"))
