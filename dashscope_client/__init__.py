"""A client for the text-to-video models of Alibaba Cloud Model Studio (DashScope): create, query, list, cancel, upload,
and fetch what was made. It knows nothing of the program around it.
"""

from dashscope_client.catalogue import DEFAULT_MODEL, MODELS, REGIONS, Limits, ModelSpec, Money, Region, base_url
from dashscope_client.client import DashScopeClient
from dashscope_client.errors import (
    BadAnswer,
    Breaker,
    Cause,
    DashScopeError,
    Rejected,
    ResultCut,
    ResultError,
    ResultExpired,
    ResultRefused,
    Retry,
    Throttled,
    Unreachable,
    classify,
)
from dashscope_client.redaction import redact
from dashscope_client.results import ResultHosts, ResultStream, stream_result
from dashscope_client.snapshots import (
    ListedTask,
    TaskCreated,
    TaskPage,
    TaskSnapshot,
    TaskStatus,
    TemporaryUpload,
    Usage,
)
from dashscope_client.transport import Connections
from dashscope_client.video_request import VideoRequest

__all__ = [
    "DEFAULT_MODEL",
    "MODELS",
    "REGIONS",
    "BadAnswer",
    "Breaker",
    "Cause",
    "Connections",
    "DashScopeClient",
    "DashScopeError",
    "Limits",
    "ListedTask",
    "ModelSpec",
    "Money",
    "Region",
    "Rejected",
    "ResultCut",
    "ResultError",
    "ResultExpired",
    "ResultHosts",
    "ResultRefused",
    "ResultStream",
    "Retry",
    "TaskCreated",
    "TaskPage",
    "TaskSnapshot",
    "TaskStatus",
    "TemporaryUpload",
    "Throttled",
    "Unreachable",
    "Usage",
    "VideoRequest",
    "base_url",
    "classify",
    "redact",
    "stream_result",
]
