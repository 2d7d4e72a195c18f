"""`python -m reader` is `protocol-reader`."""

import sys

from reader.start import main

sys.exit(main())
