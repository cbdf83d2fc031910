"""Where a refused key belongs, told by asking other addresses."""

import pytest

from dashscope_client import catalogue
from generations import wan_probe
from generations.models.account_check import Verdict
from tests.factories import AccountFactory


@pytest.fixture
def account(region, monkeypatch, db):
    """Of the workspace "crew" in Singapore; Beijing is there, too."""
    regions = {
        ("singapore", "crew"): region("sk-crew-1"),
        ("singapore", None): region("sk-singapore-1"),
        ("beijing", None): region("sk-beijing-1"),
    }
    monkeypatch.setattr(catalogue, "base_url", lambda name, workspace: regions[name, workspace].base_url)
    return AccountFactory(workspace_id="crew", origin=regions["singapore", "crew"].base_url)


@pytest.mark.parametrize(
    ("key", "verdict", "detail"),
    [
        ("sk-crew-1", Verdict.FINE, ""),
        ("sk-singapore-1", Verdict.WORKSPACE, ""),
        ("sk-beijing-1", Verdict.REGION, "Beijing"),
        ("sk-mistyped", Verdict.KEY, ""),
    ],
)
def test_tells_key_region_and_workspace_apart(account, key, verdict, detail):
    assert wan_probe.judge(account, key, known_task=None) == (verdict, detail)
