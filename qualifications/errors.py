"""What can go wrong with qualifications and their tests."""

from django.utils.translation import gettext_lazy as _

from crowd.kernel.errors import BadInput, Conflict, NotAllowed


class SystemQualification(NotAllowed):
    code = "system_qualification"
    default = _("The site keeps this qualification itself: its value is read from the worker.")


class NameTaken(Conflict):
    code = "name_taken"
    default = _("There is a qualification of this name already.")


class BadRows(BadInput):
    """`rows` lists every bad row as {"row": number, "column": name, "reason": sentence}; nothing was granted."""

    code = "bad_rows"
    default = _("Some rows are wrong; nothing was granted.")


class NotNow(Conflict):
    """The worker may not take the test (again), or not yet; `retry_at` says when, where there is a when."""

    code = "test_not_now"
    default = _("You cannot take this test now.")


class PayChanged(Conflict):
    """Between reading what a try pays and beginning it, it became something else."""

    code = "test_pay_changed"
    default = _("What this test pays has just changed: look at it again before you begin.")


class AtOnceOrTest(Conflict):
    """As on Mechanical Turk a qualification has a test or is granted to whoever asks, not both."""

    code = "test_or_at_once"
    default = _("A qualification that is granted at once has no test, and one with a test is not granted at once.")


class OneByOne(Conflict):
    """A training is answered item by item; an exam is handed in whole."""

    code = "one_by_one"
    default = _("A training is answered one item after the other, an exam all at once.")


class SiteNotTrusted(BadInput):
    """`site` is whom the record names."""

    code = "site_not_trusted"
    default = _("This site takes no records from there.")


class AttemptOver(Conflict):
    """Too late: an attempt out of time is not graded."""

    code = "attempt_over"
    default = _("The time for this test is over.")


class AlreadySubmitted(Conflict):
    """Other answers than those that were graded; `stored` holds those."""

    code = "already_submitted"
    default = _("This attempt was handed in already, with other answers.")
