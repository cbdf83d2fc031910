"""The service's error codes: HTTP status and message of each, as its documentation words them."""

from __future__ import annotations

_INTERNAL = "An internal error has occured, please try again later or contact service support."  # sic
_RATE = "Requests rate limit exceeded, please try again later."

CODES: dict[str, tuple[int, str]] = {
    "InvalidParameter": (400, "the parameters must conform to the specification: parameters"),
    "InvalidParameter.DataInspection": (
        400,
        "Unable to download the media resource during the data inspection process.",
    ),
    "InvalidURL": (400, "Invalid URL provided in your request."),
    "InvalidURL.ConnectionRefused": (400, "Connection to the media host refused, please provide available URL"),
    "InvalidURL.Timeout": (400, "Download the media resource timeout, please check network connection."),
    "BadRequest.TooLarge": (400, "Payload Too Large"),
    "DataInspectionFailed": (400, "Input data may contain inappropriate content."),
    "IPInfringementSuspect": (400, "Input data is suspected of being involved in IP infringement."),
    "CustomRoleBlocked": (400, "Input or output data may contain inappropriate content with custom rule."),
    "FaqRuleBlocked": (400, "Input or output data is blocked by faq rule."),
    "Arrearage": (400, "Access denied, please make sure your account is in good standing."),
    "UnsupportedOperation": (400, "Failed to cancel the task, please confirm if the task is in PENDING status."),
    "InvalidApiKey": (401, "Invalid API-key provided."),
    "NOT AUTHORIZED": (
        401,
        "Access denied: Either you are not authorized to access this workspace, or it does not exist.",
    ),
    "AccessDenied": (403, "Access denied."),
    "AccessDenied.Unpurchased": (403, "Access to model denied. Please make sure you are eligible for using the model."),
    "Model.AccessDenied": (403, "Model access denied."),
    "Workspace.AccessDenied": (403, "Workspace access denied."),
    "App.AccessDenied": (403, "App access denied."),
    "Endpoint.AccessDenied": (403, "Workspace endpoint access denied."),
    "AllocationQuota.FreeTierOnly": (403, "The free tier of the model has been exhausted."),
    "ModelNotFound": (404, "Model can not be found."),
    "WorkSpaceNotFound": (404, "WorkSpace can not be found."),
    "NotFound": (404, "Not found."),
    "Throttling": (429, "Requests throttling triggered."),
    "Throttling.RateQuota": (429, _RATE),
    "Throttling.BurstRate": (
        429,
        "Request rate increased too quickly. Please adjust your client logic to scale requests.",
    ),
    "Throttling.AllocationQuota": (429, "Allocated quota exceeded, please increase your quota limit."),
    "Throttling.Concurrency": (429, "Too many concurrent requests."),
    "CommodityNotPurchased": (429, "Commodity has not purchased yet."),
    "PrepaidBillOverdue": (429, "The prepaid bill is overdue."),
    "PostpaidBillOverdue": (429, "The postpaid bill is overdue."),
    "BudgetLimitExceeded": (429, "The budget limit has been exceeded."),
    "InternalError": (500, _INTERNAL),
    "InternalError.Algo": (500, "inference internal error."),
    "InternalError.Upload": (500, "Failed to upload result."),
    "InternalError.FileUpload": (500, "oss upload error."),
    "InternalError.Timeout": (500, "An internal timeout error has occured during execution, please try again later."),
    "SystemError": (500, "An system error has occured, please try again later."),
    "ModelServiceFailed": (500, "Failed to request model service."),
    "RequestTimeOut": (500, "Request timed out, please try again later."),
    "RewriteFailed": (500, "Failed to rewrite content for prompt."),
    "ServiceUnavailable": (503, "Service is temporarily unavailable, please try again later."),
    "ModelUnavailable": (503, "Model is unavailable, please try again later."),
    "ModelServingError": (503, "Too many requests. Your requests are being throttled due to system capacity limits."),
}


class Refusal(Exception):
    """A request-level error: the flat `{"code","message","request_id"}` with a 4xx or 5xx status."""

    def __init__(self, code: str, message: str | None = None, status: int | None = None) -> None:
        known_status, known_message = CODES.get(code, (400, code))
        self.status = status or known_status
        self.code = code
        self.message = message or known_message
        super().__init__(code)


class TaskFailure(Exception):
    """An error inside an accepted task: it ends FAILED with this code and message, under HTTP 200."""

    def __init__(self, code: str, message: str | None = None) -> None:
        self.code = code
        self.message = message or CODES.get(code, (400, code))[1]
        super().__init__(code)


def throttled() -> Refusal:
    return Refusal("Throttling.RateQuota")
