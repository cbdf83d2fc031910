from __future__ import annotations


def key_of(account: int) -> str:
    """The simulator takes every key for an account of its own."""
    return f"sk-bench-{account:04d}"
