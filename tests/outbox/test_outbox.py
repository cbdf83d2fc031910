"""A mail is a row first; a worker sends it, again and again for a day, and says what became of it."""

from __future__ import annotations

import logging
import re
import socketserver
import threading
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.core.mail import EmailMultiAlternatives, send_mail
from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from outbox import sending
from outbox.models import Mail
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db
LOCMEM = "django.core.mail.backends.locmem.EmailBackend"


@pytest.fixture(autouse=True)
def outbox(settings):
    settings.EMAIL_BACKEND = "outbox.backend.OutboxBackend"
    settings.MAIL_TRANSPORT = LOCMEM


class _Dialogue(socketserver.StreamRequestHandler):
    def handle(self):
        self.say("220 ready")
        while line := self.rfile.readline().decode().strip():
            verb = line.split(":")[0].upper().split(" ")[0]
            if verb == "RCPT" and self.server.refuses:
                self.say(self.server.refuses)
            elif verb == "DATA":
                self.say("354 go on")
                while self.rfile.readline().strip() != b".":
                    pass
                self.server.taken += 1
                self.say("250 taken")
            elif verb == "QUIT":
                self.say("221 bye")
                return
            else:
                self.say("250 ok")

    def say(self, line):
        self.wfile.write(f"{line}\r\n".encode())


@pytest.fixture
def post(settings):
    """An SMTP server; `post.refuses = "550 unknown"` refuses recipients."""
    socketserver.ThreadingTCPServer.allow_reuse_address = True
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), _Dialogue) as server:
        server.daemon_threads, server.refuses, server.taken = True, "", 0
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        settings.MAIL_TRANSPORT = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.server_address[1]
        settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = None
        yield server
        server.shutdown()


def write(**fields):
    send_mail("Clip saved", "Look at it", None, ["anna@example.com"], **fields)
    return Mail.objects.latest("pk")


class TestWriting:
    def test_sends_nothing_at_once(self):
        letter = write()

        assert letter.recipients == "anna@example.com"
        assert letter.due_at is not None
        assert mail.outbox == []

    def test_goes_with_its_transaction(self):
        with transaction.atomic():
            write()
            transaction.set_rollback(True)

        assert not Mail.objects.exists()

    def test_wakes_a_worker_after_the_commit(self, django_capture_on_commit_callbacks, monkeypatch):
        sent = []
        monkeypatch.setattr("outbox.backend.nudge", lambda *hint: sent.append(hint))

        with django_capture_on_commit_callbacks(execute=True):
            write()

        assert sent == [("outbox.tasks.send_due", "watch")]

    def test_takes_no_files(self):
        message = mail.EmailMessage("A", "B", None, ["anna@example.com"])
        message.attach("a.txt", "text", "text/plain")

        with pytest.raises(ValueError, match="link"):
            message.send()

    def test_keeps_braces_as_they_are(self):
        send_mail("{{ 1 }}", "{% load x %} {{ settings.SECRET_KEY }}", None, ["anna@example.com"])

        sending.sweep()

        assert mail.outbox[0].subject == "{{ 1 }}"
        assert mail.outbox[0].body == "{% load x %} {{ settings.SECRET_KEY }}"


class TestSending:
    def test_sends_once_and_forgets_what_was_in_it(self):
        letter = write()

        sending.sweep()
        sending.sweep()

        letter.refresh_from_db()
        assert len(mail.outbox) == 1
        assert letter.sent_at is not None
        assert letter.due_at is None
        assert letter.content == {}

    def test_carries_everything_that_was_written(self):
        message = EmailMultiAlternatives(
            "題目", "Text", "studio@example.com", ["a@example.com"], cc=["c@example.com"], reply_to=["r@example.com"]
        )
        message.attach_alternative("<p>Text</p>", "text/html")
        message.extra_headers["X-Kind"] = "digest"
        message.send()

        sending.sweep()

        (sent,) = mail.outbox
        assert (sent.subject, sent.body, sent.from_email) == ("題目", "Text", "studio@example.com")
        assert (sent.to, sent.cc, sent.reply_to) == (["a@example.com"], ["c@example.com"], ["r@example.com"])
        assert sent.alternatives[0][0] == "<p>Text</p>"
        assert sent.extra_headers["X-Kind"] == "digest"
        assert sent.extra_headers["Message-ID"].startswith("<")

    def test_a_link_to_a_new_password_arrives(self, client):
        anna = UserFactory(email="anna@example.com", password="old-Passw0rd-x")

        client.post(reverse("account_reset_password"), {"email": anna.email})
        sending.sweep()

        (sent,) = mail.outbox
        link = re.search(r"https?://[^/]+(/\S+)", sent.body)[1]
        assert client.get(link, follow=True).status_code == 200
        assert link not in str(list(Mail.objects.values()))

    def test_a_console_writes_to_standard_error(self, settings, capfd):
        settings.MAIL_TRANSPORT = "django.core.mail.backends.console.EmailBackend"
        write()

        sending.sweep()

        assert "Look at it" in capfd.readouterr().err

    def test_speaks_smtp(self, post):
        letter = write()

        sending.sweep()

        letter.refresh_from_db()
        assert post.taken == 1
        assert letter.sent_at is not None

    def test_holds_a_mail_that_another_worker_has_in_hand(self):
        write()

        assert sending._claim() is not None
        assert sending._claim() is None


