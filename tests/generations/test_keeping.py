"""Collections, the trash and what is deleted for good, and two clips compared."""

import re
from datetime import timedelta
from html import unescape
from uuid import UUID

import pytest
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from generations import bulk, collecting, collection_page, offers, storage
from generations.lifecycle import purge
from generations.models import BulkAction, Collected, Collection, Event, Generation
from generations.tasks import bulk_due, purge_trash
from teams.models import Project
from tests.factories import AccountFactory, GenerationFactory, ProjectFactory, ReadyFactory, SceneFactory

BULK = reverse("generations:bulk")


@pytest.fixture
def scene(project, alice):
    return SceneFactory(project=project, created_by=alice, takes_made=100)


@pytest.fixture
def takes(scene):
    account = AccountFactory(team=scene.project.team)
    return [ReadyFactory(scene=scene, account=account) for _index in range(3)]


@pytest.fixture
def collection(team, alice, takes):
    made = Collection.objects.create(team=team, name="Best of", created_by=alice)
    for place, take in enumerate(takes, start=1):
        Collected.objects.create(collection=made, generation=take, place=place, by=alice)
    return made


def address(name, collection):
    return reverse(f"generations:collection_{name}", args=[collection.uuid])


def order(collection):
    return list(collection.collected.order_by("place", "pk").values_list("generation", flat=True))


def shown(page):
    return [UUID(found) for found in re.findall(r'<article class="take" id="take-([0-9a-f-]+)"', page)]


