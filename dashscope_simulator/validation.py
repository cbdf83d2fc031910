"""The two stages in which the service checks a request.

At submit only the envelope is looked at (header, JSON, model); the fields are judged inside the accepted task, which
then FAILS under HTTP 200 within moments. Strict mode judges the fields at submit too, because the exact split is known
only from measurements.
"""

from __future__ import annotations

import json
from typing import Any

from dashscope_simulator.errors import Refusal, TaskFailure
from dashscope_simulator.records import MODELS, SIZES

MODERATED_INPUT = ("nsfw", "违禁")
MODERATED_OUTPUT = ("nsfw-output", "输出违禁")
"""Words the simulated content moderation objects to, in the prompt or in what was made of it."""

_RULE = "the parameters must conform to the specification: {}"


def envelope(body: bytes) -> dict[str, Any]:
    """The request of a create. Raises Refusal when it is not an object or names no model this service has."""
    try:
        request = json.loads(body)
    except ValueError:
        request = None
    if not isinstance(request, dict):
        raise Refusal(
            "InvalidParameter", "Required body invalid, please check the request body format.", status=400
        ) from None
    if request.get("model") not in MODELS:
        raise Refusal("InvalidParameter", "Model not exist.")
    return request


def check_fields(request: dict[str, Any]) -> None:
    """Raises TaskFailure for the first field that is missing or out of range. Unknown keys are ignored."""
    given = request.get("input")
    given = given if isinstance(given, dict) else {}
    if not isinstance(given.get("prompt"), str) or not given["prompt"].strip():
        raise TaskFailure("InvalidParameter", "Field required: input.prompt")
    for name in ("negative_prompt", "audio_url"):
        if given.get(name) is not None and not isinstance(given[name], str):
            raise TaskFailure("InvalidParameter", _RULE.format(f"Input should be a valid string: input.{name}"))
    _check_parameters(request.get("parameters"))


def _check_parameters(parameters: object) -> None:
    if parameters is None:
        return
    if not isinstance(parameters, dict):
        raise TaskFailure("InvalidParameter", _RULE.format("Input should be a valid dictionary: parameters"))
    _one_of(parameters, "resolution", tuple(SIZES))
    _one_of(parameters, "ratio", tuple(SIZES["720P"]))
    _integer(parameters, "duration", 2, 15)
    _integer(parameters, "seed", 0, 2147483647)
    for name in ("prompt_extend", "watermark"):
        if not isinstance(parameters.get(name), bool | None):
            raise TaskFailure("InvalidParameter", _RULE.format(f"Input should be a valid boolean: parameters.{name}"))


def _one_of(parameters: dict[str, Any], name: str, allowed: tuple[str, ...]) -> None:
    if parameters.get(name) is not None and parameters[name] not in allowed:
        choices = ", ".join(f"'{value}'" for value in allowed)
        raise TaskFailure("InvalidParameter", _RULE.format(f"Input should be one of {choices}: parameters.{name}"))


def _integer(parameters: dict[str, Any], name: str, low: int, high: int) -> None:
    value = parameters.get(name)
    if value is None:
        return
    if not isinstance(value, int) or isinstance(value, bool):
        raise TaskFailure("InvalidParameter", _RULE.format(f"Input should be a valid integer: parameters.{name}"))
    if not low <= value <= high:
        raise TaskFailure(
            "InvalidParameter", _RULE.format(f"Input should be between {low} and {high}: parameters.{name}")
        )


def check_moderation(prompt: str) -> TaskFailure | None:
    """The objection of the moderation, which comes early for the input and at the end for the output; None if fine."""
    text = prompt.lower()
    if any(word in text for word in MODERATED_OUTPUT):
        return TaskFailure("DataInspectionFailed", "Output data may contain inappropriate content.")
    if any(word in text for word in MODERATED_INPUT):
        return TaskFailure("DataInspectionFailed", "Input data may contain inappropriate content.")
    return None
