"""A retake answers a comment: it is made from it, points to it, and the comment shows it."""

import uuid

import pytest

from generations.lifecycle import press as pressing
from generations.lifecycle import trash
from generations.models import Generation, Origin
from screenings.models import Comment, Retake
from tests.factories import AccountFactory, MembershipFactory, ProjectFactory, ReadyFactory, SceneFactory, TeamFactory

SHOTS = [{"text": "The harbour wakes", "seconds": 2}, {"text": "A rope", "seconds": 3}]


@pytest.fixture
def take(clip, project):
    AccountFactory(team=project.team)
    return clip(number=4)


@pytest.fixture
def comment(take, bob):
    return Comment.objects.create(generation=take, person=bob, second=3.2, text="Slower <b>here</b>")


@pytest.fixture
def press(as_alice, take, comment):
    def press(**values):
        named = {"parent": str(take.uuid), "origin": "retake", "comment": str(comment.uuid)}
        data = {"prompt": "Slower", "project": str(take.project.uuid), "press": str(uuid.uuid4())}
        return as_alice.post("/generations/", data | named | values)

    return press


def page(client, take):
    return client.get(take.get_absolute_url()).content.decode()


class TestComposer:
    def test_is_opened_from_the_comment_with_the_shot_it_speaks_of(self, as_alice, take, comment):
        Generation.objects.filter(pk=take.pk).update(shots=SHOTS)
        address = f"/studio/?from={take.uuid}&amp;use=retake&amp;shot=2&amp;comment={comment.uuid}#composer"
        assert address in page(as_alice, take)

        composer = as_alice.get(address.replace("&amp;", "&")).context["composer"]

        assert (composer.kin.parent, composer.kin.origin, composer.kin.comment) == (take, Origin.RETAKE, comment)
        assert composer.kin_note == f"A retake of take 4, {take.scene.name}, for a comment by {comment.name}"
        assert [shot["locked"] for shot in composer.shots.initial] == [True, False]

    def test_a_comment_on_the_whole_clip_leaves_every_shot_open(self, as_alice, take, comment):
        Generation.objects.filter(pk=take.pk).update(shots=SHOTS)
        Comment.objects.update(second=None)

        assert f"use=retake&amp;comment={comment.uuid}" in page(as_alice, take)
        query = {"from": str(take.uuid), "use": "retake", "comment": str(comment.uuid)}
        composer = as_alice.get("/studio/", query).context["composer"]
        assert not any(shot.get("locked") for shot in composer.shots.initial)

    @pytest.mark.parametrize("named", ["", "nonsense", "\0", "49eb6146-b956-4956-b6f4-34a5bcec5c0a"])
    def test_of_no_comment_is_a_plain_retake(self, as_alice, take, named):
        response = as_alice.get("/studio/", {"from": str(take.uuid), "use": "retake", "comment": named})

        assert response.context["composer"].kin.comment is None

    def test_stays_with_a_form_that_is_refused_and_ends_when_let_go(self, press, comment):
        assert f'name="comment" value="{comment.uuid}"' in press(duration="99").content.decode()
        assert f'name="comment" value="{comment.uuid}"' not in press(do="forget-kin").content.decode()


class TestAnswer:
    def test_points_to_the_comment_and_is_shown_there(self, press, as_alice, take, comment):
        press(takes="2")

        first, second = Generation.objects.filter(parent=take).order_by("pk")
        assert set(comment.retakes.values_list("generation", flat=True)) == {first.pk, second.pk}
        said = page(as_alice, take)
        assert f"Answered by take {first.number}<small>Waiting here" in said
        assert f'href="{second.get_absolute_url()}"' in said
        answer = page(as_alice, first)
        assert f"A retake for {comment.name}’s comment on take 4" in answer
        assert "Slower &lt;b&gt;here&lt;/b&gt;" in answer
        assert f"{take.get_absolute_url()}#c-{comment.uuid}" in answer

    def test_the_next_press_without_script_answers_it_too(self, press, as_alice, comment):
        again = as_alice.get(press()["Location"])

        assert again.context["composer"].kin.comment == comment

    def test_a_comment_of_another_take_or_within_a_thread_is_not_linked(self, press, clip, bob, take, comment):
        other = Comment.objects.create(generation=clip(), person=bob, text="There")
        within = Comment.objects.create(generation=take, person=bob, text="Yes", parent=comment)

        for named in (other, within):
            assert press(comment=str(named.uuid)).status_code == 303

        assert Generation.objects.filter(parent=take).count() == 2
        assert not Retake.objects.exists()

    def test_a_comment_that_is_taken_away_meanwhile_is_not_linked(self, press, take, comment, monkeypatch):
        rows = pressing._rows

        def rows_after(*args, **named):
            Comment.objects.filter(pk=comment.pk).delete()
            return rows(*args, **named)

        monkeypatch.setattr(pressing, "_rows", rows_after)

        assert press().status_code == 303
        assert Generation.objects.filter(parent=take).exists()
        assert not Retake.objects.exists()

    def test_a_trashed_retake_is_not_shown(self, press, as_alice, alice, take):
        press()
        retake = ReadyFactory(scene=take.scene, number=9, parent=take, origin="retake")
        Retake.objects.create(generation=retake, comment=Comment.objects.get())
        assert "Answered by take 9" in page(as_alice, take)

        trash.trash(retake, by=alice)

        assert "Answered by take 9" not in page(as_alice, take)


class TestWhoMay:
    def test_viewers_see_the_answer_and_make_none(self, press, client, vera, take):
        press()
        client.force_login(vera)

        said = page(client, take)

        assert "Answered by take" in said
        assert "Retake for this comment" not in said

    def test_nobody_sees_an_answer_in_a_team_that_is_closed_to_them(self, as_alice, client, alice, bob, take, comment):
        away = TeamFactory()
        MembershipFactory(team=away, user=alice)
        scene = SceneFactory(project=ProjectFactory(team=away), created_by=alice)
        retake = ReadyFactory(scene=scene, number=77, parent=take, origin="retake")
        Retake.objects.create(generation=retake, comment=comment)
        assert "Answered by take 77" in page(as_alice, take)

        client.force_login(bob)

        assert "Answered by take 77" not in page(client, take)

    def test_who_does_not_see_the_comment_reads_nothing_of_it(self, client, charlie, comment):
        scene = SceneFactory(project=ProjectFactory(team=TeamFactory()), created_by=charlie)
        MembershipFactory(team=scene.project.team, user=charlie)
        retake = ReadyFactory(scene=scene, origin="retake")
        Retake.objects.create(generation=retake, comment=comment)
        client.force_login(charlie)

        assert "Slower &lt;b" not in page(client, retake)

    def test_a_links_visitors_see_no_answer(self, press, visitor, share, take):
        link = share(take)
        Comment.objects.update(link=link)
        press()

        said = visitor.get(link.address).content.decode()

        assert "Slower" in said
        assert "Answered by" not in said
