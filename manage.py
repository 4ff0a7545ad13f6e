#!/usr/bin/env python
"""Django's commands. `make help` lists the usual ones."""

import os
import sys


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "crowd.settings")
    from django.core.management import execute_from_command_line
    from django.db import OperationalError

    from crowd.kernel.environment import BadEnvironment

    try:
        execute_from_command_line(sys.argv)
    except BadEnvironment as error:
        sys.exit(f"{error}.")
    except OperationalError as error:
        sys.exit(f"The database does not answer: {error}")


if __name__ == "__main__":
    main()
