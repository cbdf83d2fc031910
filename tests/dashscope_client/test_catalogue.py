from decimal import Decimal

import pytest

from dashscope_client import DEFAULT_MODEL, MODELS, REGIONS, ModelSpec, Money, base_url


class TestModels:
    def test_are_the_model_and_its_snapshots(self):
        assert set(MODELS) == {"wan2.7-t2v", "wan2.7-t2v-2026-04-25", "wan2.7-t2v-2026-06-12"}
        assert all(spec.name == name for name, spec in MODELS.items())

    def test_offer_two_resolutions_and_five_ratios(self):
        spec = MODELS[DEFAULT_MODEL]

        assert spec.resolutions == ("720P", "1080P")
        assert spec.ratios == ("16:9", "9:16", "1:1", "4:3", "3:4")
        assert len(spec.sizes) == 10

    def test_default_to_what_they_offer(self):
        spec = MODELS[DEFAULT_MODEL]

        assert spec.default_resolution in spec.resolutions
        assert spec.default_ratio in spec.ratios
        assert spec.duration_min <= spec.default_duration <= spec.duration_max

    @pytest.mark.parametrize(
        ("resolution", "ratio", "size"),
        [("720P", "4:3", (1104, 832)), ("1080P", "3:4", (1248, 1648)), ("1080P", "16:9", (1920, 1080))],
    )
    def test_know_their_sizes(self, resolution, ratio, size):
        assert MODELS[DEFAULT_MODEL].size(resolution, ratio) == size

    def test_have_even_sizes_close_to_their_ratio(self):
        for (_, ratio), (width, height) in MODELS[DEFAULT_MODEL].sizes.items():
            across, down = map(int, ratio.split(":"))
            assert width % 2 == height % 2 == 0
            assert width / height == pytest.approx(across / down, rel=0.02)

    def test_do_not_offer_other_sizes(self):
        with pytest.raises(KeyError):
            MODELS[DEFAULT_MODEL].size("480P", "16:9")

    @pytest.mark.parametrize(
        ("region", "resolution", "price"),
        [
            ("singapore", "720P", Money(Decimal("0.10"), "USD")),
            ("singapore", "1080P", Money(Decimal("0.15"), "USD")),
            ("beijing", "720P", Money(Decimal("0.6"), "CNY")),
            ("beijing", "1080P", Money(Decimal("1"), "CNY")),
        ],
    )
    def test_know_their_prices(self, region, resolution, price):
        assert MODELS[DEFAULT_MODEL].price(region, resolution) == price

    def test_are_priced_in_every_region(self):
        assert set(MODELS[DEFAULT_MODEL].prices) == set(REGIONS)

    def test_can_be_hashed_and_added_to(self):
        other = ModelSpec("wan9", sizes={("480P", "1:1"): (480, 480)}, prices={}, duration_max=30)

        assert other.resolutions == ("480P",)
        assert len({other, MODELS[DEFAULT_MODEL]}) == 2


class TestBaseUrl:
    def test_is_the_workspace_host_with_a_workspace(self):
        assert base_url("singapore", "ws-abc") == "https://ws-abc.ap-southeast-1.maas.aliyuncs.com/api/v1"
        assert base_url("beijing", "ws-abc") == "https://ws-abc.cn-beijing.maas.aliyuncs.com/api/v1"

    @pytest.mark.parametrize("nothing", [None, ""])
    def test_is_the_shared_host_without(self, nothing):
        assert base_url("singapore", nothing) == "https://dashscope-intl.aliyuncs.com/api/v1"
        assert base_url("beijing", nothing) == "https://dashscope.aliyuncs.com/api/v1"

    @pytest.mark.parametrize("bad", ["evil.example/", "a b", "x@y", "-a", "a", "ws_abc", "WS-ABC", "ws-abc\n"])
    def test_refuses_what_is_no_host_label(self, bad):
        with pytest.raises(ValueError):
            base_url("singapore", bad)

    def test_refuses_an_unknown_region(self):
        with pytest.raises(KeyError):
            base_url("mars", None)
