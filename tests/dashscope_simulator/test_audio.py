import http.server
import threading

import numpy as np
import pytest

from dashscope_simulator.errors import TaskFailure
from dashscope_simulator.soundtrack import SAMPLE_RATE, decode_audio, fetch_audio, inspect_audio, quiet_bed
from tests.dashscope_simulator.conftest import tone, upload

RESOLVE = {"X-DashScope-OssResourceResolve": "enable"}


@pytest.fixture
def media():
    """A web server on loopback: `files` by path, and the user agents that came."""

    class Handler(http.server.BaseHTTPRequestHandler):
        files, agents = {}, []

        def do_GET(self):
            self.agents.append(self.headers["User-Agent"])
            content = self.files.get(self.path)
            self.send_response(404 if content is None else 200)
            self.end_headers()
            self.wfile.write(content or b"")

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    Handler.url = f"http://127.0.0.1:{server.server_port}"
    yield Handler
    server.shutdown()
    server.server_close()
    thread.join()


class TestInspectAudio:
    @pytest.mark.parametrize(
        ("content", "message"),
        [
            (tone(1), "shorter than 2s"),
            (tone(31), "longer than 30s"),
            (b"<html>", "File type is not supported. Allowed types are: .wav, .mp3."),
            (b"RIFF\0\0\0\0WAVEnothing", "File type is not supported"),
            (b"RIFF" + bytes(15 * 1024 * 1024), "File size is larger than 15MB."),
        ],
    )
    def test_refuses(self, content, message):
        with pytest.raises(TaskFailure) as caught:
            inspect_audio(content)

        assert caught.value.code == "InvalidURL"
        assert message in caught.value.message

    @pytest.mark.parametrize("seconds", [2, 30])
    def test_takes_the_bounds(self, seconds):
        inspect_audio(tone(seconds))


class TestFetchAudio:
    def test_comes_as_the_services_robot(self, media):
        media.files["/a.wav?x=1"] = b"sound"

        assert fetch_audio(f"{media.url}/a.wav?x=1") == b"sound"
        assert "DashScopeUserBot" in media.agents[0]

    @pytest.mark.parametrize(
        ("url", "code"),
        [
            ("https://example.com/a.mp3", "InvalidURL.ConnectionRefused"),
            ("http://127.0.0.1:9/a.mp3", "InvalidURL.ConnectionRefused"),
            ("ftp://127.0.0.1/a.mp3", "InvalidURL"),
            ("nonsense", "InvalidURL"),
        ],
    )
    def test_refuses(self, url, code):
        with pytest.raises(TaskFailure) as caught:
            fetch_audio(url)

        assert caught.value.code == code

    def test_a_missing_file_fails_the_task(self, start, call, media):
        caller = call(start())

        answer = caller.finished(caller.submit(input={"audio_url": f"{media.url}/none.mp3"}))

        assert answer["output"]["message"].startswith("Failed to find the requested media resource")


class TestQuietBed:
    def test_is_audible_gentle_and_faded(self):
        sound = quiet_bed(5, seed=3)

        assert sound.shape == (5 * SAMPLE_RATE, 2)
        assert 0.01 < np.abs(sound[SAMPLE_RATE:-SAMPLE_RATE]).max() < 0.4
        assert np.abs(sound[:100]).max() < 0.001
        assert np.abs(sound[-100:]).max() < 0.001


class TestUpload:
    def test_a_file_reaches_the_task(self, start, call):
        simulator = start()
        caller = call(simulator)
        response, url = upload(caller, tone(3))

        answer = caller.finished(caller.submit(input={"audio_url": url}, headers=RESOLVE))

        assert (response.status_code, response.content) == (200, b"")
        assert answer["output"]["task_status"] == "SUCCEEDED"
        assert simulator.ledger()[0].audio_sha256

    def test_needs_the_resolve_header(self, start, call):
        caller = call(start())
        _, url = upload(caller, tone(3))

        answer = caller.finished(caller.submit(input={"audio_url": url}))

        assert answer["output"]["code"] == "InvalidParameter.DataInspection"

    def test_belongs_to_the_account(self, start, call):
        simulator = start()
        _, url = upload(call(simulator), tone(3))
        other = call(simulator, "sk-bob")

        answer = other.finished(other.submit(input={"audio_url": url}, headers=RESOLVE))

        assert answer["output"]["task_status"] == "FAILED"

    def test_expires_after_48_hours(self, start, call, clock):
        caller = call(start(now=clock))
        _, url = upload(caller, tone(3))
        clock.move(48 * 3600 + 1)
        task_id = caller.submit(input={"audio_url": url}, headers=RESOLVE)
        clock.move(1)

        assert caller.finished(task_id)["output"]["task_status"] == "FAILED"

    @pytest.mark.parametrize(
        "changes", [{"Signature": "x"}, {"key": "elsewhere/voice.wav"}, {"x-oss-object-acl": "public-read"}]
    )
    def test_breaches_of_the_policy_are_403(self, start, call, changes):
        response, _ = upload(call(start()), tone(2), **changes)

        assert response.status_code == 403
        assert "<Code>" in response.text

    def test_faults(self, start, call):
        simulator = start()
        simulator.faults.add("upload_403", times=1)
        simulator.faults.add("upload_fail", times=1)
        caller = call(simulator)

        answers = [upload(caller, tone(2))[0] for _ in range(3)]

        assert [answer.status_code for answer in answers] == [403, 500, 200]
        assert "Policy expired" in answers[0].text


class TestDecodeAudio:
    def test_gives_48_khz_stereo(self):
        sound = decode_audio(tone(2.5), 30)

        assert abs(len(sound) - 2.5 * SAMPLE_RATE) < 100
        assert sound.shape[1] == 2