class TestCollections:
    def test_are_made_listed_and_shown(self, as_alice, project, takes):
        made = as_alice.post(reverse("generations:collection_create"), {"project": project.uuid, "name": "Best of"})
        as_alice.post(
            BULK, {"do": "collect", "take": [t.uuid for t in takes], "collection": Collection.objects.get().uuid}
        )

        page = as_alice.get(made["Location"]).content.decode()

        assert "3 clips" in page
        assert page.count('<article class="take"') == 3

    def test_go_on_page_by_page_in_their_order(self, as_alice, collection, takes, monkeypatch):
        monkeypatch.setattr(collection_page, "PAGE", 2)
        a, b, c = takes

        first = as_alice.get(collection.get_absolute_url()).content.decode()
        further = unescape(re.search(r'href="([^"]+)"[^>]* rel="next"', first)[1])
        page = as_alice.get(further).content.decode()
        fragment = as_alice.get(further, headers={"HX-Request": "true"}).content.decode()

        assert (shown(first), "3 clips" in first) == ([a.uuid, b.uuid], True)
        assert shown(page) == shown(fragment) == [c.uuid]
        assert 'rel="next"' not in page
        assert ("<main" in page, "<main" in fragment) == (True, False)
        assert "That is all." in fragment

    def test_no_page_misses_a_clip_that_was_not_moved(self, as_alice, collection, takes, monkeypatch):
        monkeypatch.setattr(collection_page, "PAGE", 2)
        a, b, c = takes
        first = as_alice.get(collection.get_absolute_url()).content.decode()
        further = unescape(re.search(r'href="([^"]+)"[^>]* rel="next"', first)[1])

        as_alice.post(address("arrange", collection), {"move": b.uuid, "before": a.uuid})

        assert c.uuid in shown(as_alice.get(further).content.decode())

    @pytest.mark.parametrize("before", ["x", "1 1:forged"])
    def test_a_spoilt_cursor_is_the_first_page_with_words(self, as_alice, collection, takes, before):
        page = as_alice.get(collection.get_absolute_url(), {"before": before}).content.decode()

        assert "That place in the list is not known here." in page
        assert len(shown(page)) == 3

    def test_counts_no_further_than_one_action_does(self, as_alice, collection, takes, monkeypatch):
        monkeypatch.setattr(bulk, "MOST", 2)

        assert "2+ clips" in as_alice.get(collection.get_absolute_url()).content.decode()

    def test_are_done_to_and_downloaded_as_a_whole(self, as_alice, client, charlie, collection, takes, project):
        collection.collected.get(generation=takes[0]).delete()
        view = f"collection={collection.uuid}&project={project.uuid}"
        page = as_alice.get(collection.get_absolute_url()).content.decode()
        assert f'<input type="hidden" name="view" value="{escape(view)}">' in page
        assert "All of the collection" in page
        assert f'href="{reverse("generations:bundle")}?{escape(view)}"' in page

        as_alice.post(BULK, {"do": "rate:4", "all": "1", "view": view})
        bulk_due()

        assert [Generation.objects.get(pk=take.pk).rating for take in takes] == [0, 4, 4]
        assert as_alice.get(reverse("generations:bulk_count"), {"view": view}).content == b"2"
        client.force_login(charlie)
        assert client.get(reverse("generations:bulk_count"), {"view": view}).content == b"0"

    def test_the_list_counts_without_the_trash(self, as_alice, project, collection, takes):
        Generation.objects.filter(pk=takes[0].pk).update(trashed_at=timezone.now())

        page = as_alice.get(reverse("generations:collections"), {"project": project.uuid}).content.decode()

        assert "2 clips" in page

    def test_the_list_counts_without_deleted_projects(self, as_alice, team, collection, takes):
        Project.objects.filter(pk=takes[0].project_id).update(deleted_at=timezone.now())
        left = ProjectFactory(team=team)

        page = as_alice.get(reverse("generations:collections"), {"project": left.uuid}).content.decode()

        assert "0 clips" in page

    def test_each_is_found_by_its_name(self, as_alice, project, collection, team, alice, monkeypatch):
        monkeypatch.setattr(offers, "MOST", 1)
        Collection.objects.create(team=team, name="Rain at night", created_by=alice)
        address = reverse("generations:collections")

        cut = as_alice.get(address, {"project": project.uuid}).content.decode()
        found = as_alice.get(address, {"project": project.uuid, "find": "of best"}).content.decode()
        nothing = as_alice.get(address, {"project": project.uuid, "find": "zzz"}).content.decode()

        assert ("Rain at night" in cut, "Best of" in cut, "These are 1 of more." in cut) == (True, False, True)
        assert ("Rain at night" in found, "Best of" in found, "of more" in found) == (False, True, False)
        assert "Nothing has these words in its name." in nothing

    def test_a_new_one_is_named_in_the_bar(self, as_alice, project, takes):
        fields = {"do": "collect", "take": [t.uuid for t in takes], "new_collection": "Fresh", "here": project.uuid}
        as_alice.post(BULK, fields)

        assert order(Collection.objects.get(name="Fresh")) == [take.pk for take in takes]

    def test_one_step_earlier_or_later(self, as_alice, collection, takes):
        a, b, c = takes
        as_alice.post(address("arrange", collection), {"move": c.uuid, "by": "-1"})
        assert order(collection) == [a.pk, c.pk, b.pk]

        as_alice.post(address("arrange", collection), {"move": a.uuid, "by": "1"})
        as_alice.post(address("arrange", collection), {"move": b.uuid, "by": "1"})  # it is the last

        assert order(collection) == [c.pk, a.pk, b.pk]

    def test_a_step_passes_what_is_seen_and_not_the_trash(self, as_alice, collection, takes):
        a, b, c = takes
        Generation.objects.filter(pk=b.pk).update(trashed_at=timezone.now())

        as_alice.post(address("arrange", collection), {"move": c.uuid, "by": "-1"})

        assert order(collection) == [c.pk, a.pk, b.pk]

    def test_before_or_behind_another(self, as_alice, collection, takes):
        a, b, c = takes
        as_alice.post(address("arrange", collection), {"move": c.uuid, "before": a.uuid})
        assert order(collection) == [c.pk, a.pk, b.pk]

        as_alice.post(address("arrange", collection), {"move": c.uuid, "behind": a.uuid})

        assert order(collection) == [a.pk, c.pk, b.pk]

    def test_shared_places_part(self, as_alice, collection, takes):
        a, b, c = takes
        collection.collected.update(place=1)  # an undo may bring one back to a place that was given away

        as_alice.post(address("arrange", collection), {"move": c.uuid, "behind": a.uuid})
        assert order(collection) == [a.pk, c.pk, b.pk]

    @pytest.mark.parametrize("out", [[0], [1], [2], [0, 1], [1, 2], [0, 2], [0, 1, 2]])
    def test_what_was_taken_out_comes_back_to_its_place(self, as_alice, collection, takes, out):
        keys = order(collection)

        as_alice.post(BULK, {"do": "take-out", "take": [takes[n].uuid for n in out], "out_of": collection.uuid})

        assert order(collection) == [key for n, key in enumerate(keys) if n not in out]
        as_alice.post(reverse("generations:bulk_undo", args=[BulkAction.objects.get().uuid]))
        assert order(collection) == keys

    @pytest.mark.parametrize(("out", "came_back"), [([2], "bca"), ([1], "cab"), ([0], "acb")])
    def test_or_behind_the_same_clip_when_the_others_were_arranged_since(
        self, as_alice, collection, takes, out, came_back
    ):
        keys = order(collection)
        as_alice.post(BULK, {"do": "take-out", "take": [takes[n].uuid for n in out], "out_of": collection.uuid})
        first, last = [take for n, take in enumerate(takes) if n not in out]
        as_alice.post(address("arrange", collection), {"move": first.uuid, "behind": last.uuid})

        as_alice.post(reverse("generations:bulk_undo", args=[BulkAction.objects.get().uuid]))

        assert order(collection) == [keys["abc".index(letter)] for letter in came_back]

    def test_or_to_its_old_place_when_that_clip_is_out_too(self, as_alice, collection, takes):
        keys = order(collection)
        for take in (takes[1], takes[0]):
            as_alice.post(BULK, {"do": "take-out", "take": [take.uuid], "out_of": collection.uuid})

        as_alice.post(reverse("generations:bulk_undo", args=[BulkAction.objects.earliest("pk").uuid]))

        assert order(collection) == keys[1:]

    @pytest.mark.parametrize("is_place", [True, False])
    def test_an_undo_that_remembers_less(self, as_alice, collection, takes, is_place):
        keys = order(collection)
        kept = 2 if is_place else [2, keys[0]]
        as_alice.post(BULK, {"do": "take-out", "take": [takes[1].uuid], "out_of": collection.uuid})
        BulkAction.objects.update(before=[[takes[1].pk, kept]])

        as_alice.post(reverse("generations:bulk_undo", args=[BulkAction.objects.get().uuid]))

        assert order(collection) == keys

    def test_are_arranged_and_emptied_at_the_same_moment(self, at_once, collection, scene, alice):
        collecting.collect([ReadyFactory(scene=scene).pk for _index in range(40)], collection, by=alice)
        keys = order(collection)
        uuids = Generation.objects.in_bulk(keys)

        def arrange():
            for _index in range(20):
                collecting.put(collection, uuids[keys[-1]].uuid, uuids[keys[0]].uuid, behind=False)
                collecting.put(collection, uuids[keys[-1]].uuid, uuids[keys[-2]].uuid, behind=True)

        def empty():
            for _index in range(10):
                taken = collecting.take_out(keys[30:20:-1], collection, by=alice)
                collecting.put_back(taken, collection, by=alice)

        at_once(arrange, empty)

        assert order(collection) == keys

    def test_without_script_the_page_comes_back_where_it_was(self, as_alice, collection, takes):
        back = f"{collection.get_absolute_url()}?before=x#take-{takes[2].uuid}"
        moved = {"move": takes[2].uuid, "by": "-1"}

        plain = as_alice.post(address("arrange", collection), moved | {"next": back})
        scripted = as_alice.post(address("arrange", collection), moved, headers={"HX-Request": "true"})

        assert (plain.status_code, plain["Location"]) == (303, back)
        assert scripted.status_code == 204

    @pytest.mark.parametrize("wrong", [{}, {"move": "x", "by": "1"}, {"before": "x"}, {"move": "", "by": "99"}])
    def test_a_senseless_place_gets_words(self, as_alice, collection, wrong):
        assert as_alice.post(address("arrange", collection), wrong).status_code == 409

    def test_what_is_not_in_it_is_not_arranged(self, as_alice, collection, scene, takes):
        other, before = ReadyFactory(scene=scene), order(collection)

        as_alice.post(address("arrange", collection), {"move": other.uuid, "by": "1"})
        as_alice.post(address("arrange", collection), {"move": takes[0].uuid, "behind": other.uuid})

        assert order(collection) == before

    def test_deleting_one_keeps_its_clips(self, as_alice, collection):
        as_alice.post(address("delete", collection))

        assert not Collection.objects.exists()
        assert Generation.objects.kept().count() == 3

    @pytest.mark.parametrize("name", ["", " ", "x" * 81])
    def test_a_bad_name_gets_words(self, as_alice, project, collection, name):
        made = {"project": project.uuid, "name": name}
        assert as_alice.post(address("rename", collection), {"name": name}).status_code == 409
        assert as_alice.post(reverse("generations:collection_create"), made).status_code == 409

    @pytest.mark.parametrize(("who", "sees", "may"), [("bob", 200, 303), ("vera", 200, 403), ("charlie", 404, 404)])
    def test_who_may(self, client, request, project, collection, takes, who, sees, may):
        client.force_login(request.getfixturevalue(who))

        assert client.get(collection.get_absolute_url()).status_code == sees
        assert client.post(address("rename", collection), {"name": "Better"}).status_code == may
        assert client.post(address("arrange", collection), {"move": takes[2].uuid, "by": "-1"}).status_code == may
        assert client.post(address("delete", collection)).status_code == may
        made = client.post(reverse("generations:collection_create"), {"project": project.uuid, "name": "Mine"})
        assert made.status_code == may

    def test_the_list_is_a_few_queries(self, as_alice, project, collection, team, alice, django_assert_max_num_queries):
        for number in range(20):
            Collection.objects.create(team=team, name=f"Shelf {number}", created_by=alice)

        with django_assert_max_num_queries(10):
            as_alice.get(reverse("generations:collections"), {"project": project.uuid})

    def test_a_page_is_a_few_queries(self, as_alice, collection, django_assert_max_num_queries):
        as_alice.get(collection.get_absolute_url())  # the first page of all makes the installation's rows

        with django_assert_max_num_queries(9):
            as_alice.get(collection.get_absolute_url())


