"""Why something did not work, in words for the person who wanted a video.

The service says it with a code and a message, in two places: in the answer to a request (4xx and 5xx), and in the
`output` of a task that failed. `classify` maps both to one `Cause` ("Error messages" in Model Studio's documentation).
Codes are too coarse to be used alone: `InvalidParameter` stands for a missing model and for audio of a wrong format.
"""

from dataclasses import dataclass
from enum import Enum
from typing import Final, Literal

Retry = Literal["later", "fix", "new", "owner"]
Breaker = Literal["key", "billing"]


def _(text: str) -> str:
    """Mark a sentence for translation; whoever shows it translates it."""
    return text


class Cause(Enum):
    """A reason with what follows from it. The value is a stable name that may be stored.

    sentence: what happened, what it cost where that is certain, and what to do next; English, marked for translation.
        `%(charge)s` in it is where its reader says that nothing was charged, or what earlier requests may have cost.
    retry: "later" the same request may pass after a while, "new" a new task may pass, "fix" the creator must change
        something first, "owner" an owner or administrator must act.
    breaker: "key" if every request with this key may be refused, "billing" if the account may not create at all now.
    worth_retrying: a task that failed for this reason cost nothing and may well pass unchanged, so trying once more
        without asking is right. True only for what the documentation attributes to the service or to the time of day;
        what depends on the content (moderation of the result, rewriting of the prompt) is left to a person.
    """

    sentence: str
    retry: Retry
    breaker: Breaker | None
    worth_retrying: bool

    def __new__(
        cls,
        value: str,
        sentence: str,
        retry: Retry,
        breaker: Breaker | None = None,
        worth_retrying: bool = False,
    ) -> "Cause":
        member = object.__new__(cls)
        member._value_ = value
        member.sentence = sentence
        member.retry = retry
        member.breaker = breaker
        member.worth_retrying = worth_retrying
        return member

    # The account
    KEY_REFUSED = (
        "key-refused",
        _("Wan refused the API key. %(charge)s An owner has to check the key and its region."),
        "owner",
        "key",
    )
    WORKSPACE_REFUSED = (
        "workspace-refused",
        _("Wan does not let this API key use the workspace. %(charge)s An owner has to check both."),
        "owner",
        "key",
    )
    ACCESS_DENIED = (
        "access-denied",
        _("Wan denied access. %(charge)s An owner has to check what the API key may do."),
        "owner",
        "key",
    )
    ARREARS = (
        "arrears",
        _("The Wan account has an overdue bill. %(charge)s An owner has to settle the bill."),
        "owner",
        "billing",
    )
    NOT_PURCHASED = (
        "not-purchased",
        _("The Wan account has not activated this model. %(charge)s An owner has to activate it."),
        "owner",
        "billing",
    )
    FREE_QUOTA_USED = (
        "free-quota-used",
        _("The Wan account's free quota is used up. %(charge)s An owner has to allow paid use in Model Studio."),
        "owner",
        "billing",
    )
    BUDGET_REACHED = (
        "budget-reached",
        _("The Wan account has reached its spending limit. %(charge)s An owner has to raise the limit."),
        "owner",
        "billing",
    )
    MODEL_NOT_FOUND = (
        "model-not-found",
        _("Wan does not offer this model here. %(charge)s Choose another model, or ask an owner."),
        "owner",
    )
    NOT_FOUND = (
        "not-found",
        _("Wan does not know what was asked for. %(charge)s An owner has to check the service address."),
        "owner",
    )
    BAD_REQUEST = (
        "bad-request",
        _("Wan did not accept the form of the request. %(charge)s Please tell an administrator."),
        "owner",
    )

    # What was asked for
    INVALID_PARAMETER = (
        "invalid-parameter",
        _("Wan did not accept one of the settings. %(charge)s Change the settings and try again."),
        "fix",
    )
    FIELD_MISSING = (
        "field-missing",
        _("Wan misses something, usually the prompt. %(charge)s Fill it in and try again."),
        "fix",
    )
    INPUT_INSPECTION = (
        "input-inspection",
        _("Wan's content check refused the prompt or the audio. %(charge)s Word it differently."),
        "fix",
    )
    OUTPUT_INSPECTION = (
        "output-inspection",
        _("Wan's content check withheld the finished video. %(charge)s Try again, or soften the prompt."),
        "new",
    )
    IP_SUSPECT = (
        "ip-suspect",
        _("Wan suspects protected characters or brands in the prompt. %(charge)s Describe your own."),
        "fix",
    )
    ACCOUNT_RULE = (
        "account-rule",
        _("A content rule of the Wan account blocked this. %(charge)s Word it differently, or ask an owner."),
        "fix",
    )
    REWRITE_FAILED = (
        "rewrite-failed",
        _("Wan could not rewrite the prompt. %(charge)s Try again, or switch prompt rewriting off."),
        "new",
    )

    # The audio
    AUDIO_ADDRESS = (
        "audio-address",
        _("Wan did not accept the address of the audio. %(charge)s Upload the audio again."),
        "fix",
    )
    AUDIO_UNREACHABLE = (
        "audio-unreachable",
        _("Wan could not download the audio. %(charge)s Upload the audio again, then try once more."),
        "fix",
    )
    AUDIO_TIMEOUT = (
        "audio-timeout",
        _("Wan's download of the audio failed or took too long. %(charge)s Try again."),
        "new",
        None,
        True,
    )
    AUDIO_FORMAT = (
        "audio-format",
        _("Wan can't read the audio. %(charge)s Use a WAV or MP3 file."),
        "fix",
    )
    AUDIO_LENGTH = (
        "audio-length",
        _("The audio is too short or too long for Wan. %(charge)s Use 2 to 30 seconds."),
        "fix",
    )
    AUDIO_SIZE = (
        "audio-size",
        _("The audio file is too large for Wan. %(charge)s Use a file of at most 15 MB."),
        "fix",
    )
    UPLOAD_EXPIRED = (
        "upload-expired",
        _("The audio took too long on its way to Wan. %(charge)s Try again in a moment."),
        "later",
    )

    # The service
    THROTTLED = (
        "throttled",
        _("Wan is busy and asked for a pause. %(charge)s It is tried again in a while."),
        "later",
    )
    INTERNAL_ERROR = (
        "internal-error",
        _("Wan had an internal error. A video that fails this way is not charged. Try again."),
        "new",
        None,
        True,
    )
    TASK_TIMEOUT = (
        "task-timeout",
        _("Wan gave up: the video took too long to make. A video that fails this way is not charged. Try again."),
        "new",
        None,
        True,
    )
    UNAVAILABLE = (
        "unavailable",
        _("Wan is not available at the moment. A video that fails this way is not charged. Try again in a while."),
        "later",
        None,
        True,
    )
    CANCEL_TOO_LATE = (
        "cancel-too-late",
        _("It is too late to cancel: Wan has already begun. The video will be finished and charged."),
        "fix",
    )
    UNREACHABLE = (
        "unreachable",
        _("Wan could not be reached, or its answer never arrived. It is asked again in a while."),
        "later",
    )
    BAD_ANSWER = (
        "bad-answer",
        _("Wan gave an answer that makes no sense. It is asked again in a while."),
        "later",
    )

    # The finished video
    RESULT_REFUSED = (
        "result-refused",
        _("The finished video lies at an address that is not trusted. An administrator has to allow it."),
        "owner",
    )
    RESULT_EXPIRED = (
        "result-expired",
        _("The address of the finished video is no longer valid. Wan is asked for a new one."),
        "later",
    )
    RESULT_CUT = (
        "result-cut",
        _("The download of the finished video was cut off. It is tried again."),
        "later",
    )

    UNKNOWN = (
        "unknown",
        _(
            "Wan did not make this video, for a reason unknown here; its own words are below. "
            "%(charge)s Try again, or change the prompt or the settings."
        ),
        "new",
    )


