import re
from datetime import timedelta

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.contrib.sessions.models import Session
from django.core import mail
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from generations.lifecycle import tidy
from teams.models import Membership, Project
from tests.factories import UserFactory
from wanstudio.context import Studio

PASSWORD = "harbour-lamp-42"
OF_SECOND_FACTOR = [
    "/accounts/2fa/",
    "/accounts/2fa/totp/deactivate/",
    "/accounts/2fa/recovery-codes/",
    "/accounts/2fa/recovery-codes/generate/",
    "/accounts/2fa/webauthn/",
    "/accounts/2fa/webauthn/keys/{key}/edit/",
    "/accounts/2fa/webauthn/keys/{key}/remove/",
    "/accounts/2fa/reauthenticate/",
]


@pytest.fixture
def anna(db):
    return User.objects.create_user("anna@example.com", PASSWORD, name="Anna")


def sign_in(client, email="anna@example.com", password=PASSWORD, **data):
    return client.post(reverse("account_login"), {"login": email, "password": password, **data})


def sign_up(client, email="new@example.com", password=PASSWORD):
    return client.post(reverse("account_signup"), {"email": email, "password1": password})


class TestExpiredSessions:
    def test_are_swept(self, client, anna):
        client.force_login(anna)
        Session.objects.create(session_key="old", session_data="", expire_date=timezone.now() - timedelta(minutes=1))

        tidy.sweep()

        assert Session.objects.count() == 1


class TestSessionEnds:
    """A form is sent from a page whose session has ended meanwhile."""

    @pytest.fixture
    def send(self, client, project):
        def send(page, name="projects:defaults"):
            address = reverse(name, args=[project.uuid])
            page = page.format(project=project.uuid)
            return client.post(address, {"text": "Long thought"}, headers={"referer": page} if page else {})

        return send

    @pytest.mark.parametrize("page", ["/studio/?project={project}&q=sea", "/projects/{project}/settings"])
    def test_leads_back_to_the_page_of_the_form(self, send, client, anna, project, page):
        response = send(f"http://testserver{page}")
        asked = client.get(response["Location"])

        page = page.format(project=project.uuid)
        assert response.status_code == 302
        assert "what you wrote or pressed was not sent" in asked.content.decode()
        assert sign_in(client, next=asked.context["redirect_field_value"])["Location"] == page

    def test_leads_back_behind_a_proxy_that_nobody_trusts_yet(self, send, settings):
        """The browser names the studio's own address, the request that of the server behind it."""
        settings.STUDIO_BASE_URL = "https://studio.example"

        assert send("https://studio.example/teams/")["Location"].endswith("?next=/teams/")

    @pytest.mark.parametrize(
        "page",
        [
            "",
            "https://evil.example/studio/trash/",
            "http://testserver//evil.example/",
            "http://testserver/nowhere",
            "http://testserver/projects/{project}/defaults",
        ],
    )
    def test_leads_to_the_studio_where_that_page_is_none(self, send, page):
        assert send(page)["Location"] == f"{reverse('account_login')}?next=/studio/"


class TestSignIn:
    def test_by_email_and_password(self, client, anna):
        response = sign_in(client)

        assert response["Location"] == reverse("generations:studio")
        assert client.session["_auth_user_id"] == str(anna.pk)

    def test_goes_where_one_wanted_to(self, client, anna):
        assert sign_in(client, next="/accounts/profile/")["Location"] == "/accounts/profile/"

    def test_never_to_another_site(self, client, anna):
        assert "evil" not in sign_in(client, next="https://evil.example/")["Location"]

    def test_wrong_password_is_said_at_the_field(self, client, anna):
        response = sign_in(client, password="wrong-password-1")

        assert response.status_code == 200
        assert 'role="alert"' in response.content.decode()

    def test_closed_account_is_told(self, client, anna):
        User.objects.update(is_active=False)

        response = client.get(sign_in(client)["Location"])

        assert "This account is closed." in response.content.decode()

    def test_sign_out_needs_a_press(self, client, anna):
        client.force_login(anna)
        client.get(reverse("account_logout"))
        assert "_auth_user_id" in client.session

        client.post(reverse("account_logout"))
        assert "_auth_user_id" not in client.session

    def test_page_has_labels_instead_of_placeholders(self, client, db):
        page = client.get(reverse("account_login")).content.decode()

        assert "placeholder" not in page
        assert page.count("<label") == 2


