"""Temporary files: the upload credential, the form endpoint of the object storage, and `oss://` resolution.

A file is kept for 48 hours and may be used only by the account and with the model its credential was made for.
"""

from __future__ import annotations

import base64
import json
import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from dashscope_simulator import answers
from dashscope_simulator.answers import BEIJING, Answer, new_id, oss_error
from dashscope_simulator.errors import Refusal, TaskFailure
from dashscope_simulator.faults import FaultBook
from dashscope_simulator.journal import Journal
from dashscope_simulator.records import MODELS, TaskRecord, Upload
from dashscope_simulator.results import ACCESS_KEY_ID, sign
from dashscope_simulator.throttle import Throttle

EXPIRE_SECONDS = 300
MAX_MEGABYTES = 100
KEPT_SECONDS = 48 * 3600

_POLICY_INVALID = "Invalid according to Policy: {}"
_FIELD = re.compile(rb'name="([^"]*)"')


class UploadSpace:
    def __init__(
        self,
        data_dir: Path,
        journal: Journal,
        throttle: Throttle,
        faults: FaultBook,
        *,
        secret: bytes,
        now: Callable[[], float],
    ) -> None:
        self._dir = data_dir / "uploads"
        self._dir.mkdir(parents=True, exist_ok=True)
        self._journal, self._throttle, self._faults, self._secret, self._now = journal, throttle, faults, secret, now
        self.origin = ""

    def credential(self, account: str, query: dict[str, str]) -> Answer:
        self._throttle.pass_or_refuse("upload_policy", account)
        if query.get("action") != "getPolicy":
            raise Refusal("InvalidParameter", "the parameters must conform to the specification: action")
        if query.get("model") not in MODELS:
            raise Refusal("InvalidParameter", "Model not exist.")
        now = self._now()
        day = datetime.fromtimestamp(now, BEIJING).strftime("%Y-%m-%d")
        directory = f"dashscope-instant/{account}/{day}/{uuid.uuid4()}"
        policy = self._policy(account, query["model"], directory, now + EXPIRE_SECONDS)
        data = {
            "policy": policy,
            "signature": sign(self._secret, policy),
            "upload_dir": directory,
            "upload_host": self.origin,
            "expire_in_seconds": EXPIRE_SECONDS,
            "max_file_size_mb": MAX_MEGABYTES,
            "capacity_limit_mb": 999999999,
            "oss_access_key_id": ACCESS_KEY_ID,
            "x_oss_object_acl": "private",
            "x_oss_forbid_overwrite": "true",
        }
        return answers.as_json({"request_id": new_id(), "data": data})

    @staticmethod
    def _policy(account: str, model: str, directory: str, expires: float) -> str:
        document = {
            "expiration": datetime.fromtimestamp(expires, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ"),
            "conditions": [
                ["content-length-range", 0, MAX_MEGABYTES * 1024 * 1024],
                ["starts-with", "$key", directory],
                {"x-oss-object-acl": "private"},
                {"x-oss-forbid-overwrite": "true"},
            ],
            "owner": [account, model],
        }
        return base64.b64encode(json.dumps(document).encode()).decode()

    def receive(self, content_type: str, body: bytes) -> Answer:
        """The multipart POST: no key, only the signed policy says who may put what where."""
        self._throttle.count("upload")
        if self._faults.take("upload_403") is not None:
            return oss_error(403, "AccessDenied", _POLICY_INVALID.format("Policy expired."))
        if self._faults.take("upload_fail") is not None:
            return oss_error(500, "InternalError", "We encountered an internal error. Please try again.")
        try:
            fields, content = _parse_form(content_type, body)
            return self._store(fields, content)
        except (KeyError, ValueError):
            return oss_error(400, "MalformedPOSTRequest", "The body of your POST request is not well-formed.")

    def _store(self, fields: dict[str, str], content: bytes) -> Answer:
        key, policy = fields["key"], fields["policy"]
        if fields["OSSAccessKeyId"] != ACCESS_KEY_ID or fields["Signature"] != sign(self._secret, policy):
            return oss_error(403, "SignatureDoesNotMatch", "The request signature we calculated does not match.")
        document = json.loads(base64.b64decode(policy))
        refusal = self._breach(document, fields, len(content))
        if refusal:
            return refusal
        if self._journal.upload(key) is not None:
            return oss_error(
                409, "FileAlreadyExists", "The object you specified already exists and can not be overwritten."
            )
        path = self._dir / uuid.uuid4().hex
        path.write_bytes(content)
        account, model = document["owner"]
        self._journal.save_upload(Upload(key, account, model, str(path), self._now()))
        return Answer(int(fields.get("success_action_status", "204")), b"", "text/plain")

    def _breach(self, document: dict, fields: dict[str, str], size: int) -> Answer | None:
        if datetime.fromisoformat(document["expiration"]).timestamp() < self._now():
            return oss_error(403, "AccessDenied", _POLICY_INVALID.format("Policy expired."))
        for condition in document["conditions"]:
            if isinstance(condition, dict):
                is_met = all(fields.get(name) == value for name, value in condition.items())
            elif condition[0] == "starts-with":
                is_met = fields["key"].startswith(f"{condition[2]}/")
            else:
                if size > condition[2]:
                    return oss_error(400, "EntityTooLarge", "Your proposed upload exceeds the maximum allowed size.")
                continue
            if not is_met:
                return oss_error(403, "AccessDenied", _POLICY_INVALID.format(f"Policy Condition failed: {condition}"))
        return None

    def find(self, record: TaskRecord, url: str) -> Upload:
        """The upload behind an `oss://` URL. Raises TaskFailure for a foreign, old or unresolved one."""
        upload = self._journal.upload(url.removeprefix("oss://"))
        if (
            not record.resolves_oss
            or upload is None
            or (upload.account, upload.model) != (record.account, record.model)
            or self._now() > upload.uploaded_at + KEPT_SECONDS
        ):
            raise TaskFailure("InvalidParameter.DataInspection")
        return upload


def _parse_form(content_type: str, body: bytes) -> tuple[dict[str, str], bytes]:
    """The text fields and the file of a multipart form. Raises KeyError or ValueError for anything else."""
    kind, _, rest = content_type.partition(";")
    match = re.search(r'boundary="?([^";]+)"?', rest)
    if kind.strip().lower() != "multipart/form-data" or not match:
        raise ValueError("not a form")
    fields: dict[str, str] = {}
    content: bytes | None = None
    for part in (b"\r\n" + body).split(b"\r\n--" + match.group(1).encode())[1:-1]:
        head, _, value = part.removeprefix(b"\r\n").partition(b"\r\n\r\n")
        name = _FIELD.search(head)
        if not name:
            raise ValueError("a part without a name")
        if name.group(1) == b"file":
            content = value
            break  # the storage ignores what follows the file
        fields[name.group(1).decode()] = value.decode()
    if content is None:
        raise KeyError("file")
    return fields, content
