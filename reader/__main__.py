"""`python -m reader` is `protocol-reader`."""

import sys

from reader.cli import main

sys.exit(main())