class TestSignUp:
    def test_makes_personal_team_and_first_project(self, client, anna):
        response = sign_up(client)

        person = User.objects.get(email="new@example.com")
        assert response["Location"] == reverse("generations:studio")
        assert Membership.objects.get(user=person).role == "owner"
        assert Project.objects.get(team__personal_of=person).name
        assert not person.is_superuser

    def test_first_account_with_a_real_key_administers(self, client, db, settings):
        settings.STUDIO_OPEN_SIGNUP = False

        sign_up(client)

        assert User.objects.get().is_superuser

    def test_nobody_administers_a_demo_by_signing_up(self, client, db, settings):
        settings.STUDIO_DEMO = True

        sign_up(client)

        assert not User.objects.get().is_superuser

    def test_closed_to_the_second(self, client, anna, settings):
        settings.STUDIO_OPEN_SIGNUP = False

        page = client.get(reverse("account_signup")).content.decode()
        sign_up(client)

        assert "Sign-up is by invitation here." in page
        assert "Ask an administrator." in page
        assert User.objects.count() == 1

    def test_closed_sign_up_is_not_offered(self, client, anna, settings):
        assert reverse("account_signup") in client.get(reverse("account_login")).content.decode()

        settings.STUDIO_OPEN_SIGNUP = False

        assert reverse("account_signup") not in client.get(reverse("account_login")).content.decode()

    @pytest.mark.parametrize("password", ["short", "password", "12345678901"])
    def test_weak_password_is_refused_in_words(self, client, anna, password):
        response = sign_up(client, password=password)

        assert "error" in response.content.decode()
        assert User.objects.count() == 1


class TestSignUpAtOnce:
    """Each from a browser of their own, at the same moment."""

    @pytest.fixture(autouse=True)
    def unlimited(self, settings):
        settings.ACCOUNT_RATE_LIMITS = False

    def test_two_first_people_make_one_administrator(self, at_once):
        at_once(*(lambda email=email: sign_up(Client(), email) for email in ("one@example.com", "two@example.com")))

        assert sorted(User.objects.values_list("is_superuser", flat=True)) == [False, True]

    def test_where_it_is_by_invitation_only_the_first_gets_in(self, at_once, settings):
        settings.STUDIO_OPEN_SIGNUP = False

        answers = at_once(
            *(lambda email=email: sign_up(Client(), email) for email in ("one@example.com", "two@example.com"))
        )

        assert User.objects.get().is_superuser
        assert sorted("Sign-up is by invitation" in answer.content.decode() for answer in answers) == [False, True]

    def test_a_button_pressed_twice_makes_one_account(self, at_once):
        answers = at_once(*[lambda: sign_up(Client(), "one@example.com")] * 2)

        assert User.objects.count() == 1
        assert [answer.status_code for answer in answers if answer.status_code >= 400] == []


class TestPasswordReset:
    def test_link_leads_to_a_new_password(self, client, anna):
        client.post(reverse("account_reset_password"), {"email": anna.email})
        link = re.search(r"https?://[^/]+(/\S+)", mail.outbox[0].body)[1]

        form = client.get(link)["Location"]
        assert "Choose a new password" in client.get(form).content.decode()
        client.post(form, {"password1": "another-lamp-43", "password2": "another-lamp-43"})

        anna.refresh_from_db()
        assert anna.check_password("another-lamp-43")

    def test_does_not_tell_who_has_an_account(self, client, anna):
        known = client.post(reverse("account_reset_password"), {"email": anna.email})
        unknown = client.post(reverse("account_reset_password"), {"email": "nobody@example.com"})

        assert known["Location"] == unknown["Location"]

    def test_without_mail_it_says_where_the_link_is(self, client, anna, monkeypatch):
        monkeypatch.setattr(Studio, "sends_mail", False)

        form = client.get(reverse("account_reset_password")).content.decode()
        done = client.post(reverse("account_reset_password"), {"email": anna.email}, follow=True).content.decode()

        assert "This studio sends no mail." in form
        assert "the link is in the studio&#x27;s log" in done or "the link is in the studio's log" in done
        assert "on its way" not in done

    def test_with_mail_it_says_that_a_link_is_on_its_way(self, client, anna, monkeypatch):
        monkeypatch.setattr(Studio, "sends_mail", True)

        done = client.post(reverse("account_reset_password"), {"email": anna.email}, follow=True).content.decode()

        assert "a link is on its way" in done

    def test_broken_link_says_so(self, client, db):
        page = client.get("/accounts/password/reset/key/1-abc-def/").content.decode()

        assert "This link does not work any more." in page