@dataclass(frozen=True)
class _Rule:
    """A code, optionally with a part of its message, and what it means. A code ending in `.*` covers its family."""

    code: str
    cause: Cause
    message_part: str = ""

    def matches(self, code: str, message: str) -> bool:
        if self.code.endswith(".*"):
            fits = code.startswith(self.code[:-1])
        else:
            fits = code == self.code
        return fits and self.message_part in message


# The first match counts. Codes and parts of messages are in lower case here and compared in lower case.
_RULES: Final = (
    _Rule("invalidparameter", Cause.MODEL_NOT_FOUND, "model not exist"),
    _Rule("invalidparameter", Cause.MODEL_NOT_FOUND, "url error"),
    _Rule("invalidparameter", Cause.FIELD_MISSING, "field required"),
    _Rule("invalidparameter", Cause.BAD_REQUEST, "required body invalid"),
    _Rule("invalidparameter", Cause.BAD_REQUEST, "request method"),
    _Rule("invalidparameter", Cause.AUDIO_UNREACHABLE, "failed to download multimodal content"),
    _Rule("invalidparameter", Cause.AUDIO_TIMEOUT, "timed out during the data inspection"),
    _Rule("invalidparameter", Cause.AUDIO_UNREACHABLE, "unable to download the media"),
    _Rule("invalidparameter", Cause.AUDIO_UNREACHABLE, "failed to find the requested media"),
    _Rule("invalidparameter", Cause.AUDIO_UNREACHABLE, "have authorization to access the media"),
    _Rule("invalidparameter", Cause.AUDIO_FORMAT, "media format is not supported"),
    _Rule("invalidparameter.datainspection", Cause.AUDIO_TIMEOUT, "timed out"),
    _Rule("invalidparameter.datainspection", Cause.AUDIO_FORMAT, "media format is not supported"),
    _Rule("invalidparameter.datainspection", Cause.AUDIO_UNREACHABLE),
    _Rule("invalidparameter", Cause.INVALID_PARAMETER),
    _Rule("invalidparameter.*", Cause.INVALID_PARAMETER),
    _Rule("invalidurl", Cause.AUDIO_LENGTH, "longer than"),
    _Rule("invalidurl", Cause.AUDIO_LENGTH, "shorter than"),
    _Rule("invalidurl", Cause.AUDIO_SIZE, "larger than"),
    _Rule("invalidurl", Cause.AUDIO_FORMAT, "file type is not supported"),
    _Rule("invalidurl.connectionrefused", Cause.AUDIO_TIMEOUT),
    _Rule("invalidurl.timeout", Cause.AUDIO_TIMEOUT),
    _Rule("invalidurl", Cause.AUDIO_ADDRESS),
    _Rule("invalidurl.*", Cause.AUDIO_ADDRESS),
    _Rule("invalidfile.size", Cause.AUDIO_SIZE),
    _Rule("invalidfile.duration", Cause.AUDIO_LENGTH),
    _Rule("invalidfile.audiolengtherror", Cause.AUDIO_LENGTH),
    _Rule("invalidfile.downloadfailed", Cause.AUDIO_UNREACHABLE),
    _Rule("invalidfile.*", Cause.AUDIO_FORMAT),
    _Rule("badrequest.inputdownloadfailed", Cause.AUDIO_UNREACHABLE),
    _Rule("badrequest.illegalinput", Cause.INVALID_PARAMETER),
    _Rule("badrequest.toolarge", Cause.INVALID_PARAMETER),
    _Rule("badrequest.emptymodel", Cause.BAD_REQUEST),
    _Rule("badrequest.*", Cause.FIELD_MISSING),
    _Rule("datainspectionfailed", Cause.OUTPUT_INSPECTION, "output data"),
    _Rule("datainspectionfailed", Cause.INPUT_INSPECTION),
    _Rule("data_inspection_failed", Cause.OUTPUT_INSPECTION, "output data"),
    _Rule("data_inspection_failed", Cause.INPUT_INSPECTION),
    _Rule("ipinfringementsuspect", Cause.IP_SUSPECT),
    _Rule("customroleblocked", Cause.ACCOUNT_RULE),
    _Rule("faqruleblocked", Cause.ACCOUNT_RULE),
    _Rule("unsupportedoperation", Cause.CANCEL_TOO_LATE, "cancel"),
    _Rule("unsupportedoperation", Cause.BAD_REQUEST),
    _Rule("arrearage", Cause.ARREARS),
    _Rule("prepaidbilloverdue", Cause.ARREARS),
    _Rule("postpaidbilloverdue", Cause.ARREARS),
    _Rule("budgetlimitexceeded", Cause.BUDGET_REACHED),
    _Rule("commoditynotpurchased", Cause.NOT_PURCHASED),
    _Rule("accessdenied.unpurchased", Cause.NOT_PURCHASED),
    _Rule("model.accessdenied", Cause.NOT_PURCHASED),
    _Rule("allocationquota.freetieronly", Cause.FREE_QUOTA_USED),
    _Rule("throttling.allocationquota", Cause.FREE_QUOTA_USED, "free allocated quota"),
    _Rule("throttling", Cause.THROTTLED),
    _Rule("throttling.*", Cause.THROTTLED),
    _Rule("limit_requests", Cause.THROTTLED),
    _Rule("invalidapikey", Cause.KEY_REFUSED),
    _Rule("invalid_api_key", Cause.KEY_REFUSED),
    _Rule("not authorized", Cause.WORKSPACE_REFUSED),
    _Rule("workspace.accessdenied", Cause.WORKSPACE_REFUSED),
    _Rule("endpoint.accessdenied", Cause.WORKSPACE_REFUSED),
    _Rule("app.accessdenied", Cause.WORKSPACE_REFUSED),
    _Rule("workspacenotfound", Cause.WORKSPACE_REFUSED),
    _Rule("accessdenied", Cause.BAD_REQUEST, "synchronous calls"),
    _Rule("accessdenied", Cause.UPLOAD_EXPIRED, "policy expired"),
    _Rule("accessdenied", Cause.ACCESS_DENIED),
    _Rule("accessdenied.*", Cause.ACCESS_DENIED),
    _Rule("modelnotfound", Cause.MODEL_NOT_FOUND),
    _Rule("notfound", Cause.NOT_FOUND),
    _Rule("rewritefailed", Cause.REWRITE_FAILED),
    _Rule("internalerror.timeout", Cause.TASK_TIMEOUT),
    _Rule("internalerror", Cause.INTERNAL_ERROR),
    _Rule("internalerror.*", Cause.INTERNAL_ERROR),
    _Rule("systemerror", Cause.INTERNAL_ERROR),
    _Rule("modelservicefailed", Cause.INTERNAL_ERROR),
    _Rule("requesttimeout", Cause.UNAVAILABLE),
    _Rule("serviceunavailable", Cause.UNAVAILABLE),
    _Rule("modelservingerror", Cause.UNAVAILABLE),
    _Rule("modelunavailable", Cause.UNAVAILABLE),
    _Rule("gatewaytimeout.inputdownload", Cause.AUDIO_TIMEOUT),
    _Rule("gatewaytimeout.*", Cause.UNAVAILABLE),
)


def classify(code: str, message: str, http_status: int | None) -> Cause:
    """The cause behind the service's code and message.

    `http_status` is that of a refused request, or None for the code of a failed task. A code that is not documented
    gives `Cause.UNKNOWN`, except where the HTTP status alone says enough (401, 429, 5xx).
    """
    wanted, words = code.strip().lower(), message.lower()
    for rule in _RULES:
        if rule.matches(wanted, words):
            return rule.cause
    if http_status == 401:
        return Cause.KEY_REFUSED
    if http_status == 429:
        return Cause.THROTTLED
    if http_status is not None and http_status >= 500:
        return Cause.INTERNAL_ERROR
    return Cause.UNKNOWN
