from __future__ import annotations

from decimal import Decimal

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.contrib.admin import site
from django.core import mail
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from generations import usage
from generations.lifecycle import account_checks
from generations.models import AccountCheck, Event, SubmitAttempt, Switchboard, WanAccount
from outbox.models import Mail
from teams import inviting
from teams.models import Activity
from teams.telling import entries
from tests.factories import (
    AccountFactory,
    AudioFactory,
    BudgetFactory,
    GenerationFactory,
    ReadyFactory,
    TeamFactory,
    UserFactory,
)
from tests.form_of import form_of
from wanstudio.admin_pages import CappedPaginator, CarefulAdmin, TouchedFields

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

    def test_says_whose_it_is(self, admin):
        response = admin.get(reverse("admin:index"))

        assert "<title>Site administration | Wan Studio administration</title>" in response.content.decode()


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

    def test_tell_all_facts_of_the_row(self, admin):
        facts = {"task_id": "task-4712", "seed": 77, "failure_message": "Odd words", "cost": "0.5"}
        take = ReadyFactory(video_sha256="b" * 64, **facts)

        html = admin.get(change(take)).content.decode()

        for fact in ("task-4712", "77", "Odd words", take.video_key, take.video_sha256, str(take.uuid), "0.5000"):
            assert fact in html

    def test_one_takes_few_queries_however_much_happened(self, admin, take, alice):
        def queries():
            with CaptureQueriesContext(connection) as asked:
                admin.get(change(take))
            return len(asked)

        queries()  # the first page of all looks up what kinds of rows there are
        before = queries()
        for _ in range(5):
            Event.objects.create(generation=take, kind="pressed", actor=alice)
        assert queries() == before <= 20

    def test_are_not_sorted_by_columns_without_an_index(self, admin, take):
        with CaptureQueriesContext(connection) as asked:
            admin.get(page("generation"), {"o": "5.-3"})

        assert not [one for one in asked if 'ORDER BY "accounts_user"' in one["sql"] or 'ORDER BY "team' in one["sql"]]

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

    def test_leave_alone_what_a_worker_writes_meanwhile(self, admin, account, monkeypatch):
        def clean(form):
            WanAccount.objects.update(submit_fence=7, breaker="billing")
            return form.cleaned_data

        monkeypatch.setattr("generations.admin.AccountForm.clean", clean)

        admin.post(change(account), filled(account, name="Renamed"))

        account.refresh_from_db()
        assert (account.name, account.submit_fence, account.breaker) == ("Renamed", 7, "billing")

    def test_of_the_installation_have_own_prices(self, admin):
        account = WanAccount.objects.installation()

        admin.post(change(account), filled(account, own_price_720p="0.09"))

        account.refresh_from_db()
        assert account.price_per_second("wan2.7-t2v", "720P") == Decimal("0.09")

    def test_keep_no_price_of_another_currency(self, admin, account):
        WanAccount.objects.update(own_price_720p="0.09")

        response = admin.post(change(account), filled(account, region="beijing", own_price_720p="0.0900"))

        account.refresh_from_db()
        assert "save without it, and enter it then." in response.content.decode()
        assert account.region == "singapore"

    def test_take_the_same_number_in_another_currency_in_two_steps(self, admin, account):
        WanAccount.objects.update(own_price_720p="0.09")

        admin.post(change(account), filled(account, region="beijing"))
        account.refresh_from_db()
        admin.post(change(account), filled(account, own_price_720p="0.09"))

        account.refresh_from_db()
        assert (account.region, account.own_price_720p) == ("beijing", Decimal("0.09"))
        told = [
            entry.text.replace("\xa0", " ") for entry in entries(Activity.objects.of_team(account.team).order_by("pk"))
        ]
        assert [words.partition(": ")[2] for words in told] == [
            "720P from US$ 0.09 to the list price of CN¥ 0.60",
            "720P from the list price of CN¥ 0.60 to CN¥ 0.09",
        ]

    def test_are_tried_again_at_a_press(self, admin):
        account = AccountFactory(breaker="billing", held_until=timezone.now() + timezone.timedelta(hours=1))

        admin.post(page("wanaccount"), {"action": "try_again_now", "_selected_action": [account.pk]})

        account.refresh_from_db()
        assert account.breaker_probe_at <= timezone.now()
        assert account.held_until is None

    def test_are_never_deleted(self, admin, account):
        admin.post(reverse("admin:generations_wanaccount_delete", args=[account.pk]), {"post": "yes"})

        assert WanAccount.objects.filter(pk=account.pk).exists()


