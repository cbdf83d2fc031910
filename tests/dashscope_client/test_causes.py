"""Every row of the documentation's table of errors, and what the lifecycle relies on."""

import pytest

from dashscope_client import Cause, classify

AUDIO_FETCH = Cause.AUDIO_UNREACHABLE
# HTTP status (None: code of a failed task), code, message, cause
ROWS = [
    (400, "InvalidParameter", "Model not exist.", Cause.MODEL_NOT_FOUND),
    (400, "InvalidParameter", "url error, please check url！", Cause.MODEL_NOT_FOUND),
    (None, "InvalidParameter", "Field required: input.prompt", Cause.FIELD_MISSING),
    (400, "InvalidParameter", "Required body invalid, please check the request body format.", Cause.BAD_REQUEST),
    (400, "InvalidParameter", "Request method 'GET' is not supported.", Cause.BAD_REQUEST),
    (None, "InvalidParameter", "the parameters must conform to the specification: x", Cause.INVALID_PARAMETER),
    (None, "InvalidParameter", "missing required parameters or in a wrong format", Cause.INVALID_PARAMETER),
    (None, "InvalidParameter", "The size is not match xxxxxx", Cause.INVALID_PARAMETER),
    (None, "InvalidParameter", "Failed to download multimodal content", AUDIO_FETCH),
    (
        None,
        "InvalidParameter",
        "Download the media resource timed out during the data inspection process.",
        Cause.AUDIO_TIMEOUT,
    ),
    (None, "InvalidParameter", "Unable to download the media resource during the data inspection", AUDIO_FETCH),
    (None, "InvalidParameter", "Failed to find the requested media resource", AUDIO_FETCH),
    (None, "InvalidParameter", "Don't have authorization to access the media resource", AUDIO_FETCH),
    (
        None,
        "InvalidParameter",
        "The media format is not supported or incorrect for the data inspection.",
        Cause.AUDIO_FORMAT,
    ),
    (400, "InvalidParameter.DataInspection", "Unable to download the media resource during the data", AUDIO_FETCH),
    (None, "InvalidURL", "Required URL is missing or invalid", Cause.AUDIO_ADDRESS),
    (None, "InvalidURL", "Invalid URL provided", Cause.AUDIO_ADDRESS),
    (None, "InvalidURL", "The input audio is longer than 30s.", Cause.AUDIO_LENGTH),
    (None, "InvalidURL", "File size is larger than 15MB.", Cause.AUDIO_SIZE),
    (None, "InvalidURL", "File type is not supported. Allowed types are: .wav, .mp3.", Cause.AUDIO_FORMAT),
    (None, "InvalidURL.ConnectionRefused", "Connection to xxx refused", Cause.AUDIO_TIMEOUT),
    (None, "InvalidURL.Timeout", "Download xxx timeout", Cause.AUDIO_TIMEOUT),
    (None, "InvalidFile.Size", "", Cause.AUDIO_SIZE),
    (None, "InvalidFile.Duration", "", Cause.AUDIO_LENGTH),
    (None, "InvalidFile.Format", "", Cause.AUDIO_FORMAT),
    (None, "InvalidFile.Openerror", "", Cause.AUDIO_FORMAT),
    (None, "InvalidFile.DownloadFailed", "", AUDIO_FETCH),
    (None, "InvalidFile.AudioLengthError", "", Cause.AUDIO_LENGTH),
    (400, "BadRequest.EmptyInput", "Required input parameter missing from request.", Cause.FIELD_MISSING),
    (400, "BadRequest.EmptyParameters", "", Cause.FIELD_MISSING),
    (400, "BadRequest.EmptyModel", "", Cause.BAD_REQUEST),
    (400, "BadRequest.IllegalInput", "", Cause.INVALID_PARAMETER),
    (400, "BadRequest.InputDownloadFailed", "", AUDIO_FETCH),
    (400, "BadRequest.TooLarge", "", Cause.INVALID_PARAMETER),
    (400, "DataInspectionFailed", "Input data may contain inappropriate content.", Cause.INPUT_INSPECTION),
    (None, "DataInspectionFailed", "Input text data may contain inappropriate content.", Cause.INPUT_INSPECTION),
    (None, "DataInspectionFailed", "Output data may contain inappropriate content.", Cause.OUTPUT_INSPECTION),
    (None, "IPInfringementSuspect", "Input data is suspected of being involved in IP", Cause.IP_SUSPECT),
    (400, "CustomRoleBlocked", "", Cause.ACCOUNT_RULE),
    (400, "FaqRuleBlocked", "", Cause.ACCOUNT_RULE),
    (400, "Arrearage", "Access denied, please make sure your account is in good standing.", Cause.ARREARS),
    (
        400,
        "UnsupportedOperation",
        "Failed to cancel the task, please confirm if the task is in PENDING status.",
        Cause.CANCEL_TOO_LATE,
    ),
    (401, "InvalidApiKey", "Invalid API-key provided.", Cause.KEY_REFUSED),
    (401, "InvalidApiKey", "No API-key provided.", Cause.KEY_REFUSED),
    (401, "NOT AUTHORIZED", "Access denied: workspace not accessible", Cause.WORKSPACE_REFUSED),
    (403, "AccessDenied", "current user api does not support synchronous calls.", Cause.BAD_REQUEST),
    (403, "AccessDenied", "current user api does not support asynchronous calls.", Cause.BAD_REQUEST),
    (403, "AccessDenied", "Invalid according to Policy: Policy expired.", Cause.UPLOAD_EXPIRED),
    (403, "AccessDenied", "Access denied.", Cause.ACCESS_DENIED),
    (403, "AccessDenied.Unpurchased", "Access to model denied.", Cause.NOT_PURCHASED),
    (403, "Model.AccessDenied", "Model access denied.", Cause.NOT_PURCHASED),
    (403, "Workspace.AccessDenied", "Workspace access denied.", Cause.WORKSPACE_REFUSED),
    (403, "App.AccessDenied", "App access denied.", Cause.WORKSPACE_REFUSED),
    (403, "Endpoint.AccessDenied", "Workspace endpoint access denied.", Cause.WORKSPACE_REFUSED),
    (403, "AllocationQuota.FreeTierOnly", "The free tier of the model has been exhausted", Cause.FREE_QUOTA_USED),
    (404, "ModelNotFound", "Model can not be found.", Cause.MODEL_NOT_FOUND),
    (404, "WorkSpaceNotFound", "", Cause.WORKSPACE_REFUSED),
    (404, "NotFound", "", Cause.NOT_FOUND),
    (429, "Throttling", "Requests throttling triggered.", Cause.THROTTLED),
    (429, "Throttling", "Too many requests in route. Please try again later.", Cause.THROTTLED),
    (429, "Throttling.RateQuota", "Requests rate limit exceeded, please try again later.", Cause.THROTTLED),
    (429, "Throttling.BurstRate", "Request rate increased too quickly", Cause.THROTTLED),
    (
        429,
        "Throttling.AllocationQuota",
        "Allocated quota exceeded, please increase your quota limit.",
        Cause.THROTTLED,
    ),
    (429, "Throttling.AllocationQuota", "Free allocated quota exceeded.", Cause.FREE_QUOTA_USED),
    (429, "Throttling.Concurrency", "Too many concurrent requests.", Cause.THROTTLED),
    (429, "Throttling.ServiceOverloaded", "", Cause.THROTTLED),
    (429, "Throttling.ResourceExhausted", "", Cause.THROTTLED),
    (429, "CommodityNotPurchased", "", Cause.NOT_PURCHASED),
    (429, "PrepaidBillOverdue", "", Cause.ARREARS),
    (429, "PostpaidBillOverdue", "", Cause.ARREARS),
    (429, "BudgetLimitExceeded", "", Cause.BUDGET_REACHED),
    (None, "InternalError", "An internal error has occured, please try again later", Cause.INTERNAL_ERROR),
    (None, "InternalError.Algo", "inference internal error.", Cause.INTERNAL_ERROR),
    (None, "InternalError.Upload", "Failed to upload result.", Cause.INTERNAL_ERROR),
    (None, "InternalError.FileUpload", "", Cause.INTERNAL_ERROR),
    (None, "InternalError.Configuration", "", Cause.INTERNAL_ERROR),
    (None, "InternalError.DataInspection", "", Cause.INTERNAL_ERROR),
    (None, "InternalError.TranslationFailed", "", Cause.INTERNAL_ERROR),
    (None, "InternalError.Timeout", "An internal timeout error has occured during execution", Cause.TASK_TIMEOUT),
    (None, "SystemError", "", Cause.INTERNAL_ERROR),
    (None, "ModelServiceFailed", "", Cause.INTERNAL_ERROR),
    (None, "RequestTimeOut", "", Cause.UNAVAILABLE),
    (None, "RewriteFailed", "Failed to rewrite content for prompt.", Cause.REWRITE_FAILED),
    (503, "ServiceUnavailable", "", Cause.UNAVAILABLE),
    (500, "ModelServingError", "", Cause.UNAVAILABLE),
    (503, "ModelUnavailable", "", Cause.UNAVAILABLE),
    (504, "GatewayTimeout.InputDownload", "", Cause.AUDIO_TIMEOUT),
]


