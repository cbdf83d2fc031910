from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command

from generations.models import WanAccount
from tests.wanstudio.test_runner import free_port, until
from wanstudio.runner import plan, process, services, watchdog

LOOPBACK = plan.Address("127.0.0.1", 8000)


@pytest.fixture
def no_key(settings, monkeypatch):
    settings.DASHSCOPE_API_KEY = ""
    monkeypatch.delenv("STUDIO_DEMO", raising=False)
    monkeypatch.delenv("STUDIO_BASE_URL", raising=False)


@pytest.mark.django_db
@pytest.mark.usefixtures("no_key")
class TestDemo:
    def test_is_shown_without_a_key(self):
        assert plan.wants_demo(LOOPBACK)

    def test_is_not_shown_with_a_key(self, settings):
        settings.DASHSCOPE_API_KEY = "sk-real"

        assert not plan.wants_demo(LOOPBACK)

    def test_is_not_shown_when_a_team_holds_a_key(self, team):
        account = WanAccount(team=team, name="Ours", region="singapore", origin="https://wan.example/api/v1")
        account.set_api_key("sk-ours")
        account.save()

        assert not plan.wants_demo(LOOPBACK)

    @pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.4", "::", "studio.example"])
    def test_is_not_shown_to_others(self, host):
        assert not plan.wants_demo(plan.Address(host, 8000))

    def test_is_not_shown_behind_a_public_address(self, monkeypatch):
        monkeypatch.setenv("STUDIO_BASE_URL", "https://studio.example")

        assert not plan.wants_demo(LOOPBACK)

    @pytest.mark.parametrize("host", ["localhost", "127.0.0.2", "::1"])
    def test_is_shown_on_any_address_of_this_machine(self, host):
        assert plan.wants_demo(plan.Address(host, 8000))

    def test_is_left_to_who_set_it(self, monkeypatch):
        monkeypatch.setenv("STUDIO_DEMO", "false")

        assert not plan.wants_demo(LOOPBACK)


class TestEnvironment:
    def test_of_the_demo_names_the_simulator(self, monkeypatch):
        monkeypatch.delenv("STUDIO_BASE_URL", raising=False)

        environment = plan.children_environment(plan.Address("127.0.0.1", 8123), 8787)

        assert environment["STUDIO_BASE_URL"] == "http://127.0.0.1:8123"
        assert environment["STUDIO_DEMO"] == "1"
        assert environment["DASHSCOPE_HTTP_BASE_URL"] == "http://127.0.0.1:8787/api/v1"

    def test_keeps_what_was_set(self, monkeypatch):
        monkeypatch.setenv("STUDIO_BASE_URL", "https://studio.example")
        monkeypatch.setenv("DASHSCOPE_API_KEY", "sk-real")

        environment = plan.children_environment(LOOPBACK, None)

        assert environment["STUDIO_BASE_URL"] == "https://studio.example"
        assert environment["DASHSCOPE_API_KEY"] == "sk-real"
        assert "STUDIO_DEMO" not in environment


class TestSimulatorPort:
    def test_is_kept(self, tmp_path):
        first = plan.simulator_port(tmp_path)
        first.release()

        second = plan.simulator_port(tmp_path)

        second.release()
        assert second.number == first.number

    def test_of_two_that_start_at_the_same_moment_is_not_the_same(self, tmp_path, monkeypatch):
        """Nothing listens there yet."""
        monkeypatch.setattr(plan, "SIMULATOR_PORT", free_port())

        first, second = plan.simulator_port(tmp_path / "one"), plan.simulator_port(tmp_path / "two")

        first.release()
        second.release()
        assert first.number == plan.SIMULATOR_PORT
        assert second.number != first.number
        assert (tmp_path / "two" / "port").read_text() == f"{second.number}\n"

    def test_is_another_when_taken(self, tmp_path, monkeypatch):
        monkeypatch.setattr(plan, "PORT_PATIENCE", 0.0)
        with socket.socket() as taken:
            taken.bind(("127.0.0.1", 0))
            taken.listen()
            port = taken.getsockname()[1]
            (tmp_path / "port").write_text(f"{port}\n")

            chosen = plan.simulator_port(tmp_path)

        chosen.release()
        assert chosen.number != port
        assert (tmp_path / "port").read_text() == f"{chosen.number}\n"


class TestLock:
    def test_names_the_address_of_the_holder(self, tmp_path):
        held = plan.lock(tmp_path, plan.Address("127.0.0.1", 8001))

        with held, pytest.raises(ImproperlyConfigured, match=r"at http://127\.0\.0\.1:8001\.$"):
            plan.lock(tmp_path, LOOPBACK)

    def test_ends_with_its_holder(self, tmp_path):
        plan.lock(tmp_path, LOOPBACK).close()

        plan.lock(tmp_path, LOOPBACK).close()


