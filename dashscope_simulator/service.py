"""The operations of the task service: create, query, list, cancel. HTTP is server.py's, time is engine.py's."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable
from typing import Any

from dashscope_simulator import answers
from dashscope_simulator.answers import Answer, Wire, new_id
from dashscope_simulator.engine import Engine
from dashscope_simulator.errors import Refusal, TaskFailure, throttled
from dashscope_simulator.faults import ATTACHED, FaultBook, faults_in
from dashscope_simulator.records import LIFETIME, Status, TaskRecord
from dashscope_simulator.throttle import Throttle
from dashscope_simulator.validation import check_fields, envelope

_HTML_500 = b"<html><head><title>500 Internal Server Error</title></head><body><h1>500</h1></body></html>"


def account_of(key: str) -> str:
    """The main account behind a key: its own, but `sk-name~2` is another key of `sk-name`'s. No key is ever kept."""
    return _number_of(key.partition("~")[0])


def key_id_of(key: str) -> str:
    return _number_of(key)[:6]


def _number_of(key: str) -> str:
    return "1" + str(int(hashlib.sha256(key.encode()).hexdigest()[:14], 16)).zfill(15)[:15]


class Service:
    def __init__(
        self,
        engine: Engine,
        throttle: Throttle,
        faults: FaultBook,
        *,
        now: Callable[[], float],
        video_url: Callable[[TaskRecord], str],
        is_strict: bool = False,
        float_usage: bool = False,
    ) -> None:
        self._engine, self._throttle, self._faults, self._now = engine, throttle, faults, now
        self._video_url, self._is_strict, self._float_usage = video_url, is_strict, float_usage

    def authenticate(self, authorization: str | None) -> tuple[str, str]:
        """The account, and the id of its key. Raises Refusal (401)."""
        scheme, _, key = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not key.strip():
            raise Refusal("InvalidApiKey", "No API-key provided.")
        if self._faults.take("invalid_key") is not None:
            raise Refusal("InvalidApiKey")
        return account_of(key.strip()), key_id_of(key.strip())

    def create(self, account: str, body: bytes, *, key_id: str, is_async: bool, resolves_oss: bool) -> Answer:
        self._throttle.pass_or_refuse("create", account)
        if not is_async:
            raise Refusal("AccessDenied", "current user api does not support synchronous calls.")
        request = envelope(body)
        given = request.get("input")
        own = faults_in(given.get("prompt")) if isinstance(given, dict) else {}
        scope = f"{account}:{hashlib.sha256(body).hexdigest()}"
        refusal = self._refused_by_fault(own, scope)
        if refusal:
            return refusal
        if self._is_strict:
            _check_now(request)
        record = self._accept(account, key_id, body, request, own, resolves_oss)
        return self._answer_to_create(record, own, scope)

    def _refused_by_fault(self, own: dict[str, dict[str, Any]], scope: str) -> Answer | None:
        if self._faults.take("throttle_create", own=own, scope=scope) is not None:
            self._throttle.note_refusal("create")
            raise throttled()
        if self._faults.take("arrears", own=own, scope=scope) is not None:
            raise Refusal("Arrearage")
        if self._faults.take("invalid_key", own=own, scope=scope) is not None:
            raise Refusal("InvalidApiKey")
        reject = self._faults.take("reject", own=own, scope=scope)
        if reject is not None:
            raise Refusal(reject.get("code", "InvalidParameter"), reject.get("message"), reject.get("status"))
        if self._faults.take("create_500_not_accepted", own=own, scope=scope) is not None:
            raise Refusal("InternalError")
        if self._faults.take("reset_before_accept", own=own, scope=scope) is not None:
            return Answer(wire=Wire.RESET)
        return None

    def _accept(
        self,
        account: str,
        key_id: str,
        body: bytes,
        request: dict[str, Any],
        own: dict[str, dict[str, Any]],
        resolves_oss: bool,
    ) -> TaskRecord:
        faults = dict(own)
        for name in ATTACHED:
            args = self._faults.take(name) if name not in own else None
            if args is not None:
                faults[name] = args
        record = TaskRecord(
            task_id=new_id(),
            account=account,
            key_id=key_id,
            request_id=new_id(),
            request_sha256=hashlib.sha256(body).hexdigest(),
            model=request["model"],
            request=request,
            submitted_at=self._now(),
            resolves_oss=resolves_oss,
            faults=faults,
        )
        try:
            self._engine.accept(record)
        except Refusal:
            self._throttle.note_refusal("create")
            raise
        self._throttle.count("accepted")
        return record

    def _answer_to_create(self, record: TaskRecord, own: dict[str, dict[str, Any]], scope: str) -> Answer:
        answer = answers.created(record)
        if self._faults.take("drop_create_answer", own=own, scope=scope) is not None:
            answer.wire = Wire.DROP
        failing = self._faults.take("create_500", own=own, scope=scope)
        if failing is not None:
            answer = (
                Answer(500, _HTML_500, "text/html")
                if failing.get("html")
                else answers.refused(Refusal("InternalError"))
            )
        if self._faults.take("create_2xx_without_id", own=own, scope=scope) is not None:
            answer = answers.as_json({"output": {"task_status": "PENDING"}, "request_id": record.request_id})
        delay = self._faults.take("delay_create_answer", own=own, scope=scope)
        if delay is not None:
            answer.delay = delay.get("seconds", 5.0)
        return answer

    def query(self, account: str, task_id: str) -> Answer:
        self._throttle.pass_or_refuse("query", account)
        record = self._owned(account, task_id)
        own = record.faults if record else None
        if self._faults.take("throttle_query", own=own, scope=task_id) is not None:
            self._throttle.note_refusal("query")
            raise throttled()
        if self._faults.take("query_500", own=own, scope=task_id) is not None:
            raise Refusal("InternalError")
        if self._faults.take("query_garbage", own=own, scope=task_id) is not None:
            return Answer(200, b'{"request_id":"\xff\xfe", "output": {"task_st', "application/json")
        if record is None or self._faults.take("unknown_task", own=own, scope=task_id) is not None:
            return answers.as_json(answers.only_status(task_id, Status.UNKNOWN))
        with self._engine.lock:
            status = record.status_at(self._now())
            url = self._video_url(record) if status is Status.SUCCEEDED else ""
            return answers.task(record, status, video_url=url, float_usage=self._float_usage)

    def _owned(self, account: str, task_id: str) -> TaskRecord | None:
        record = self._engine.task(task_id)
        return record if record and record.account == account else None

    def cancel(self, account: str, task_id: str) -> Answer:
        self._throttle.pass_or_refuse("cancel", account)
        record = self._owned(account, task_id)
        if record is None or not self._engine.cancel(record):
            raise Refusal("UnsupportedOperation")
        return answers.as_json({"request_id": new_id()})

    def list_tasks(self, account: str, query: dict[str, str]) -> Answer:
        self._throttle.pass_or_refuse("list", account)
        if self._faults.take("list_throttle") is not None:
            self._throttle.note_refusal("list")
            raise throttled()
        if self._faults.take("list_500") is not None:
            raise Refusal("InternalError")
        page, size = _number(query, "page_no", 1), _number(query, "page_size", 10)
        entries = self._entries(account, query)
        incomplete = self._faults.take("list_incomplete")
        if incomplete is not None:
            entries = entries[incomplete.get("omit", len(entries)) :]
        return answers.as_json(
            {
                "total": len(entries),
                "data": entries[(page - 1) * size : page * size],
                "total_page": math.ceil(len(entries) / size),
                "page_no": page,
                "page_size": size,
                "request_id": new_id(),
            }
        )

    def _entries(self, account: str, query: dict[str, str]) -> list[dict[str, Any]]:
        now = self._now()
        start, end = _window(query, now)
        with self._engine.lock:
            self._engine.advance()
            found = []
            for record in reversed(self._engine.tasks.values()):
                if record.account != account or not start <= record.submitted_at <= end:
                    continue
                status = record.status_at(now)
                if status is not Status.UNKNOWN and _matches(record, status, query):
                    found.append(answers.listed(record, status))
            return found