class TestClassify:
    @pytest.mark.parametrize(("status", "code", "message", "cause"), ROWS)
    def test_knows_the_documented_row(self, status, code, message, cause):
        assert classify(code, message, status) is cause

    @pytest.mark.parametrize("code", ["InvalidApiKey", "invalidapikey", " INVALIDAPIKEY ", "invalid_api_key"])
    def test_does_not_mind_how_a_code_is_written(self, code):
        assert classify(code, "", 401) is Cause.KEY_REFUSED

    def test_admits_what_it_does_not_know(self):
        assert classify("Brand.New", "what?", None) is Cause.UNKNOWN
        assert classify("Brand.New", "what?", 403) is Cause.UNKNOWN
        assert classify("", "", None) is Cause.UNKNOWN

    @pytest.mark.parametrize(
        ("status", "cause"), [(401, Cause.KEY_REFUSED), (429, Cause.THROTTLED), (502, Cause.INTERNAL_ERROR)]
    )
    def test_takes_the_status_when_it_says_enough(self, status, cause):
        assert classify("Brand.New", "", status) is cause

    @pytest.mark.parametrize(
        ("code", "cause"),
        [
            ("InternalError.New", Cause.INTERNAL_ERROR),
            ("InvalidParameter.New", Cause.INVALID_PARAMETER),
            ("Throttling.New", Cause.THROTTLED),
            ("InvalidFile.New", Cause.AUDIO_FORMAT),
        ],
    )
    def test_knows_the_family_of_a_new_code(self, code, cause):
        assert classify(code, "", 400) is cause


