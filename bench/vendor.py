"""What people write today: a thread per video in the vendor SDK's VideoSynthesis.wait.

`python -m bench.vendor <base URL> <accounts> <threads per account> <seconds>` prints a line with its memory when it is
ready, waits for a line, and prints one line "task id, moment" per video it has seen done.
"""

from __future__ import annotations

import sys
import threading
import time
from http import HTTPStatus

import dashscope
from dashscope import VideoSynthesis

from bench.vendor_keys import key_of

MODEL = "wan2.7-t2v"


def main(base_url: str, accounts: int, threads: int, seconds: float) -> None:
    dashscope.base_http_api_url = base_url
    print("ready", flush=True)
    sys.stdin.readline()
    until, seen = time.monotonic() + seconds, []
    workers = [
        threading.Thread(target=watch, args=(key_of(account), until, seen), daemon=True)
        for account in range(accounts)
        for _ in range(threads)
    ]
    for worker in workers:
        worker.start()
    time.sleep(max(0.0, until - time.monotonic()))
    for task_id, moment in list(seen):
        print(task_id, moment)


def watch(key: str, until: float, seen: list[tuple[str, float]]) -> None:
    while time.monotonic() < until:
        made = VideoSynthesis.async_call(model=MODEL, prompt="A boat", api_key=key, duration=5, size="720P")
        if made.status_code != HTTPStatus.OK:
            time.sleep(1)
            continue
        done = VideoSynthesis.wait(made, api_key=key)
        if done.status_code == HTTPStatus.OK:
            seen.append((done.output.task_id, time.time()))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), float(sys.argv[4]))