class TestAllowance:
    @pytest.fixture
    def says(self, admin, team):
        """What the page of the team says once it is saved as it is, or with other values."""

        def says(**values):
            address = reverse("admin:teams_team_change", args=[team.pk])
            response = admin.post(address, form_of(admin.get(address).content.decode(), "team_form") | values)
            assert response.status_code == 302, response.context["errors"]
            return [str(message) for message in messages.get_messages(response.wsgi_request)]

        return says

    def test_of_a_budget_in_another_currency_is_told(self, says, team):
        BudgetFactory(team=team, amount=100, currency="CNY")

        assert says()[0].startswith(
            "Budgets that limit no account that bills in US$: The team (CN¥\xa0100.00). They are"
        )

    def test_without_a_budget_in_its_currency_is_told(self, says, team):
        team.budgets.update(currency="CNY")

        assert any(words.startswith("Without a budget in US$ on the installation's account") for words in says())

    def test_that_binds_is_quiet(self, says):
        assert len(says()) == 1

    def test_that_is_taken_away_is_quiet(self, says, team):
        BudgetFactory(team=team, amount=100, currency="CNY")

        assert len(says(uses_installation_account="")) == 1


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


class TestSounds:
    def test_are_found_by_name_and_id(self, admin):
        audio, _other = AudioFactory(name="harbour.mp3"), AudioFactory(name="dunes.mp3")

        for term in ("harb", str(audio.uuid), f" {audio.uuid.hex} "):
            html = admin.get(page("audioupload"), {"q": term}).content.decode()
            assert change(audio) in html
            assert "1 audio" in html

    def test_are_looked_at(self, admin):
        html = admin.get(change(AudioFactory(sha256="a" * 64))).content.decode()

        assert "a" * 64 in html


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

    def test_every_list_can_be_searched(self, admin):
        for model in site._registry:
            name = f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist"
            assert admin.get(reverse(name), {"q": "harbour"}, follow=True).status_code == 200, name

    def test_no_page_shows_what_lets_somebody_in(self, admin, alice):
        totp = TOTP.activate(alice, "ABCDEFGHIJKLMNOP").instance
        session = UserSession.objects.create(user=alice, session_key="k" * 32, ip="127.0.0.1", user_agent="A browser")

        pages = [
            admin.get(reverse(f"admin:{name}_change", args=[row.pk])).content.decode()
            for name, row in (("mfa_authenticator", totp), ("usersessions_usersession", session))
        ]

        assert "Authenticator" in pages[0]
        assert "secret" not in pages[0]
        assert "A browser" in pages[1]
        assert session.session_key not in pages[1]

    def test_a_lost_second_factor_can_be_taken_away(self, admin, alice, settings):
        """With its recovery codes, and its person is told."""
        settings.ACCOUNT_EMAIL_NOTIFICATIONS = True
        EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
        totp = TOTP.activate(alice, "ABCDEFGHIJKLMNOP").instance
        RecoveryCodes.activate(alice)

        admin.post(reverse("admin:mfa_authenticator_delete", args=[totp.pk]), {"post": "yes"})

        assert not Authenticator.objects.exists()
        assert mail.outbox[0].to == [alice.email]

    def test_are_made_and_ended_in_the_studio_only(self, admin, alice, team, project):
        for row in (alice, team, project):
            name = f"admin:{row._meta.app_label}_{row._meta.model_name}"
            assert admin.get(reverse(f"{name}_add")).status_code == 403
            assert admin.post(reverse(f"{name}_delete", args=[row.pk]), {"post": "yes"}).status_code == 403

    def test_a_project_is_renamed_and_never_moved(self, admin, project, team):
        address = reverse("admin:teams_project_change", args=[project.pk])

        admin.post(address, {"name": "Harbour", "description": "", "team": TeamFactory().pk})

        project.refresh_from_db()
        assert (project.name, project.team) == ("Harbour", team)

    def test_whose_address_changed_signs_in_with_the_new_one_only(self, admin, alice):
        EmailAddress.objects.create(user=alice, email=alice.email, primary=True, verified=True)
        form = {"email": "Alice@new.example", "name": "Alice", "theme": "dark", "is_active": "on"} | no_rows(
            "memberships"
        )

        assert admin.post(reverse("admin:accounts_user_change", args=[alice.pk]), form).status_code == 302

        assert [one.email for one in EmailAddress.objects.filter(user=alice)] == ["alice@new.example"]

    @pytest.fixture
    def shut_out(self, admin):
        def shut_out(person):
            form = {"email": person.email, "name": person.name, "theme": "dark"} | no_rows("memberships")
            page = admin.post(reverse("admin:accounts_user_change", args=[person.pk]), form).content.decode()
            person.refresh_from_db()
            return page

        return shut_out

    def test_who_alone_owns_a_team_of_others_is_not_shut_out(self, shut_out, admin, alice, bob, team):
        assert f"{team.name}: nobody else who can sign in owns this." in shut_out(alice)
        assert alice.is_active

        team.memberships.filter(user=bob).update(role="owner")
        shut_out(alice)
        assert not alice.is_active
        assert f"{team.name}: nobody else" in shut_out(bob)

    def test_who_works_alone_is_shut_out(self, shut_out, alice, bob, vera, team):
        for person in (bob, vera, alice):  # nobody is left who would miss an owner
            shut_out(person)
            assert not person.is_active

    def test_whoever_is_shut_out_comes_back_by_no_invitation(self, shut_out, bob, charlie, team):
        team.memberships.filter(user=bob).update(role="owner")
        _letter, link = inviting.invite(team, "bobs.other@example.com", "owner", by=bob)

        shut_out(bob)

        with pytest.raises(inviting.Refused, match="withdrawn"):
            inviting.accept(link.rstrip("/").rpartition("/")[2], charlie)

    def test_who_owns_a_deleted_team_is_shut_out(self, shut_out, alice, team):
        team.deleted_at = timezone.now()
        team.save()

        shut_out(alice)

        assert not alice.is_active

    def test_keep_an_administrator(self, admin, charlie, alice):
        form = {"email": charlie.email, "name": "Charlie", "theme": "dark", "is_active": "on"} | no_rows("memberships")
        address = reverse("admin:accounts_user_change", args=[charlie.pk])

        assert "the last administrator" in admin.post(address, form).content.decode()
        alice.is_staff = alice.is_superuser = True
        alice.save()
        assert admin.post(address, form).status_code == 302

        charlie.refresh_from_db()
        assert not charlie.is_superuser

    def test_two_who_demote_each_other_leave_one(self, at_once):
        admins = [UserFactory(is_staff=True, is_superuser=True) for _number in range(2)]

        def demote(by, whom):
            client = Client()
            client.force_login(by)
            form = {"email": whom.email, "name": "", "theme": "dark", "is_active": "on"} | no_rows("memberships")
            return client.post(reverse("admin:accounts_user_change", args=[whom.pk]), form).status_code

        at_once(lambda: demote(*admins), lambda: demote(*reversed(admins)))

        assert User.objects.administrators().count() == 1


