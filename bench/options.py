from __future__ import annotations

import sys

QUICK = "--quick" in sys.argv[1:]
