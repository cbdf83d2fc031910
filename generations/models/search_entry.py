from __future__ import annotations

from django.db import models


class SearchEntry(models.Model):
    """What a take is found by. `generations.search` writes it; the database keeps a full text index over it.

    `scope` and `terms` are words with single spaces between them, `text` is what was written, normalised.
    """

    take = models.OneToOneField("Generation", on_delete=models.CASCADE, primary_key=True, related_name="search_entry")
    scope = models.CharField(max_length=80)
    terms = models.TextField()
    text = models.TextField()

    class Meta:
        verbose_name = "search entry"
        verbose_name_plural = "search entries"

    def __str__(self) -> str:
        return self.text[:60]
