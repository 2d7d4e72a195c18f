"""Imports hashlib and asyncio without OpenSSL, which would cost each start of the app 5 ms and 6 MB.

The app makes no connections of its own and hashes little. Both modules do without OpenSSL, as in a Python that was
built without it, and what needs it later can import it. This file has no effect on modules that are imported before it.
"""

import sys
from importlib import import_module


def import_asyncio() -> None:
    """Import asyncio, before the app does."""
    _import_without("ssl", "asyncio")


def _import_without(missing: str, name: str) -> None:
    """Import the module `name` as if the module `missing` could not be imported."""
    if missing in sys.modules:
        return
    sys.modules[missing] = None  # type: ignore[assignment]  # as the language reference has it
    try:
        import_module(name)
    finally:
        del sys.modules[missing]


_import_without("_hashlib", "hashlib")