class TestFailing:
    def test_a_server_that_is_away_is_tried_again_later(self, settings, caplog, monkeypatch):
        monkeypatch.setattr("generations.clock.now", timezone.now)  # the database's does not stand still
        settings.MAIL_TRANSPORT = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
        letter = write()
        start = timezone.now()

        with time_machine.travel(start, tick=False) as clock:
            pauses = []
            for _ in range(4):
                sending.sweep()
                letter.refresh_from_db()
                pauses.append((letter.due_at - timezone.now()).total_seconds())
                clock.move_to(letter.due_at)

        assert [round(pause) for pause in pauses] == [10, 30, 90, 270]
        assert letter.tries == 4
        assert letter.error == "ConnectionRefusedError"
        assert "Look at it" not in caplog.text
        assert "anna@example.com" not in caplog.text

    def test_after_a_day_it_is_given_up_loudly(self, settings, caplog):
        settings.MAIL_TRANSPORT = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9
        letter = write()
        Mail.objects.update(created_at=timezone.now() - timedelta(hours=25))

        sending.sweep()

        letter.refresh_from_db()
        assert letter.failed_at is not None
        assert letter.due_at is None
        assert any(record.levelno == logging.ERROR for record in caplog.records)

    def test_an_address_that_does_not_exist_is_given_up_at_once(self, post):
        post.refuses = "550 no such person"
        letter = write()

        sending.sweep()

        letter.refresh_from_db()
        assert letter.failed_at is not None
        assert letter.error == "Recipient refused: 550"

    def test_a_mailbox_that_is_full_for_now_is_tried_again(self, post):
        post.refuses = "452 mailbox full"
        letter = write()

        sending.sweep()

        letter.refresh_from_db()
        assert letter.failed_at is None
        assert letter.due_at > timezone.now()

    def test_one_that_can_not_be_put_together_holds_up_nobody(self):
        broken, whole = write(), write()
        Mail.objects.filter(pk=broken.pk).update(content={"html": "", "nonsense": 1})

        sending.sweep()

        broken.refresh_from_db()
        whole.refresh_from_db()
        assert broken.failed_at is not None
        assert whole.sent_at is not None


class TestForgetting:
    def test_a_month_later_the_row_goes_unless_it_still_waits(self):
        sent, waiting, fresh = write(), write(), write()
        old = timezone.now() - timedelta(days=31)
        Mail.objects.filter(pk__in=[sent.pk, waiting.pk]).update(created_at=old)
        Mail.objects.filter(pk__in=[sent.pk, fresh.pk]).update(due_at=None, sent_at=old)

        sending.forget()

        assert set(Mail.objects.values_list("pk", flat=True)) == {waiting.pk, fresh.pk}


class TestAdministration:
    @pytest.fixture
    def as_admin(self, client):
        client.force_login(UserFactory(is_staff=True, is_superuser=True))
        return client

    def test_shows_what_became_of_a_mail_and_nothing_of_what_is_in_it(self, as_admin):
        letter = write()

        rows = as_admin.get(reverse("admin:outbox_mail_changelist")).content.decode()
        page = as_admin.get(reverse("admin:outbox_mail_change", args=[letter.pk])).content.decode()

        assert "anna@example.com" in rows
        assert "Look at it" not in rows + page

    def test_what_was_given_up_may_be_tried_again(self, as_admin):
        letter = write()
        Mail.objects.update(failed_at=timezone.now(), due_at=None)

        as_admin.post(reverse("admin:outbox_mail_changelist"), {"action": "try_again", "_selected_action": letter.pk})
        sending.sweep()

        letter.refresh_from_db()
        assert letter.sent_at is not None