class TestTrash:
    def test_lists_what_is_in_it_and_for_how_long(self, as_alice, project, takes):
        as_alice.post(BULK, {"do": "trash", "take": [takes[0].uuid]})

        page = as_alice.get(reverse("generations:trash_list"), {"project": project.uuid}).content.decode()

        assert page.count('<article class="take"') == 1
        assert "left" in page
        assert "4.2" in page  # MB

    def test_counts_nothing_of_a_deleted_project(self, as_alice, team, takes):
        as_alice.post(BULK, {"do": "trash", "take": [takes[0].uuid]})
        Project.objects.filter(pk=takes[0].project_id).update(deleted_at=timezone.now())
        left = ProjectFactory(team=team)

        page = as_alice.get(reverse("generations:trash_list"), {"project": left.uuid}).content.decode()

        assert "4.2" not in page

    def test_is_restored_in_bulk(self, as_alice, project, team, takes):
        as_alice.post(BULK, {"do": "trash", "take": [take.uuid for take in takes]})

        as_alice.post(BULK, {"do": "restore", "all": "1", "view": f"trash={team.uuid}"})
        bulk_due()

        assert Generation.objects.kept().count() == 3

    def test_what_is_restored_leaves_its_page_and_its_undo_brings_it_back(self, as_alice, takes):
        here = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{reverse('generations:trash_list')}?x=1"}
        tile = f'<article class="take" id="take-{takes[0].uuid}" '
        as_alice.post(BULK, {"do": "trash", "take": [takes[0].uuid]})

        restored = as_alice.post(BULK, {"do": "restore", "take": [takes[0].uuid]}, headers=here).content.decode()
        undo = reverse("generations:bulk_undo", args=[BulkAction.objects.latest("pk").uuid])
        undone = as_alice.post(undo, headers=here).content.decode()

        assert f'{tile}hidden hx-swap-oob="true"></article>' in restored
        assert restored.count('<article class="take"') == 1
        assert f"{tile}tabindex" in undone

    def test_elsewhere_a_tile_leaves_with_what_is_trashed(self, as_alice, takes):
        here = {"HX-Request": "true", "HX-Current-URL": f"http://testserver{reverse('generations:studio')}"}

        answer = as_alice.post(BULK, {"do": "trash", "take": [takes[0].uuid]}, headers=here).content.decode()

        assert f'id="take-{takes[0].uuid}" hidden hx-swap-oob="true"></article>' in answer

    @pytest.mark.parametrize(("who", "status"), [("bob", 200), ("vera", 200), ("charlie", 404)])
    def test_who_sees_it(self, client, request, project, who, status):
        client.force_login(request.getfixturevalue(who))

        assert client.get(reverse("generations:trash_list"), {"project": project.uuid}).status_code == status

    @pytest.mark.parametrize(("days", "words"), [(0, "30 days left"), (27.5, "3 days left"), (29.5, "1 day left")])
    def test_says_in_days_how_long_each_is_kept(self, as_alice, project, takes, days, words):
        Generation.objects.filter(pk=takes[0].pk).update(trashed_at=timezone.now() - timedelta(days=days))

        page = as_alice.get(reverse("generations:trash_list"), {"project": project.uuid})

        assert words in page.content.decode()

    @pytest.mark.parametrize("before", ["x", "1:2", "é" * 300])
    def test_a_spoilt_cursor_is_the_first_page_with_words(self, as_alice, project, takes, before):
        as_alice.post(BULK, {"do": "trash", "take": [takes[0].uuid]})

        page = as_alice.get(reverse("generations:trash_list"), {"project": project.uuid, "before": before})

        assert "This is its beginning." in page.content.decode()
        assert len(page.context["cards"]) == 1

    def test_is_a_few_queries(self, as_alice, project, takes, django_assert_max_num_queries):
        as_alice.post(BULK, {"do": "trash", "take": [take.uuid for take in takes]})
        as_alice.get(reverse("generations:trash_list"), {"project": project.uuid})

        with django_assert_max_num_queries(10):
            as_alice.get(reverse("generations:trash_list"), {"project": project.uuid})

    def test_pages_by_keyset(self, as_alice, project, takes, monkeypatch):
        monkeypatch.setattr("generations.views.trash.PAGE", 2)
        as_alice.post(BULK, {"do": "trash", "take": [take.uuid for take in takes]})
        first = as_alice.get(reverse("generations:trash_list"), {"project": project.uuid})

        second = as_alice.get(
            reverse("generations:trash_list"), {"project": project.uuid, "before": first.context["older"]}
        )

        shown = [card.take.pk for page in (first, second) for card in page.context["cards"]]
        assert sorted(shown) == sorted(take.pk for take in takes)
        assert len(first.context["cards"]) == 2


