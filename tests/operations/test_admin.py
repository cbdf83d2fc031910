from __future__ import annotations

import pytest
from django.urls import reverse
from django.utils import timezone

from generations import usage
from generations.lifecycle import account_checks
from generations.models import AccountCheck, Event, SubmitAttempt, Switchboard, WanAccount
from tests.factories import AccountFactory, AudioFactory, GenerationFactory, ReadyFactory, UserFactory
from wanstudio.admin_pages import CappedPaginator

pytestmark = pytest.mark.django_db
KEY = "sk-0123456789abcdef"
MODELS = ["generation", "wanaccount", "switchboard", "audioupload"]


@pytest.fixture
def admin(client, charlie):
    charlie.is_staff = charlie.is_superuser = True
    charlie.save()
    client.force_login(charlie)
    return client


@pytest.fixture
def account(team, region):
    """A team's account at a Wan that knows the new key only."""
    return AccountFactory(team=team, origin=region(KEY).base_url)


def change(row):
    return reverse(f"admin:generations_{row._meta.model_name}_change", args=[row.pk])


def page(name):
    return reverse(f"admin:generations_{name}_changelist")


def filled(account, **fields):
    names = ["name", "region", "workspace_id", "origin", "creates_per_second", "running_limit", "pending_limit"]
    form = {name: getattr(account, name) for name in [*names, "queries_per_second"]}
    return form | {"team": account.team_id or "", "new_key": ""} | fields


class TestAccess:
    @pytest.mark.parametrize("name", MODELS)
    def test_is_for_administrators_only(self, as_alice, name):
        response = as_alice.get(page(name))

        assert response.status_code == 302
        assert "/admin/login/" in response["Location"]

    @pytest.mark.parametrize("name", MODELS)
    def test_is_granted_to_them(self, admin, name):
        assert admin.get(page(name), follow=True).status_code == 200


class TestTakes:
    @pytest.fixture
    def take(self):
        take = GenerationFactory(prompt="A kite over the marsh", task_id="task-4711", result_url="https://signed/")
        Event.objects.create(generation=take, kind="pressed")
        SubmitAttempt.objects.create(
            generation=take, account=take.account, fence=1, started_at=timezone.now(), code="Throttling.User"
        )
        return take

    @pytest.mark.parametrize("term", ["task-4711", "kite", "{uuid}", " {uuid} "])
    def test_are_found_by_ids_and_words(self, admin, take, term):
        GenerationFactory(prompt="Something else")

        html = admin.get(page("generation"), {"q": term.format(uuid=take.uuid)}).content.decode()

        assert change(take) in html
        assert "1 take" in html

    @pytest.mark.parametrize("term", ["-kite", '"', "AND", "*", "x" * 10_000, "%", "风筝 -海边"])
    def test_odd_words_find_nothing_and_break_nothing(self, admin, take, term):
        response = admin.get(page("generation"), {"q": term})

        assert response.status_code == 200
        assert change(take) not in response.content.decode()

    def test_are_counted_to_a_limit(self, admin, monkeypatch):
        monkeypatch.setattr(CappedPaginator, "MOST", 3)
        for _ in range(5):
            GenerationFactory()

        assert "3+ takes" in admin.get(page("generation")).content.decode()

    def test_are_filtered_by_status_and_account(self, admin, take):
        ReadyFactory()

        html = admin.get(
            page("generation"), {"status": "queued", "account__id__exact": take.account.pk}
        ).content.decode()

        assert "1 take" in html

    def test_show_what_happened_and_each_attempt(self, admin, take):
        html = admin.get(change(take)).content.decode()

        assert "Generate was pressed" in html
        assert "Throttling.User" in html

    def test_hide_the_signed_address_of_the_result(self, admin, take):
        assert "https://signed/" not in admin.get(change(take)).content.decode()

    def test_are_never_changed_added_or_deleted_here(self, admin, take):
        assert admin.post(change(take), {"status": "ready"}).status_code == 403
        assert admin.get(reverse("admin:generations_generation_add")).status_code == 403
        assert admin.post(reverse("admin:generations_generation_delete", args=[take.pk])).status_code == 403

    def test_are_listed_with_a_few_queries(self, admin, django_assert_max_num_queries):
        for _ in range(10):
            GenerationFactory()

        with django_assert_max_num_queries(12):
            admin.get(page("generation"))


