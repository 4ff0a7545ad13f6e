"""A CSV file for the bank's mass payment form, and a CSV file of results back."""

import csv
import io
from collections.abc import Sequence

from django.utils.translation import gettext as _

from crowd.kernel import money
from crowd.payouts.errors import BadResults
from crowd.payouts.providers.base import Line, Result
from workers.payout_fields import METHODS

COLUMNS = ["reference", "name", "address", "country", "method", "destination", "amount", "currency"]
NEEDED = {"reference", "result"}
PAID = {"confirmed": True, "failed": False}
LONGEST = {"provider_reference": 200, "reason": 1000}
# What makes a spreadsheet take a cell for a formula. The payout profile refuses such values; this is the second wall.
FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class CsvBatch:
    code = "csv"
    methods = frozenset(METHODS)
    extension = "csv"
    content_type = "text/csv; charset=utf-8"

    def build(self, lines: Sequence[Line]) -> str:
        """UTF-8, comma, CRLF, one row a payout: reference, name, ..., amount with the coin's digits, currency."""
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\r\n")
        writer.writerow(COLUMNS)
        for line in lines:
            writer.writerow([_safe(cell) for cell in _cells(line)])
        return out.getvalue()

    def read_results(self, text: str) -> list[Result]:
        """Columns reference and result (confirmed, failed); provider_reference and reason where there are any."""
        reader = csv.DictReader(io.StringIO(text.removeprefix("\ufeff")), restkey="", restval="", strict=True)
        faults: dict[str, str] = {}
        results: list[Result] = []
        try:
            if missing := sorted(NEEDED - set(reader.fieldnames or [])):
                raise BadResults(errors={"row 1": _("The column %(name)s is missing.") % {"name": missing[0]}})
            for number, row in enumerate(reader, start=2):
                fault = _fault(row)
                if fault is None:
                    results.append(_result(number, row))
                else:
                    faults[f"row {number}"] = fault
        except csv.Error as error:
            faults[f"row {len(results) + len(faults) + 2}"] = _("This is not CSV: %(error)s") % {"error": error}
        if not results and not faults:
            faults["row 2"] = _("There is no row.")
        if faults:
            raise BadResults(errors=faults)
        return results


def _cells(line: Line) -> list[str]:
    amount = f"{money.decimal(line.amount_micros):.{money.minor_digits(line.currency)}f}"
    return [
        line.reference,
        line.name,
        line.address,
        line.country,
        line.method,
        line.destination,
        amount,
        line.currency,
    ]


def _safe(cell: str) -> str:
    return f"'{cell}" if cell.startswith(FORMULA) else cell


def _fault(row: dict[str, str]) -> str | None:
    if "" in row:
        return _("This row has more cells than the first one has names.")
    if row["result"].strip().lower() not in PAID:
        return _("The result is confirmed or failed.")
    if row["result"].strip().lower() == "failed" and not row.get("reason", "").strip():
        return _("Please say why it failed: the worker reads it.")
    for name, longest in LONGEST.items():
        if len(row.get(name, "")) > longest:
            return _("%(name)s has at most %(most)s characters.") % {"name": name, "most": longest}
    return None


def _result(number: int, row: dict[str, str]) -> Result:
    return Result(
        row=number,
        reference=row["reference"].strip(),
        paid=PAID[row["result"].strip().lower()],
        provider_reference=row.get("provider_reference", "").strip(),
        reason=row.get("reason", "").strip(),
    )
