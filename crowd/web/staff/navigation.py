"""The links of the staff's area: title and name of the address."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

LINKS: list[tuple[str | Promise, str]] = [
    (_("Today"), "web:staff:today"),
    (_("Deposits"), "web:staff:deposits"),
    (_("Payouts"), "web:staff:payouts"),
    (_("Appeals"), "web:staff:appeals"),
    (_("Help"), "web:staff:help"),
    (_("Workers"), "web:staff:workers"),
    (_("Requesters"), "web:staff:requesters"),
    (_("Qualifications"), "web:staff:qualifications"),
    (_("Rules"), "web:staff:rules"),
    (_("Ledger"), "web:staff:ledger"),
    (_("Jobs"), "web:staff:jobs"),
    (_("Audit log"), "web:staff:audit"),
]
# Pages of an area whose address does not begin like that of its link.
BELONG = {
    **dict.fromkeys(("announcements", "board", "complaints", "threads"), "web:staff:help"),
    **{"corrections": "web:staff:ledger", "withdrawals": "web:staff:deposits"},
    **{"projects": "web:staff:requesters", "rejections": "web:staff:appeals", "requests": "web:staff:qualifications"},
}
