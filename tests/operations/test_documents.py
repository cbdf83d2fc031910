"""What the manuals name exists."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class

from generations import media, metrics

ROOT = Path(__file__).resolve().parents[2]
MANUALS = [ROOT / "README.md", ROOT / "docs" / "deployment.md", ROOT / "docs" / "operations.md"]
TEXT = "\n".join(path.read_text() for path in MANUALS)


class TestManuals:
    @pytest.mark.parametrize("name", sorted(set(re.findall(r"manage\.py ([a-z_]+)", TEXT))))
    def test_name_commands_that_exist(self, name):
        assert name in get_commands()

    @pytest.mark.parametrize(
        ("name", "option"), sorted(set(re.findall(r"manage\.py ([a-z_]+)[^`\n]*? (--[a-z-]+)", TEXT)))
    )
    def test_name_options_that_exist(self, name, option):
        parser = load_command_class(get_commands()[name], name).create_parser("manage.py", name)

        assert option in parser._option_string_actions

    @pytest.mark.parametrize("name", sorted(set(re.findall(r"STUDIO_[A-Z_]+|DJANGO_[A-Z_]+|AWS_[A-Z0-9_]+", TEXT))))
    def test_name_variables_that_exist(self, name):
        if name.endswith("_"):  # AWS_…
            return
        assert name in (ROOT / ".env.example").read_text()

    @pytest.mark.django_db
    def test_name_every_metric_and_no_other(self):
        named = set(re.findall(r"\bwanstudio_[a-z_]+", (ROOT / "docs" / "operations.md").read_text()))
        given = set(re.findall(r"^# TYPE (\w+)", metrics.exposition().decode(), re.M)) | {"wanstudio_beat_age_seconds"}

        assert named == given

    def test_let_the_largest_sound_through_the_proxy(self):
        limits = re.findall(r"(?:client_max_body_size|max_size) (\d+) ?MB?\b", TEXT, re.I)

        assert len(limits) == 2
        assert all(int(limit) * 1000**2 > media.KEPT_BYTES for limit in limits)

    def test_link_to_files_that_exist(self):
        for path in MANUALS:
            for target in re.findall(r"\]\(([^)#:]+)\)", path.read_text()):
                assert (path.parent / target).exists(), f"{path.name}: {target}"
