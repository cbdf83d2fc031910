import logging
import time
import traceback

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dashscope_client import (
    BadAnswer,
    ResultCut,
    ResultExpired,
    ResultHosts,
    ResultRefused,
    Unreachable,
    stream_result,
)
from tests.dashscope_client.conftest import drip, reply, reset

SIGNED = "?Expires=1795428128&OSSAccessKeyId=LTAIxxxx&Signature=xxxx%3D"
GOOD = "https://dashscope-result-sh.oss-accelerate.aliyuncs.com/1d/aa/x.mp4" + SIGNED


class TestResultHosts:
    def test_allow_the_service_storage(self):
        assert ResultHosts().permitted(GOOD) == GOOD

    @pytest.mark.parametrize("port", ["", ":80"])
    def test_turn_http_into_https(self, port):
        url = GOOD.replace("https", "http").replace(".com/", f".com{port}/")

        assert ResultHosts().permitted(url) == GOOD

    @pytest.mark.parametrize("url", ["http://127.0.0.1:8787/r/x.mp4?a=b", "http://127.0.0.1:8787"])
    def test_allow_the_exact_origin(self, url):
        assert ResultHosts(origin="http://127.0.0.1:8787/api/v1").permitted(url) == url

    @pytest.mark.parametrize("url", ["https://gateway.example/x", "https://gateway.example:443/x"])
    def test_know_the_usual_port_of_the_origin(self, url):
        assert ResultHosts(origin="https://gateway.example").permitted(url) == url

    def test_allow_an_origin_by_ipv6(self):
        assert ResultHosts(origin="http://[::1]:8787").permitted("http://[::1]:8787/x")

    @pytest.mark.parametrize(
        "url",
        [
            "https://127.0.0.1:8787/x",
            "http://127.0.0.1:8788/x",
            "http://127.0.0.1/x",
            "http://localhost:8787/x",
            "http://u@127.0.0.1:8787/x",
            "http://127.0.0.1:8787@evil.example/x",
        ],
    )
    def test_refuse_all_but_the_exact_origin(self, url):
        assert ResultHosts(origin="http://127.0.0.1:8787/api/v1").permitted(url) is None

    def test_allow_further_hosts_over_https_only(self):
        allowed = ResultHosts(hosts=("CDN.example", " b.example "))

        assert allowed.permitted("https://cdn.example/x") == "https://cdn.example/x"
        assert allowed.permitted("https://b.example/x")
        assert allowed.permitted("http://cdn.example/x") is None
        assert allowed.permitted("https://sub.cdn.example/x") is None
        assert allowed.permitted("https://cdn.example:8443/x") is None

    @pytest.mark.parametrize(
        "url",
        [
            "",
            "x.mp4",
            "//a.aliyuncs.com/x",
            "ftp://a.aliyuncs.com/x",
            "file:///etc/passwd",
            "https://aliyuncs.com/x",
            "https://aliyuncs.com.evil.example/x",
            "https://evilaliyuncs.com/x",
            "https://a.aliyuncs.com./x",
            "https://a.aliyuncs.com:8443/x",
            "http://a.aliyuncs.com:443/x",
            "https://a.aliyuncs.com:0/x",
            "https://a.aliyuncs.com:99999/x",
            "https://user@a.aliyuncs.com/x",
            "https://user:pass@a.aliyuncs.com/x",
            "https://a.aliyuncs.com@evil.example/x",
            "https://evil.example\\@a.aliyuncs.com/x",
            "https://evil.example#@a.aliyuncs.com/x",
            "https://evil.example?.aliyuncs.com",
            "https://evil.example/.aliyuncs.com",
            "https://evil.example%2f.aliyuncs.com/x",
            "https://evil.example%00.aliyuncs.com/x",
            "https://evil.example .aliyuncs.com/x",
            "https://evil.example\t.aliyuncs.com/x",
            "https://-a.aliyuncs.com/x",
            "https://.aliyuncs.com/x",
            "https://a..aliyuncs.com/x",
            "https://а.aliyuncs.com/x",  # a Cyrillic letter
            "https://127.0.0.1/x",
            "https://2130706433/x",
            "https://0x7f.1/x",
            "https://[::1]/x",
            "https://169.254.169.254/latest",
            "https://localhost/x",
        ],
    )
    def test_refuse_anything_else(self, url):
        assert ResultHosts(hosts=("127.0.0.1", "localhost", "[::1]", "::1")).permitted(url) is None

    @given(st.text(max_size=60))
    def test_never_choke(self, text):
        allowed = ResultHosts(origin="http://127.0.0.1:8787")

        for url in (text, f"https://{text}", f"https://{text}.aliyuncs.com/", f"https://a.aliyuncs.com{text}"):
            permitted = allowed.permitted(url)
            assert permitted is None or permitted.startswith(("https://", "http://127.0.0.1:8787"))


def fetch(url, allowed, **options):
    with stream_result(url, allowed=allowed, **options) as stream:
        return stream, b"".join(stream.chunks())