class TestWanAccounts:
    def test_take_a_key_once_a_worker_found_it_right_and_never_show_it(self, admin, account):
        response = admin.post(change(account), filled(account, new_key=KEY))

        assert response.status_code == 302
        assert "Being tried" in admin.get(change(account)).content.decode()
        account.refresh_from_db()
        assert account.api_key == ""
        account_checks.sweep()
        account.refresh_from_db()
        assert account.api_key == KEY
        html = admin.get(change(account)).content.decode()
        assert "Key, region and model are right." in html
        assert KEY not in html
        assert KEY.encode() not in bytes(account.encrypted_key)

    def test_new_ones_are_tried_with_their_key_at_once(self, admin, team, region):
        add = reverse("admin:generations_wanaccount_add")
        account = AccountFactory.build(team=team, origin=region(KEY).base_url)

        assert admin.post(add, filled(account, new_key=KEY)).status_code == 302

        made = WanAccount.objects.get()
        account_checks.sweep()
        assert made.api_key == KEY
        assert AccountCheck.objects.get(account=made).is_fine

    def test_ask_nobody_while_the_page_is_served(self, admin, team, region):
        wan = region(KEY)
        account = AccountFactory(team=team, origin=wan.base_url)

        admin.post(change(account), filled(account, new_key=KEY))

        assert wan.asked == []

    def test_keep_the_key_when_none_is_given(self, admin, account):
        account.set_api_key(KEY)
        account.save()

        admin.post(change(account), filled(account, name="Renamed"))

        account.refresh_from_db()
        assert (account.name, account.api_key) == ("Renamed", KEY)

    def test_keep_the_old_key_when_wan_refuses_the_new_one(self, admin, account):
        admin.post(change(account), filled(account, new_key="sk-mistyped-123"))
        account_checks.sweep()

        html = admin.get(change(account)).content.decode()
        account.refresh_from_db()
        assert "Wan refuses the key" in html
        assert "sk-mistyped" not in html
        assert account.encrypted_key is None

    def test_refuse_a_key_with_blanks(self, admin, account):
        html = admin.post(change(account), filled(account, new_key="sk one")).content.decode()

        assert "A key has no blanks in it" in html

    def test_refuse_a_key_of_another_wan_account(self, admin, team, generate, way, simulator):
        account = AccountFactory(team=team, origin=simulator.base_url)
        account.set_api_key(KEY)
        account.save()
        take = way.until(generate(), "ready")
        assert take.account_id == account.pk
        simulator.expire(take.task_id)  # to another account's key it looks as if it had never been

        admin.post(change(account), filled(account, new_key="sk-of-others-123"))
        account_checks.sweep()

        account.refresh_from_db()
        assert account.api_key == KEY
        assert "another Wan account" in admin.get(change(account)).content.decode()

    def test_of_the_installation_take_no_key(self, admin):
        account = AccountFactory(team=None)

        html = admin.post(change(account), filled(account, new_key=KEY)).content.decode()

        assert "DASHSCOPE_API_KEY" in html

    def test_stay_what_they_are_once_used(self, admin, account):
        GenerationFactory(account=account)

        admin.post(change(account), filled(account, region="beijing", origin="https://elsewhere.example/api/v1"))

        account.refresh_from_db()
        assert account.region == "singapore"
        assert "elsewhere" not in account.origin

    def test_may_be_corrected_before(self, admin, account):
        admin.post(change(account), filled(account, region="beijing"))

        account.refresh_from_db()
        assert account.region == "beijing"

    def test_are_tried_again_at_a_press(self, admin):
        account = AccountFactory(breaker="billing", held_until=timezone.now() + timezone.timedelta(hours=1))

        admin.post(page("wanaccount"), {"action": "try_again_now", "_selected_action": [account.pk]})

        account.refresh_from_db()
        assert account.breaker_probe_at <= timezone.now()
        assert account.held_until is None

    def test_are_never_deleted(self, admin, account):
        admin.post(reverse("admin:generations_wanaccount_delete", args=[account.pk]), {"post": "yes"})

        assert WanAccount.objects.filter(pk=account.pk).exists()


class TestSwitchboard:
    def test_stops_and_starts_sending(self, admin):
        board = Switchboard.load()

        admin.post(change(board), {})
        board.refresh_from_db()
        assert board.submitting is False

        admin.post(change(board), {"submitting": "on"})
        board.refresh_from_db()
        assert board.submitting is True


class TestStoredBytes:
    @pytest.fixture
    def stored(self, project):
        ReadyFactory(scene__project=project, video_size=3 << 20)
        ReadyFactory(scene__project=project, video_size=4 << 20)
        AudioFactory(project=project, size=1 << 20)
        ReadyFactory(video_size=1 << 40)

    def test_are_those_of_the_team_alone(self, stored, team):
        assert usage.stored_bytes(team) == 8 << 20

    def test_are_measured_once_in_five_minutes(self, stored, team, project, django_assert_num_queries):
        usage.stored_bytes(team)
        ReadyFactory(scene__project=project, video_size=4 << 20)

        assert usage.stored_bytes(team) == 8 << 20

    def test_are_shown_beside_each_team(self, admin, stored):
        html = admin.get(reverse("admin:teams_team_changelist")).content.decode()

        assert "8.0\xa0MB" in html
        assert "1.0\xa0TB" in html


class TestPeopleAndTeams:
    def test_a_person_is_found_with_her_teams(self, admin, alice, team):
        html = admin.get(reverse("admin:accounts_user_changelist"), {"q": "alice@"}).content.decode()
        detail = admin.get(reverse("admin:accounts_user_change", args=[alice.pk])).content.decode()

        assert "1 person" in html
        assert team.name in detail

    @pytest.mark.parametrize("name", ["accounts_user", "teams_team", "teams_project"])
    def test_are_listed_with_a_few_queries(self, admin, name, django_assert_max_num_queries):
        for _ in range(10):
            UserFactory()

        with django_assert_max_num_queries(12):
            admin.get(reverse(f"admin:{name}_changelist"))
