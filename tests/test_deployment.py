"""Dockerfile and docker-compose.yml against the code: commands, variables, queues, health checks and graces."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import yaml
from django.conf import settings
from django.urls import Resolver404, resolve

from tests.test_environment import names_in_example
from wanstudio.runner import services

ROOT = Path(__file__).resolve().parents[1]
DOCKERFILE = (ROOT / "Dockerfile").read_text()
COMPOSE = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
OURS = {name: service for name, service in COMPOSE.items() if service["image"] == "wan-studio"}
COMPOSES_OWN = {"POSTGRES_PASSWORD"}
RUN_BY_TESTS = {service.name: list(service.arguments) for service in services.workers()}


def instruction(name: str) -> list[str]:
    """The last exec form of that instruction in the Dockerfile."""
    return json.loads(re.findall(rf"^(?:\s*){name} (\[.*\])$", DOCKERFILE, re.MULTILINE)[-1])


def options(command: list[str]) -> dict[str, str]:
    return {name: value for name, value in zip(command, command[1:], strict=False) if name.startswith("-")}


def seconds(text: str) -> float:
    return float(text.removesuffix("s"))


class TestCommands:
    """Each process of the containers is one that test_runner starts, or a command with tests of its own."""

    @pytest.mark.parametrize("name", RUN_BY_TESTS)
    def test_workers_and_beat_run_as_in_the_runner(self, name):
        assert COMPOSE[name]["command"] == ["python", *RUN_BY_TESTS[name]]

    def test_web_runs_as_in_the_runner(self):
        command = instruction("CMD")

        assert command[: 1 + len(services.WEB)] == ["python", *services.WEB]
        assert {"--preload", "--no-control-socket"} <= set(command)
        assert options(command)["--bind"] == "0.0.0.0:8000"

    def test_simulator_runs_as_in_the_runner(self):
        command = COMPOSE["simulator"]["command"]

        known = services.simulator(8787, "/data/simulator").arguments
        assert command[:3] == ["python", *services.SIMULATOR]
        assert options(command) == {**options(["python", *known]), "--host": "simulator", "-m": "dashscope_simulator"}

    def test_migrate_prepares(self):
        assert COMPOSE["migrate"]["command"] == ["python", "manage.py", "prepare"]
        assert COMPOSE["migrate"]["restart"] == "no"

    def test_nothing_else_is_run(self):
        assert set(OURS) == {"web", "migrate", "simulator", *RUN_BY_TESTS}
        assert "command" not in COMPOSE["web"]


class TestQueues:
    def test_each_has_its_worker(self):
        consumed = [options(service["command"]).get("-Q", "") for service in OURS.values() if "command" in service]

        assert sorted(",".join(filter(None, consumed)).split(",")) == sorted(
            q.name for q in settings.CELERY_TASK_QUEUES
        )


class TestVariables:
    @pytest.mark.parametrize("name", OURS)
    def test_those_of_our_containers_are_ours(self, name):
        assert set(COMPOSE[name].get("environment", {})) <= set(names_in_example())

    def test_those_asked_for_are_known(self):
        asked = re.findall(r"\$\{([A-Z0-9_]+)", (ROOT / "docker-compose.yml").read_text())

        assert set(asked) <= set(names_in_example()) | COMPOSES_OWN

    def test_secrets_are_asked_for_and_never_given(self):
        for service in COMPOSE.values():
            for name, value in service.get("environment", {}).items():
                if re.search(r"KEY|SECRET|PASSWORD", name):
                    assert re.fullmatch(r"\$\{[A-Z0-9_]+:\?[^}]+\}", value), name

    def test_those_of_the_image_are_ours(self):
        """No secret outlives its line of the build."""
        kept = re.findall(r"^ENV (.*)$", DOCKERFILE, re.MULTILINE)

        names = {part.partition("=")[0] for line in kept for part in line.split()}
        assert {name for name in names if name.startswith(("STUDIO_", "DJANGO_"))} == {"STUDIO_DATA_DIR"}


class TestHealth:
    def test_web_is_asked_at_a_page_that_exists(self):
        path = re.search(r"http://127\.0\.0\.1:8000(/\w+)", DOCKERFILE)[1]

        assert resolve(path).url_name == "healthz"
        with pytest.raises(Resolver404):
            resolve(path + "x")

    @pytest.mark.parametrize("name", set(COMPOSE) - set(OURS))
    def test_every_foreign_service_has_a_check(self, name):
        assert COMPOSE[name]["healthcheck"]["test"][0] == "CMD"

    def test_storage_is_asked_where_it_answers(self):
        storage = COMPOSE["storage"]

        where = f"http://127.0.0.1{storage['environment']['VGW_PORT']}{storage['environment']['VGW_HEALTH']}"
        assert storage["healthcheck"]["test"][-1] == where

    def test_waits_name_services_and_conditions_they_can_meet(self):
        for service in COMPOSE.values():
            for name, wait in service.get("depends_on", {}).items():
                if wait["condition"] == "service_healthy":
                    assert COMPOSE[name].get("healthcheck", {}).get("test"), name
                else:
                    assert wait["condition"] == "service_completed_successfully"
                    assert COMPOSE[name]["restart"] == "no"


class TestGrace:
    def test_a_create_call_under_way_gets_its_answer(self):
        assert seconds(COMPOSE["control"]["stop_grace_period"]) > settings.POST_DEADLINE

    def test_is_not_shorter_than_the_runners(self):
        for service in services.workers():
            assert seconds(COMPOSE[service.name].get("stop_grace_period", "10s")) >= service.grace


class TestImage:
    def test_runs_as_nobody_special(self):
        assert re.findall(r"^USER (.*)$", DOCKERFILE, re.MULTILINE) == ["studio"]

    def test_leaves_data_and_secrets_out(self):
        ignored = (ROOT / ".dockerignore").read_text().split()

        assert {".*", "var"} <= set(ignored)  # .env and .git are among the first

    def test_volumes_lie_where_the_image_made_room(self):
        made = re.search(r"install --directory --owner=studio (.*)$", DOCKERFILE, re.MULTILINE)[1].split()
        mounted = [volume.partition(":")[2] for service in OURS.values() for volume in service.get("volumes", [])]

        assert sorted(mounted) == sorted(made)
