"""What is asked of the service: the body of a create request ("Text-to-video API reference", request parameters)."""

from dataclasses import KW_ONLY, dataclass, field
from typing import Any


@dataclass(frozen=True)
class VideoRequest:
    """One video to be made. The values are sent as they are; the catalogue says which ones the model takes.

    `duration` is whole seconds. `seed` None leaves the choice to the service. `audio_url` is http(s), or the oss:// URL
    of a temporary upload. The texts and the URL stay out of the repr, and so out of logs.
    """

    model: str
    prompt: str = field(repr=False)
    _: KW_ONLY
    negative_prompt: str = field(default="", repr=False)
    audio_url: str | None = field(default=None, repr=False)
    resolution: str
    ratio: str
    duration: int
    prompt_extend: bool
    watermark: bool
    seed: int | None = None

    def body(self) -> dict[str, Any]:
        """The JSON body. watermark and prompt_extend are always sent: the documented defaults contradict each other."""
        wanted: dict[str, Any] = {"prompt": self.prompt}
        if self.negative_prompt:
            wanted["negative_prompt"] = self.negative_prompt
        if self.audio_url:
            wanted["audio_url"] = self.audio_url
        parameters: dict[str, Any] = {
            "resolution": self.resolution,
            "ratio": self.ratio,
            "duration": self.duration,
            "prompt_extend": self.prompt_extend,
            "watermark": self.watermark,
        }
        if self.seed is not None:
            parameters["seed"] = self.seed
        return {"model": self.model, "input": wanted, "parameters": parameters}

    @property
    def needs_oss_resolve(self) -> bool:
        """Whether it refers to a temporary upload, which the service resolves only when a header asks for it."""
        return bool(self.audio_url) and str(self.audio_url).lower().startswith("oss://")