class TestPurge:
    @pytest.fixture
    def clip(self, takes, media_directory, tmp_path):
        """A clip with its objects."""
        take = takes[0]
        for name, size in [("video.mp4", 4000), ("poster.webp", 500)]:
            (tmp_path / name).write_bytes(b"x" * size)
            storage.put_file(
                tmp_path / name, storage.generation_key(take.uuid, name), content_type="video/mp4", storage="local"
            )
        Generation.objects.filter(pk=take.pk).update(video_key=storage.generation_key(take.uuid, "video.mp4"))
        take.refresh_from_db()
        return take

    def old(self, take, days=31):
        Generation.objects.filter(pk=take.pk).update(trashed_at=timezone.now() - timedelta(days=days))

    def test_after_30_days_objects_go_and_the_row_stays(self, clip):
        child = GenerationFactory(scene=clip.scene, parent=clip, account=clip.account)
        self.old(clip)

        purge_trash()

        clip.refresh_from_db()
        child.refresh_from_db()
        assert clip.purged_at is not None
        assert (clip.storage, clip.video_size, clip.cost) == ("", None, 0.5)
        assert list(storage.iter_keys("local", f"generations/{clip.uuid}/")) == []
        assert child.parent == clip
        assert Event.objects.filter(generation=clip, kind="purged").exists()

    def test_not_before(self, clip):
        self.old(clip, days=29)

        assert purge.sweep() == 0
        assert storage.exists("local", clip.video_key)

    def test_not_while_a_worker_has_it_or_outside_of_the_trash(self, clip):
        assert purge.purge(clip) is None
        self.old(clip)
        Generation.objects.filter(pk=clip.pk).update(due_at=timezone.now())

        assert purge.sweep() == 0
        assert storage.exists("local", clip.video_key)

    def test_says_how_much_is_free_again(self, as_alice, clip):
        as_alice.post(BULK, {"do": "trash", "take": [clip.uuid]})
        as_alice.post(BULK, {"do": "purge", "take": [clip.uuid]})
        action = BulkAction.objects.get(verb="purge")
        assert not action.is_finished  # the storage is not asked within a request

        bulk_due()

        page = as_alice.get(reverse("generations:bulk_progress", args=[action.uuid])).content.decode()
        assert "1 take deleted for good." in page
        assert "4.4\xa0KB are free again." in page
        assert "Undo" not in page

    def test_its_page_keeps_the_recipe_and_its_video_says_so(self, as_alice, clip):
        self.old(clip)
        purge.sweep()

        page = as_alice.get(clip.get_absolute_url()).content.decode()

        assert "deleted for good" in page
        assert clip.prompt in page
        assert "<video" not in page
        assert as_alice.get(reverse("generations:video", args=[clip.uuid])).status_code == 409
        assert as_alice.get(reverse("generations:poster", args=[clip.uuid])).status_code == 404
        assert as_alice.post(reverse("generations:restore", args=[clip.uuid])).status_code == 409

    def test_a_refusing_storage_is_asked_again(self, clip, monkeypatch):
        self.old(clip)

        def refuse(*args):
            raise storage.StorageRefused("no", transient=True)

        with monkeypatch.context() as patch:
            patch.setattr(storage, "delete", refuse)
            assert purge.sweep() == 0
        clip.refresh_from_db()
        assert clip.purged_at is not None

        assert purge.sweep() == 4500
        assert purge.sweep() == 0

    @pytest.mark.parametrize("who", ["vera", "charlie"])
    def test_not_by_others(self, client, request, clip, who):
        self.old(clip)
        client.force_login(request.getfixturevalue(who))
        client.post(BULK, {"do": "purge", "take": [clip.uuid]})

        bulk_due()

        assert storage.exists("local", clip.video_key)


