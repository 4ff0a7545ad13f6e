"""An organisation's money, and whom it does not want."""

from tests.api.cases.case import MONEY, WHY, Case, of

PURSE = [
    Case("get", "balances", "colleague"),
    Case("get", "statement", "colleague", query="currency=USD"),
    Case("get", "deposits", "colleague"),
    Case("get", "withdrawals", "colleague"),
    Case("post", "withdrawals", "owner", 201, MONEY),
    Case("post", "test-money", "owner", 201, {"amount": "5"}),
    Case("get", "blocks", "colleague"),
    Case("post", "blocks", "colleague", 201, WHY | {"worker": of("pseudonym")}),
    Case("delete", "block", "colleague", 204),
]