class TestCause:
    def test_can_be_stored_by_its_value(self):
        assert all(Cause(cause.value) is cause for cause in Cause)
        assert max(len(cause.value) for cause in Cause) <= 40

    @pytest.mark.parametrize("cause", Cause)
    def test_speaks_in_whole_sentences(self, cause):
        assert cause.sentence[0].isupper()
        assert cause.sentence.endswith(".")
        assert len(cause.sentence) < 200

    @pytest.mark.parametrize("cause", Cause)
    def test_that_stops_everybody_is_for_an_owner(self, cause):
        assert cause.retry in ("later", "fix", "new", "owner")
        assert cause.breaker in (None, "key", "billing")
        assert cause.breaker is None or cause.retry == "owner"

    @pytest.mark.parametrize("cause", Cause)
    def test_is_retried_alone_only_where_nobody_must_act(self, cause):
        assert not cause.worth_retrying or cause.retry in ("later", "new")

    def test_retries_alone_what_the_service_did_wrong(self):
        assert {cause for cause in Cause if cause.worth_retrying} == {
            Cause.AUDIO_TIMEOUT,
            Cause.INTERNAL_ERROR,
            Cause.TASK_TIMEOUT,
            Cause.UNAVAILABLE,
        }

    def test_breaks_for_keys_and_bills(self):
        assert {cause for cause in Cause if cause.breaker == "key"} == {
            Cause.KEY_REFUSED,
            Cause.WORKSPACE_REFUSED,
            Cause.ACCESS_DENIED,
        }
        assert {cause for cause in Cause if cause.breaker == "billing"} == {
            Cause.ARREARS,
            Cause.NOT_PURCHASED,
            Cause.FREE_QUOTA_USED,
            Cause.BUDGET_REACHED,
        }

    @pytest.mark.parametrize("cause", [Cause.UNREACHABLE, Cause.BAD_ANSWER, Cause.INTERNAL_ERROR, Cause.UNAVAILABLE])
    def test_promises_nothing_about_money_where_a_request_may_have_landed(self, cause):
        assert "%(charge)s" not in cause.sentence
