"""What was paid, done and moved is added to books that nobody rewrites, administration neither."""

import pytest
from django.contrib.admin import site
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from generations.models import Event, LedgerEntry
from teams.models import Activity
from tests.generations.pressing import press_once

BOOKS = [LedgerEntry, Event, Activity]


@pytest.fixture(params=BOOKS, ids=lambda model: model.__name__)
def row(request, alice, project):
    """A press writes one of each."""
    press_once(user=alice, project=project)
    return request.param.objects.get()


class TestBooks:
    @pytest.mark.parametrize(
        "rewrite",
        [
            lambda row: row.save(),
            lambda row: row.save(update_fields=["at"]),
            lambda row: type(row).objects.update(at=None),
            lambda row: type(row).objects.filter(pk=row.pk).update(at=None),
            lambda row: type(row).objects.update_or_create(pk=row.pk, defaults={"at": None}),
            lambda row: type(row).objects.bulk_update([row], ["at"]),
            lambda row: type(row).objects.bulk_create(
                [row], update_conflicts=True, unique_fields=["pk"], update_fields=["at"]
            ),
            lambda row: row.save_base(raw=True),
            lambda row: type(row)._base_manager.update(at=None),
            lambda row: type(row)._base_manager.filter(pk=row.pk).delete(),
            lambda row: row.delete(),
            lambda row: type(row).objects.filter(pk=row.pk).delete(),
            lambda row: type(row).objects.all().delete(),
        ],
    )
    def test_are_neither_rewritten_nor_taken_back(self, row, rewrite):
        before = type(row).objects.values().get()

        with pytest.raises(TypeError, match="What happened is not"):
            rewrite(row)

        assert type(row).objects.values().get() == before

    def test_nor_under_a_key_that_is_taken(self, row):
        before = type(row).objects.values().get()
        other = type(row)(**before | {"at": timezone.now()})

        with pytest.raises(IntegrityError), transaction.atomic():
            other.save()

        assert type(row).objects.values().get() == before

    def test_only_of_activities_some_are_forgotten(self):
        assert [model for model in BOOKS if hasattr(model.objects.all(), "forget")] == [Activity]

    def test_through_their_places_neither(self, alice, project):
        take = press_once(user=alice, project=project)

        for book in (take.ledger, take.events, project.activities):
            with pytest.raises(TypeError):
                book.all().delete()
            with pytest.raises(TypeError):
                book.update(at=None)

    def test_nor_put_in_another_place(self, alice, project):
        take, other = (press_once(user=alice, project=project) for _ in range(2))

        for book, there in ((take.ledger, other.ledger), (take.events, other.events)):
            for how in ({}, {"bulk": False}):
                with pytest.raises(TypeError), transaction.atomic():
                    there.add(*book.all(), **how)
            with pytest.raises(TypeError), transaction.atomic():
                there.set(book.all())

        assert [row.generation for row in take.ledger.all()] == [take]

    @pytest.mark.parametrize("model", BOOKS)
    def test_are_no_pages_of_administration(self, model):
        assert model not in site._registry

    def test_of_a_take_are_only_read_on_its_page_there(self, client, alice, charlie, project):
        take = press_once(user=alice, project=project)
        charlie.is_staff = charlie.is_superuser = True
        charlie.save()
        client.force_login(charlie)

        page = client.get(reverse("admin:generations_generation_change", args=[take.pk])).content.decode()

        assert "events-0-kind" not in page
        assert "events-0-DELETE" not in page
