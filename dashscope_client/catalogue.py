"""What the service offers, as data: models with their limits, sizes and list prices, and the regions that serve them.

Another model of the family is one more row in `MODELS`. Sources, in Model Studio's documentation: "Text-to-video API
reference" (limits, sizes), "Rate limits", "Model pricing", "Base URLs".
"""

import re
from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass, field
from decimal import Decimal
from types import MappingProxyType
from typing import Final, Literal

Currency = Literal["USD", "CNY"]


@dataclass(frozen=True)
class Money:
    """An amount with its currency. Amounts of different currencies are never summed."""

    amount: Decimal
    currency: Currency


@dataclass(frozen=True)
class Limits:
    """What one main account may do with one model; queries are counted per account over all models."""

    creates_per_second: int = 5
    running: int = 5
    pending: int = 500
    queries_per_second: int = 20


@dataclass(frozen=True)
class ModelSpec:
    """One model: what may be asked of it, what comes out, what it costs.

    Durations are whole seconds, prompt limits are characters (the service cuts longer ones without a word), sizes are
    (width, height) in pixels, prices are per successfully generated second in the region's currency.
    """

    name: str
    _: KW_ONLY
    prompt_limit: int = 5000
    negative_prompt_limit: int = 500
    duration_min: int = 2
    duration_max: int = 15
    default_duration: int = 5
    default_resolution: str = "1080P"
    default_ratio: str = "16:9"
    seed_max: int = 2147483647
    audio_min_seconds: float = 2.0
    audio_max_seconds: float = 30.0
    audio_max_bytes: int = 15 * 1024 * 1024
    audio_formats: tuple[str, ...] = ("wav", "mp3")
    sizes: Mapping[tuple[str, str], tuple[int, int]] = field(hash=False)
    prices: Mapping[str, Mapping[str, Decimal]] = field(hash=False)
    limits: Limits = Limits()

    @property
    def resolutions(self) -> tuple[str, ...]:
        """The resolutions offered, in the documentation's order."""
        return tuple(dict.fromkeys(resolution for resolution, _ in self.sizes))

    @property
    def ratios(self) -> tuple[str, ...]:
        """The aspect ratios offered, in the documentation's order."""
        return tuple(dict.fromkeys(ratio for _, ratio in self.sizes))

    def size(self, resolution: str, ratio: str) -> tuple[int, int]:
        """(width, height) of the video in pixels. KeyError if the model does not offer the pair."""
        return self.sizes[resolution, ratio]

    def price(self, region: str, resolution: str) -> Money:
        """The list price of one second. KeyError if the region or resolution is not offered."""
        return Money(self.prices[region][resolution], REGIONS[region].currency)


@dataclass(frozen=True)
class Region:
    """Where the service runs. A key, its host and the model must belong to one region."""

    name: str
    currency: Currency
    region_id: str
    legacy_host: str


REGIONS: Final[Mapping[str, Region]] = MappingProxyType(
    {
        "singapore": Region("singapore", "USD", "ap-southeast-1", "dashscope-intl.aliyuncs.com"),
        "beijing": Region("beijing", "CNY", "cn-beijing", "dashscope.aliyuncs.com"),
    }
)

_WORKSPACE_ID = re.compile(r"[a-z0-9][a-z0-9-]{1,62}")


def base_url(region: str, workspace_id: str | None) -> str:
    """The root of the API in a region, ending in /api/v1.

    With a workspace id it is the workspace's own host, which accepts only that workspace's keys; without one it is the
    older host shared by all. KeyError for an unknown region, ValueError for an id that is not a host label.
    """
    where = REGIONS[region]
    if not workspace_id:
        return f"https://{where.legacy_host}/api/v1"
    if not _WORKSPACE_ID.fullmatch(workspace_id):
        raise ValueError("A workspace id consists of 2 to 63 lower-case letters, digits and hyphens.")
    return f"https://{workspace_id}.{where.region_id}.maas.aliyuncs.com/api/v1"


_WAN27_SIZES: Final[Mapping[tuple[str, str], tuple[int, int]]] = MappingProxyType(
    {
        ("720P", "16:9"): (1280, 720),
        ("720P", "9:16"): (720, 1280),
        ("720P", "1:1"): (960, 960),
        ("720P", "4:3"): (1104, 832),
        ("720P", "3:4"): (832, 1104),
        ("1080P", "16:9"): (1920, 1080),
        ("1080P", "9:16"): (1080, 1920),
        ("1080P", "1:1"): (1440, 1440),
        ("1080P", "4:3"): (1648, 1248),
        ("1080P", "3:4"): (1248, 1648),
    }
)

# Singapore's prices are the US dollar prices customers are billed; its price list shows them converted to yuan.
_WAN27_PRICES: Final[Mapping[str, Mapping[str, Decimal]]] = MappingProxyType(
    {
        "singapore": MappingProxyType({"720P": Decimal("0.10"), "1080P": Decimal("0.15")}),
        "beijing": MappingProxyType({"720P": Decimal("0.6"), "1080P": Decimal("1")}),
    }
)

DEFAULT_MODEL: Final = "wan2.7-t2v"

MODELS: Final[Mapping[str, ModelSpec]] = MappingProxyType(
    {
        name: ModelSpec(name, sizes=_WAN27_SIZES, prices=_WAN27_PRICES)
        for name in (DEFAULT_MODEL, "wan2.7-t2v-2026-04-25", "wan2.7-t2v-2026-06-12")
    }
)