class TestAddresses:
    @pytest.fixture
    def as_anna(self, client, anna):
        anna.emailaddress_set.get_or_create(email=anna.email, defaults={"primary": True, "verified": True})
        client.force_login(anna)
        return client

    def test_without_mail_promise_none(self, as_anna, monkeypatch):
        monkeypatch.setattr(Studio, "sends_mail", False)

        page = as_anna.post(reverse("account_email"), {"email": "two@example.com", "action_add": ""}, follow=True)

        said = page.content.decode()
        assert "This studio sends no mail: the link that confirms two@example.com is written to its log" in said
        assert "Send the link again" not in said

    def test_with_mail_say_that_it_is_on_its_way(self, as_anna, monkeypatch):
        monkeypatch.setattr(Studio, "sends_mail", True)

        page = as_anna.post(reverse("account_email"), {"email": "two@example.com", "action_add": ""}, follow=True)

        assert "A link to confirm two@example.com is on its way." in page.content.decode()

    def test_an_only_one_is_neither_chosen_nor_removed(self, as_anna):
        page = as_anna.get(reverse("account_email")).content.decode()

        assert "action_remove" not in page
        assert ">E-mail address</label>" in page
        assert "action_primary" not in page


class TestAccountPages:
    @pytest.mark.parametrize(
        "name",
        [
            "accounts:profile",
            "account_email",
            "account_change_password",
            "account_logout",
            "account_reauthenticate",
            "mfa_index",
        ],
    )
    def test_wear_our_clothes(self, client, anna, name):
        client.force_login(anna)

        response = client.get(reverse(name))

        assert response.status_code == 200
        assert "css/account.css" in response.content.decode()

    @pytest.mark.parametrize("address", OF_SECOND_FACTOR)
    def test_of_the_second_factor_speak_our_words(self, client, anna, address):
        sign_in(client)
        TOTP.activate(anna, "JBSWY3DPEHPK3PXP")
        RecoveryCodes.activate(anna)
        key = Authenticator.objects.create(user=anna, type="webauthn", data={"name": "Laptop", "passwordless": True})
        client.post(reverse("account_reauthenticate"), {"password": PASSWORD})

        response = client.get(address.format(key=key.pk))

        assert response.status_code == 200
        assert "site-packages" not in response.templates[0].origin.name
        page = response.content.decode()
        assert "Security Key" not in page
        assert "Authenticator App" not in page

    def test_second_factor_can_be_set_up_by_who_knows_the_password(self, client, anna):
        sign_in(client)
        asked = client.get(reverse("mfa_activate_totp"))["Location"]
        assert "Is it you?" in client.get(asked).content.decode()
        client.post(asked, {"password": PASSWORD})

        page = client.get(reverse("mfa_activate_totp")).content.decode()

        assert "data:image/svg+xml" in page
        assert "<style" not in page

    @pytest.mark.parametrize("name", ["accounts:profile", "account_email", "account_change_password", "mfa_index"])
    def test_are_not_for_guests(self, client, db, name):
        assert client.get(reverse(name))["Location"].startswith(reverse("account_login"))

    def test_no_inline_script_anywhere(self, client, anna):
        sign_in(client)

        for name in ["account_email", "account_change_password", "mfa_index", "accounts:profile"]:
            page = client.get(reverse(name)).content.decode()
            assert not re.search(r"<script(?![^>]*(src=|application/json))", page)
            assert " onclick=" not in page


