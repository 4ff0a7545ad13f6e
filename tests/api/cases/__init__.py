"""Every address with every method: who may, what he sends, and what he is answered. Several tests read this table."""

from tests.api.cases.case import Case as Case
from tests.api.cases.money import PURSE
from tests.api.cases.people import PEOPLE
from tests.api.cases.projects import PROJECTS
from tests.api.cases.qualifications import QUALIFICATIONS
from tests.api.cases.results import RESULTS
from tests.api.cases.staff import STAFF
from tests.api.cases.work import WORK

CASES = [*PEOPLE, *WORK, *QUALIFICATIONS, *PROJECTS, *RESULTS, *PURSE, *STAFF]
# The address itself is the key: whoever has it may; or everybody may know.
OPEN_TO_ALL = {"media", "record-key", "label-config-schema", "schema", "docs", "nowhere"}
