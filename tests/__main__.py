"""python -m tests [options of pytest]: the suite; stops afterwards what it started of the tests' own PostgreSQL."""

import sys

from crowd.kernel.postgres.__main__ import main
from tests import settings  # noqa: F401 - says where that PostgreSQL is

sys.exit(main(["hold", sys.executable, "-m", "pytest", *sys.argv[1:]]))