class TestProfile:
    @pytest.fixture
    def as_anna(self, client, anna):
        client.force_login(anna)
        return client

    def save(self, client, **data):
        fields = {"name": "Anna", "language": "", "theme": "dark", "time_zone": "", "digest": "off"} | data
        return client.post(reverse("accounts:profile"), fields)

    def test_saves(self, as_anna, anna):
        response = self.save(as_anna, name="Anna B.", language="zh-hant", theme="light", time_zone="Asia/Taipei")

        anna.refresh_from_db()
        assert response.status_code == 302
        assert (anna.name, anna.language, anna.theme) == ("Anna B.", "zh-hant", "light")
        assert anna.time_zone == "Asia/Taipei"
        assert response.cookies["django_language"].value == "zh-hant"

    def test_leaves_alone_what_changes_in_the_same_moment(self, as_anna, anna, meanwhile):
        """Another password is the person's answer to a stolen one; whoever is shut out stays so."""
        changed = {"password": "!new", "is_active": False}
        meanwhile("accounts.views.ProfileForm", lambda: User.objects.filter(pk=anna.pk).update(**changed))

        self.save(as_anna, name="Anna B.")

        anna.refresh_from_db()
        assert (anna.name, anna.password, anna.is_active) == ("Anna B.", "!new", False)

    @pytest.mark.parametrize("wrong", [{"time_zone": "Mars/Olympus"}, {"theme": "pink"}, {"language": "tlh"}])
    def test_wrong_values_are_refused(self, as_anna, anna, wrong):
        assert self.save(as_anna, **wrong).status_code == 422

    def test_a_name_that_nobody_sees_is_none(self, as_anna, anna):
        self.save(as_anna, name="\u200b\u2060")

        anna.refresh_from_db()
        assert (anna.name, anna.display_name) == ("", "anna")

    def test_cannot_make_oneself_an_admin(self, as_anna, anna):
        self.save(as_anna, is_superuser="on", is_staff="on", email="root@example.com")

        anna.refresh_from_db()
        assert not anna.is_superuser
        assert anna.email == "anna@example.com"


class TestTheme:
    def test_is_remembered_without_a_new_page(self, client, anna):
        client.force_login(anna)

        response = client.post(reverse("accounts:theme"), {"theme": "light"}, headers={"HX-Request": "true"})

        anna.refresh_from_db()
        assert response.status_code == 204
        assert anna.theme == "light"

    def test_without_script_leads_back(self, client, anna):
        client.force_login(anna)

        response = client.post(reverse("accounts:theme"), {"theme": "auto", "next": "/accounts/profile/"})

        assert response.status_code == 303
        assert response["Location"] == "/accounts/profile/"

    def test_other_values_are_refused(self, client, anna):
        client.force_login(anna)

        assert client.post(reverse("accounts:theme"), {"theme": "pink"}).status_code == 400


class TestLanguage:
    def test_guest_keeps_it_in_the_browser(self, client, db):
        client.post(reverse("accounts:language"), {"language": "zh-hant", "next": "/accounts/login/"})

        assert 'lang="zh-hant"' in client.get(reverse("account_login")).content.decode()

    def test_person_keeps_it_everywhere(self, client, anna):
        client.force_login(anna)

        client.post(reverse("accounts:language"), {"language": "zh-hans"})

        anna.refresh_from_db()
        assert anna.language == "zh-hans"

    def test_unknown_language_changes_nothing(self, client, anna):
        client.force_login(anna)

        client.post(reverse("accounts:language"), {"language": "tlh"})

        anna.refresh_from_db()
        assert anna.language == ""


class TestDemo:
    def test_there_is_no_such_door_elsewhere(self, client, db):
        assert client.post(reverse("accounts:demo")).status_code == 404
        assert not User.objects.exists()
        assert reverse("accounts:demo") not in client.get(reverse("account_login")).content.decode()

    def test_one_button_leads_in(self, client, db, settings):
        settings.STUDIO_DEMO = True
        assert reverse("accounts:demo") in client.get(reverse("account_login")).content.decode()

        for _ in range(2):
            response = client.post(reverse("accounts:demo"))

        person = User.objects.get()
        assert response["Location"] == reverse("generations:studio")
        assert person.email == "demo@example.com"
        assert not person.is_staff
        assert Project.objects.filter(team__personal_of=person).exists()
        assert client.session["_auth_user_id"] == str(person.pk)

    def test_needs_a_press(self, client, db, settings):
        settings.STUDIO_DEMO = True

        assert client.get(reverse("accounts:demo")).status_code == 405


class TestLanding:
    def test_signed_in_to_the_studio(self, client, db):
        client.force_login(UserFactory())

        assert client.get("/")["Location"] == reverse("generations:studio")

    def test_guest_to_sign_in(self, client, anna):
        assert client.get("/")["Location"] == reverse("account_login")

    def test_first_person_to_the_first_account(self, client, db):
        assert client.get("/")["Location"] == reverse("account_signup")

    def test_demo_has_a_page_of_its_own(self, client, db, settings):
        settings.STUDIO_DEMO = True

        assert "Continue as demo creator" in client.get("/").content.decode()