def no_rows(prefix):
    return {f"{prefix}-TOTAL_FORMS": "0", f"{prefix}-INITIAL_FORMS": "0"}


class TestTeam:
    @pytest.fixture
    def post(self, admin, team):
        """Saves the team with these members: (membership, role, is to go)."""

        def post(rows, **more):
            form = {"name": team.name, "time_zone": ""} | no_rows("budgets")
            form |= {"memberships-TOTAL_FORMS": len(rows), "memberships-INITIAL_FORMS": len(rows)}
            for index, (row, role, goes) in enumerate(rows):
                form |= {f"memberships-{index}-{name}": value for name, value in (("id", row.pk), ("role", role))}
                form |= {f"memberships-{index}-user": row.user_id, f"memberships-{index}-team": team.pk}
                form |= {f"memberships-{index}-DELETE": "on"} if goes else {}
            return admin.post(reverse("admin:teams_team_change", args=[team.pk]), form | more)

        return post

    def test_keeps_an_owner(self, post, team, alice, bob):
        owner, editor = (team.memberships.get(user=person) for person in (alice, bob))

        for rows in ([(owner, "editor", False)], [(owner, "owner", True)]):
            assert "keeps at least one owner" in post(rows).content.decode()
        assert post([(owner, "editor", False), (editor, "owner", False)]).status_code == 302

        assert team.memberships.get(user=bob).role == "owner"
        assert team.memberships.get(user=alice).role == "editor"

    def test_keeps_an_owner_who_can_sign_in(self, post, team, alice, bob):
        owner, editor = (team.memberships.get(user=person) for person in (alice, bob))
        bob.is_active = False
        bob.save()

        page = post([(owner, "editor", False), (editor, "owner", False)]).content.decode()

        assert "an owner who can sign in" in page
        assert team.memberships.get(user=alice).role == "owner"

    def test_withdraws_what_an_owner_of_before_sent(self, post, team, alice, bob):
        sent, _link = inviting.invite(team, "alices.other@example.com", "owner", by=alice)
        owner, editor = (team.memberships.get(user=person) for person in (alice, bob))

        post([(owner, "editor", False), (editor, "owner", False)])

        sent.refresh_from_db()
        assert sent.revoked_at

    def test_a_budget_says_who_set_it(self, post, team, alice, charlie):
        budget = {"scope": "installation", "currency": "USD", "month": "2026-11-01", "amount": "20", "warn_at": "80"}
        given = {f"budgets-0-{name}": value for name, value in (budget | {"team": team.pk}).items()}

        response = post([(team.memberships.get(user=alice), "owner", False)], **given, **{"budgets-TOTAL_FORMS": "1"})

        assert response.status_code == 302
        assert team.budgets.get(amount=20).set_by == charlie

    def test_nobody_loses_their_own_space(self, admin, alice, bob):
        mine = alice.personal_team
        form = {"name": mine.name, "time_zone": ""} | no_rows("budgets")
        hers = {"id": mine.memberships.get().pk, "team": mine.pk, "role": "editor"}
        his = {"user": bob.pk, "team": mine.pk, "role": "owner"}
        form |= {"memberships-TOTAL_FORMS": "2", "memberships-INITIAL_FORMS": "1"}
        form |= {f"memberships-{index}-{name}": row[name] for index, row in enumerate((hers, his)) for name in row}

        page = admin.post(reverse("admin:teams_team_change", args=[mine.pk]), form)

        assert "Nobody loses their own space." in page.content.decode()
        assert mine.memberships.get().user == alice

    def test_a_membership_stays_its_persons(self, post, team, alice, bob):
        row = team.memberships.get(user=alice)
        row.user = UserFactory()

        assert post([(row, "owner", False)]).status_code == 302

        assert team.memberships.get(pk=row.pk).user == alice

    def test_its_page_asks_no_more_for_many_members(self, admin, team):
        def queries():
            with CaptureQueriesContext(connection) as asked:
                assert admin.get(reverse("admin:teams_team_change", args=[team.pk])).status_code == 200
            return len(asked)

        queries()
        before = queries()
        for person in UserFactory.create_batch(8):
            team.memberships.create(user=person, role="viewer")

        assert queries() == before


