"""`python -m crowd.quality ANSWERS.csv`: aggregate a file of answers without Django."""

import argparse
import sys

from crowd.quality.command import add_arguments, aggregate


def main() -> int:
    """Exit status 0, or 1 with one line that says what is wrong."""
    parser = argparse.ArgumentParser(prog="python -m crowd.quality", description="Merge a crowd's answers.")
    add_arguments(parser)
    asked = parser.parse_args()
    try:
        aggregate(
            asked.answers,
            method=asked.method,
            gold=asked.gold,
            output=asked.output,
            workers=asked.workers,
            progress=sys.stderr,
        )
    except (ValueError, OSError) as error:
        print(f"\naggregate: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
