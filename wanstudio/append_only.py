"""Books: rows are added, and neither rewritten nor taken back, whoever asks.

`Collector`, fixtures that are loaded, and the tests' flush go past this, as a database's own hand does; administration
does not.
"""

from __future__ import annotations

from typing import Any, NoReturn, TypeVar

from django.db import models

M = TypeVar("M", bound=models.Model)


class AppendOnlyQuerySet(models.QuerySet[M]):
    def update(self, **fields: Any) -> NoReturn:
        raise TypeError("What happened is not rewritten.")

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("What happened is not rewritten.")

    def bulk_create(self, *args: Any, update_conflicts: bool = False, **kwargs: Any) -> list[M]:
        if update_conflicts:
            raise TypeError("What happened is not rewritten.")
        return super().bulk_create(*args, **kwargs)

    def delete(self) -> NoReturn:
        raise TypeError("What happened is not taken back.")

    delete.alters_data = True  # type: ignore[attr-defined]
    delete.queryset_only = True  # type: ignore[attr-defined]


class AppendOnly(models.Model):
    """Its `objects` are an AppendOnlyQuerySet's; relations and Django itself get one, too."""

    objects = AppendOnlyQuerySet["Any"].as_manager()

    class Meta:
        abstract = True
        base_manager_name = "objects"

    def save_base(self, *args: Any, **kwargs: Any) -> None:
        """What `save` comes down to."""
        if not self._state.adding:
            raise TypeError("What happened is not rewritten.")
        super().save_base(*args, **kwargs | {"force_insert": True})  # a key that is taken is an error, too

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("What happened is not taken back.")