def _check_now(request: dict[str, Any]) -> None:
    try:
        check_fields(request)
    except TaskFailure as failure:
        raise Refusal(failure.code, failure.message) from failure


def _matches(record: TaskRecord, status: Status, query: dict[str, str]) -> bool:
    facts = {"task_id": record.task_id, "model_name": record.model, "status": str(status)}
    return all(not query.get(name) or query[name] == fact for name, fact in facts.items())


def _number(query: dict[str, str], name: str, default: int) -> int:
    text = query.get(name) or str(default)
    if not text.isascii() or not text.isdigit() or not 1 <= int(text) <= 1000:
        raise Refusal("InvalidParameter", f"the parameters must conform to the specification: {name}")
    return int(text)


def _window(query: dict[str, str], now: float) -> tuple[float, float]:
    """At most 24 hours: those before now, or after the start or before the end alone. Raises Refusal."""
    texts = query.get("start_time"), query.get("end_time")
    try:
        start, end = (answers.local_moment(text) if text else None for text in texts)
    except ValueError:
        raise Refusal(
            "InvalidParameter", "the parameters must conform to the specification: start_time, end_time"
        ) from None
    if start is None and end is None:
        return now - LIFETIME, math.inf
    if start is None:
        start = (end or 0.0) - LIFETIME
    if end is None:
        end = start + LIFETIME
    if not 0 <= end - start <= LIFETIME:
        raise Refusal("InvalidParameter", "the time range must be within 24 hours.")
    return start, end + 0.999  # the texts have whole seconds; a task of that last second belongs to it
