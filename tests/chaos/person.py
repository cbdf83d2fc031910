"""A person at the studio's web pages, who presses again until an answer comes."""

from __future__ import annotations

import random
import threading
import time
import uuid
from dataclasses import dataclass

import requests

PATIENCE = 240.0  # seconds until a page must have come
FIRST_PATIENCE = 600.0  # until the first one must have: several processes start beside each other


@dataclass(frozen=True)
class Wish:
    """One press. `code`: with which Wan is to refuse the rendered result, "" for a good end."""

    prompt: str
    takes: int = 1
    code: str = ""
    throttled: bool = False


def wishes(count: int, chance: random.Random) -> list[Wish]:
    """Presses that make `count` takes in all, each with its faults in the words of its prompt."""
    made: list[Wish] = []
    while (left := count - sum(wish.takes for wish in made)) > 0:
        takes = min(left, 2 if chance.random() < 0.15 else 1)
        faults = [fault for fault, share in SHARES.items() if chance.random() < share]
        code = "DataInspectionFailed" if chance.random() < 0.05 else ""
        words = "".join(f" [fault: {fault}]" for fault in [*faults, *([f"fail={code}"] if code else [])])
        made.append(Wish(f"A paper boat, number {len(made)}{words}", takes, code, "throttle_create=1" in faults))
    return made


SHARES = {  # of all presses
    "throttle_create=1": 0.05,
    "drop_create_answer=1": 0.06,
    "create_500=1": 0.03,
    "create_500_not_accepted=1": 0.03,
    "reset_before_accept=1": 0.03,
    "delay_create_answer=7": 0.01,
    "throttle_query=1": 0.05,
    "query_garbage=1": 0.05,
    "unknown_task=1": 0.02,
    "cut_download=1": 0.08,
    "truncated_mp4=1": 0.03,
    "html_instead=1": 0.03,
    "expired_url=1": 0.03,
    "no_length=1": 0.05,
}


class Person:
    def __init__(self, url: str) -> None:
        self._url = url
        self._session = requests.Session()
        self._session.trust_env = False

    def wait(self) -> None:
        """Until the web answers."""
        self._send("GET", "/healthz", patience=FIRST_PATIENCE)

    def sign_up(self) -> None:
        """The first person of an installation becomes its admin."""
        self._send("GET", "/accounts/signup/")
        answer = self._send("POST", "/accounts/signup/", {"email": "maker@example.com", "password1": uuid.uuid4().hex})
        assert answer.status_code == 302, answer.text

    def press(self, wish: Wish) -> None:
        form = {"prompt": wish.prompt, "resolution": "720P", "ratio": "16:9", "duration": "2", "takes": str(wish.takes)}
        answer = self._send("POST", "/generations/", form | {"press": str(uuid.uuid4())})
        assert answer.status_code == 303, f"{answer.status_code} {answer.text[:2000]}"

    def _send(
        self, method: str, path: str, form: dict[str, str] | None = None, patience: float = PATIENCE
    ) -> requests.Response:
        """Again and again while nobody answers; the press's token makes that harmless."""
        data = {**form, "csrfmiddlewaretoken": self._session.cookies.get("csrftoken", "")} if form else None
        deadline = time.monotonic() + patience
        while True:
            try:
                answer = self._session.request(method, self._url + path, data=data, timeout=30, allow_redirects=False)
                if answer.status_code < 500:
                    return answer
            except requests.RequestException:
                if time.monotonic() > deadline:
                    raise
            assert time.monotonic() < deadline, f"{method} {path} does not work"
            time.sleep(0.2)


class Presses(threading.Thread):
    """Presses one after the other beside the storm."""

    def __init__(self, person: Person, presses: list[Wish], pause: float) -> None:
        super().__init__(daemon=True)
        self._person, self._presses, self._pause = person, presses, pause
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            for wish in self._presses:
                self._person.press(wish)
                time.sleep(self._pause)
        except BaseException as error:
            self.error = error