class TestPort:
    @pytest.mark.parametrize("value", ["0", "65536", "-1", "http", "80.5", ""])
    def test_is_checked(self, value):
        with pytest.raises(ImproperlyConfigured, match="PORT is"):
            plan.port(value)


class TestWatchdog:
    def test_knows_what_runs(self):
        assert watchdog.running(["+1\n", "+2\n", "-1\n", "+3\n", "-7\n"]) == {2, 3}

    def test_ends_what_a_dead_runner_left(self):
        left = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        dog = subprocess.Popen([sys.executable, watchdog.__file__], stdin=subprocess.PIPE)

        dog.communicate(f"+{left.pid}\n".encode(), timeout=60)

        assert left.wait(timeout=60) == -signal.SIGTERM

    def test_touches_nothing_that_ended(self):
        other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
        dog = subprocess.Popen([sys.executable, watchdog.__file__], stdin=subprocess.PIPE)

        dog.communicate(f"+{other.pid}\n-{other.pid}\n".encode(), timeout=60)

        assert other.poll() is None
        other.kill()
        other.wait()


class TestChild:
    def test_does_not_start_for_a_parent_that_is_gone(self):
        file = str(process.HERE / "child.py")

        done = subprocess.run([sys.executable, file, "1", sys.executable, "-c", "print('alive')"], capture_output=True)

        assert (done.returncode, done.stdout) == (1, b"")

    def test_becomes_the_program(self):
        file = str(process.HERE / "child.py")
        program = "import os, signal; print(os.getpid(), signal.getsignal(signal.SIGINT) == signal.SIG_IGN)"

        child = subprocess.Popen(
            [sys.executable, file, str(os.getpid()), sys.executable, "-c", program], stdout=subprocess.PIPE, text=True
        )

        assert child.communicate(timeout=60)[0].split() == [str(child.pid), "True"]


class TestProcess:
    def test_waits_longer_after_each_crash(self, capsys):
        crashing = process.Process(services.Service("test", ("-c", "print('said'); exit(3)")), dict(os.environ))
        delays = []
        for _ in range(3):
            crashing.start()
            until(crashing.has_ended, 10)
            assert crashing.forget() == 3
            delays.append(crashing.start_later())

        assert delays == [0.5, 1.0, 2.0]
        assert capsys.readouterr().out == "test      | said\n" * 3

    def test_is_forgiven_after_a_steady_run(self):
        steady = process.Process(services.Service("test", ("-c", "")), {})
        steady.start_later()
        steady.start_later()
        steady.started_at -= process.STEADY * 1000

        assert steady.start_later() == 0.5


@pytest.mark.django_db
class TestPrepare:
    @pytest.fixture
    def static(self, settings, tmp_path):
        settings.STATIC_ROOT = tmp_path / "static"
        settings.STATICFILES_DIRS = [tmp_path / "source"]
        settings.STATICFILES_FINDERS = ["django.contrib.staticfiles.finders.FileSystemFinder"]
        (tmp_path / "source").mkdir()
        (tmp_path / "source" / "page.css").write_text("a {}")
        return settings.STATIC_ROOT

    def test_collects_static_files_when_they_changed(self, static, tmp_path):
        call_command("prepare", "--static-only")
        (static / "page.css").write_text("kept")
        call_command("prepare", "--static-only")
        assert (static / "page.css").read_text() == "kept"

        (tmp_path / "source" / "page.css").write_text("a { color: red }")
        call_command("prepare", "--static-only")

        assert (static / "page.css").read_text() == "a { color: red }"

    def test_collects_nothing_anew_for_a_stylesheet_that_is_put_together(self, settings, tmp_path):
        settings.STUDIO_DATA_DIR, settings.STATIC_ROOT = tmp_path, tmp_path / "static"
        settings.STATICFILES_FINDERS = ["wanstudio.static.Bundles"]
        call_command("prepare", "--static-only")
        together = settings.STATIC_ROOT / "css" / "room.css"
        assert ".player" in together.read_text()

        together.write_text("kept")
        call_command("prepare", "--static-only")

        assert together.read_text() == "kept"

    @pytest.mark.usefixtures("static")
    def test_ends_the_demo_only_without_it(self, monkeypatch):
        ended = []
        monkeypatch.setattr("generations.lifecycle.cancel.end_demo", lambda: ended.append(True))

        call_command("prepare", "--demo", verbosity=0)
        assert ended == []

        call_command("prepare", verbosity=0)
        assert ended == [True]