class TestPageThatWasOpen:
    """What somebody else, or a worker, has written since is left alone; what was typed is written."""

    @pytest.fixture
    def save(self, admin):
        """`save(row, verb, **typed)`: `verb` happens while the page is open."""

        def save(row, verb, **typed):
            address = reverse(f"admin:{row._meta.app_label}_{row._meta.model_name}_change", args=[row.pk])
            shown = form_of(admin.get(address).content.decode(), f"{row._meta.model_name}_form")
            verb()
            response = admin.post(address, shown | typed)
            assert response.status_code == 302, response.content.decode()
            row.refresh_from_db()
            return row

        return save

    def test_of_a_person(self, save, bob):
        def changes():
            User.objects.filter(pk=bob.pk).update(name="Robert", password="new", is_active=False, theme="light")

        save(bob, changes, time_zone="Asia/Tokyo")

        assert (bob.time_zone, bob.name, bob.password) == ("Asia/Tokyo", "Robert", "new")
        assert (bob.is_active, bob.theme) == (False, "light")

    def test_of_a_team_its_members_and_budgets(self, save, alice, bob, team):
        budget = BudgetFactory(team=team, amount=50, warn_at=80)

        def changes():
            team.memberships.filter(user=bob).update(role="viewer")
            type(team).objects.filter(pk=team.pk).update(name="Night crew")
            type(budget).objects.filter(pk=budget.pk).update(amount=20)

        budgets = [row.pk for row in team.budgets.order_by("pk")]
        save(team, changes, time_zone="Asia/Tokyo", **{f"budgets-{budgets.index(budget.pk)}-warn_at": 60})

        budget.refresh_from_db()
        assert (team.name, team.time_zone) == ("Night crew", "Asia/Tokyo")
        assert team.memberships.get(user=bob).role == "viewer"
        assert (budget.amount, budget.warn_at, budget.set_by.email) == (20, 60, "charlie@example.com")

    def test_of_a_team_keeps_it_the_owner_that_it_has_by_now(self, admin, alice, bob, team):
        team.memberships.filter(user=bob).update(role="owner")
        address = reverse("admin:teams_team_change", args=[team.pk])
        shown = form_of(admin.get(address).content.decode(), "team_form")
        key = str(team.memberships.get(user=bob).pk)
        bobs = next(n for n in range(3) if shown[f"memberships-{n}-id"] == key)
        team.memberships.filter(user=alice).update(role="viewer")

        page = admin.post(address, shown | {f"memberships-{bobs}-role": "viewer"}).content.decode()

        assert "A team keeps at least one owner." in page
        assert [row.user for row in team.memberships.filter(role="owner")] == [bob]

    def test_of_an_account(self, save, team):
        account = AccountFactory(team=team)

        def changes():
            WanAccount.objects.filter(pk=account.pk).update(
                running_limit=2, own_price_720p=Decimal("0.3"), breaker="key", encrypted_key=b"new"
            )

        save(account, changes, name="Harbour's")

        assert (account.name, account.running_limit, account.own_price_720p) == ("Harbour's", 2, Decimal("0.3"))
        assert (account.breaker, bytes(account.encrypted_key)) == ("key", b"new")
        assert not Activity.objects.filter(verb="account_priced").exists()

    def test_of_the_switch(self, save):
        board = Switchboard.load()

        save(board, lambda: Switchboard.objects.update(submitting=False, storage_refused_since=timezone.now()))

        assert (board.submitting, board.storage_refused_since is None) == (False, False)

    def test_of_a_letter(self, save, db):
        letter = Mail.objects.create(recipients="a@example.com", created_at=timezone.now(), due_at=timezone.now())

        save(letter, lambda: Mail.objects.update(sent_at=timezone.now(), due_at=None, tries=1))

        assert (letter.due_at, letter.tries, letter.sent_at is None) == (None, 1, False)

    def test_is_so_on_each_page_where_anything_is_changed(self, rf, charlie):
        charlie.is_staff = charlie.is_superuser = True
        request = rf.get("/")
        request.user = charlie
        pages = [page for page in site._registry.values() if page.has_change_permission(request)]
        within = [inline for page in pages for inline in page.get_inline_instances(request)]

        assert [page for page in pages if not isinstance(page, CarefulAdmin)] == []
        assert [
            row for row in within if row.has_change_permission(request) and not isinstance(row, TouchedFields)
        ] == []