class TestCompare:
    URL = reverse("generations:compare")

    def test_shows_only_what_differs(self, as_alice, takes):
        a, b = takes[:2]
        Generation.objects.filter(pk=b.pk).update(
            seed=77, sent_prompt="A small fishing boat leaves the harbour at noon"
        )

        page = as_alice.get(self.URL, {"take": [a.uuid, b.uuid]}).content.decode()

        assert "<del>blue hour</del>" in page
        assert "<ins>noon</ins>" in page
        assert '<th scope="row">Seed</th>' in page
        assert '<th scope="row">Size</th>' not in page

    def test_says_what_one_of_them_has_none_of(self, as_alice, takes):
        a, b = takes[:2]
        Generation.objects.filter(pk=b.pk).update(negative_prompt="blur")

        page = as_alice.get(self.URL, {"take": [a.uuid, b.uuid]}).content.decode()

        assert '<th scope="row">Keep out</th><td>none</td><td><ins>blur</ins></td>' in page

    def test_leads_back_to_the_view_that_they_were_selected_in(self, as_alice, takes, project):
        view = f"project={project.uuid}&show=clips&sort=longest"

        page = as_alice.get(self.URL, {"take": [take.uuid for take in takes[:2]], "in": view}).content.decode()

        assert f'id="way-back" href="/studio/?{view.replace("&", "&amp;")}"' in page

    def test_chinese_is_marked_by_character(self, as_alice, takes):
        for take, prompt in zip(takes, ["夜晚的港口", "清晨的港口"], strict=False):
            Generation.objects.filter(pk=take.pk).update(sent_prompt=prompt)

        page = as_alice.get(self.URL, {"take": [take.uuid for take in takes[:2]]}).content.decode()

        assert "<del>夜晚</del>的港口" in page
        assert "<ins>清晨</ins>的港口" in page

    @pytest.mark.parametrize("count", [0, 1])
    def test_two_are_needed(self, as_alice, takes, count):
        response = as_alice.get(self.URL, {"take": [take.uuid for take in takes[:count]]})

        assert response.status_code == 409
        assert "Select two" in response.content.decode()

    def test_unfinished_ones_are_refused(self, as_alice, takes, scene):
        waiting = GenerationFactory(scene=scene, account=takes[0].account)

        assert as_alice.get(self.URL, {"take": [takes[0].uuid, waiting.uuid]}).status_code == 409

    def test_stranger_gets_404_viewer_the_page(self, client, charlie, vera, takes):
        for person, status in [(charlie, 404), (vera, 200)]:
            client.force_login(person)
            assert client.get(self.URL, {"take": [take.uuid for take in takes[:2]]}).status_code == status
        foreign = ReadyFactory(scene=SceneFactory(project=ProjectFactory()))
        assert client.get(self.URL, {"take": [takes[0].uuid, foreign.uuid]}).status_code == 404
        assert client.get(self.URL, {"take": ["x", "y"]}).status_code == 404

    def test_is_a_few_queries(self, as_alice, takes, django_assert_max_num_queries):
        as_alice.get(self.URL, {"take": [take.uuid for take in takes[:2]]})

        with django_assert_max_num_queries(10):
            as_alice.get(self.URL, {"take": [take.uuid for take in takes[:2]]})