class TestStreamResult:
    @pytest.fixture
    def allowed(self, wire):
        return ResultHosts(origin=wire.base_url)

    @pytest.fixture
    def url(self, wire):
        return f"{wire.origin}/1d/aa/x.mp4{SIGNED}"

    def test_hands_out_the_video(self, wire, allowed, url):
        wire.says(reply(200, b"m" * 200_000, content_type="Video/MP4; x=y"))

        stream, data = fetch(url, allowed)

        assert data == b"m" * 200_000
        assert stream.content_length == 200_000
        assert stream.content_type == "video/mp4"

    def test_asks_plainly_and_without_a_key(self, wire, allowed, url):
        wire.says(reply(200, b"m", content_type="video/mp4"))

        fetch(url, allowed)

        (seen,) = wire.seen
        assert (seen.method, seen.target) == ("GET", f"/1d/aa/x.mp4{SIGNED}")
        assert seen.headers["accept-encoding"] == "identity"
        assert "authorization" not in seen.headers
        assert "cookie" not in seen.headers

    def test_does_without_a_length(self, wire, allowed, url):
        wire.says(lambda sock: sock.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: video/mp4\r\n\r\nmovie"))

        stream, data = fetch(url, allowed)

        assert stream.content_length is None
        assert data == b"movie"

    def test_reads_chunked_answers(self, wire, allowed, url):
        wire.says(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nmovie\r\n0\r\n\r\n")

        assert fetch(url, allowed)[1] == b"movie"

    def test_follows_a_redirect_to_an_allowed_place(self, wire, allowed, url):
        wire.says(reply(302, b"", Location="/other.mp4?Signature=z"), reply(200, b"movie", content_type="video/mp4"))

        assert fetch(url, allowed)[1] == b"movie"
        assert wire.seen[1].target == "/other.mp4?Signature=z"

    @pytest.mark.parametrize(
        "place", ["http://127.0.0.1:1/x", "http://169.254.169.254/latest", "https://evil.example/x", "file:///etc/x"]
    )
    def test_follows_no_redirect_elsewhere(self, wire, allowed, url, place):
        wire.says(reply(302, b"", Location=place))

        with pytest.raises(ResultRefused):
            fetch(url, allowed)

    def test_follows_three_redirects_at_most(self, wire, allowed, url):
        wire.says(reply(302, b"", Location="/again"))

        with pytest.raises(BadAnswer):
            fetch(url, allowed)

        assert len(wire.seen) == 4

    def test_goes_nowhere_else_to_begin_with(self):
        with pytest.raises(ResultRefused) as caught:
            fetch("https://evil.example/x" + SIGNED, ResultHosts())

        assert not caught.value.transient
        assert "evil.example" in caught.value.message
        assert "Signature" not in caught.value.message

    @pytest.mark.parametrize("status", [403, 404])
    def test_of_an_expired_address_asks_for_another(self, wire, allowed, url, status):
        wire.says(reply(status, b"<Error/>", content_type="application/xml", x_oss_request_id="o-1"))

        with pytest.raises(ResultExpired) as caught:
            fetch(url, allowed)

        assert caught.value.http_status == status
        assert caught.value.request_id == "o-1"

    @pytest.mark.parametrize(
        "answer",
        [
            pytest.param(reply(503, b""), id="503"),
            pytest.param(reply(206, b"mov"), id="206"),
            pytest.param(reply(200, b"<html>", content_type="text/html; charset=utf-8"), id="web page"),
            pytest.param(reply(200, b"zip", Content_Encoding="gzip"), id="encoded"),
            pytest.param(reply(304, b""), id="304"),
        ],
    )
    def test_refuses_what_is_no_video(self, wire, allowed, url, answer):
        wire.says(answer)

        with pytest.raises(BadAnswer) as caught:
            fetch(url, allowed)

        assert caught.value.transient

    def test_notices_a_download_that_ends_early(self, wire, allowed, url):
        wire.says(lambda sock: sock.sendall(reply(200, b"half", length=8, content_type="video/mp4")))

        with pytest.raises(ResultCut) as caught:
            fetch(url, allowed)

        assert caught.value.transient

    def test_notices_a_reset(self, wire, allowed, url):
        def half_then_reset(sock):
            sock.sendall(reply(200, b"half", length=8, content_type="video/mp4"))
            reset(sock)

        wire.says(half_then_reset)

        with pytest.raises((ResultCut, Unreachable)):
            fetch(url, allowed)

    def test_notices_a_cut_chunked_answer(self, wire, allowed, url):
        wire.says(lambda sock: sock.sendall(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nmo"))

        with pytest.raises(ResultCut):
            fetch(url, allowed)

    @pytest.mark.parametrize("head", [b"HTTP/1.1 200 OK\r\nContent-Length: 500\r\n\r\n", b"HTTP/1.1 200 OK\r\n\r\n"])
    def test_ends_in_time_though_each_byte_comes_in_time(self, wire, allowed, url, head):
        def trickle(sock):
            sock.sendall(head)
            drip(b"m" * 100)(sock)

        wire.says(trickle)
        started = time.monotonic()

        with pytest.raises(ResultCut):
            fetch(url, allowed, deadline=0.5)

        assert time.monotonic() - started < 3

    def test_can_be_left_early(self, wire, allowed, url):
        wire.says(reply(200, b"m" * 1_000_000, content_type="video/mp4"))

        with stream_result(url, allowed=allowed) as stream:
            assert next(stream.chunks())

    def test_says_when_nobody_is_there(self, closed_port):
        url = f"http://127.0.0.1:{closed_port}/x.mp4{SIGNED}"

        with pytest.raises(Unreachable) as caught:
            fetch(url, ResultHosts(origin=url))

        shown = "".join(traceback.format_exception(caught.value))
        assert "xxxx" not in shown
        assert caught.value.__context__ is None

    def test_keeps_signatures_out_of_the_log(self, wire, allowed, url, caplog):
        caplog.set_level(logging.INFO, logger="dashscope_client")
        wire.says(reply(200, b"m"), reset)

        fetch(url, allowed)
        with pytest.raises(Unreachable):
            fetch(url, allowed)

        lines = [record.getMessage() for record in caplog.records if record.name == "dashscope_client"]
        assert len(lines) == 2
        assert lines[0].startswith("GET /1d/aa/x.mp4: 200")
        assert "Signature" not in caplog.text.replace("Signature=[hidden]", "")
