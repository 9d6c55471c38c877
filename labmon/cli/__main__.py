"""Runs the command line: `python -m labmon.cli`."""

import sys

from labmon.cli import main

if __name__ == "__main__":
    sys.exit(main())
