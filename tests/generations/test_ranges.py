import os
from datetime import UTC, datetime

import pytest
from django.core.signals import request_finished
from django.db import close_old_connections
from django.test import RequestFactory

from generations import ranges

BODY = bytes(range(256)) * 4  # 1024 bytes
MODIFIED = datetime(2026, 5, 1, 10, 0, 0, 700_000, tzinfo=UTC)
DATE = "Fri, 01 May 2026 10:00:00 GMT"


@pytest.fixture(autouse=True)
def no_database():
    """A closed response says that a request has ended, and Django looks after connections: another test's, here."""
    request_finished.disconnect(close_old_connections)
    yield
    request_finished.connect(close_old_connections)


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "video.mp4"
    path.write_bytes(BODY)
    return path


@pytest.fixture
def fetch(path):
    def fetch(method="get", download_name=None, etag="abc", **headers):
        request = getattr(RequestFactory(), method)("/", headers=headers)
        return ranges.serve_file(
            request, path, content_type="video/mp4", etag=etag, last_modified=MODIFIED, download_name=download_name
        )

    return fetch


def body(response):
    content = b"".join(response) if response.streaming else response.content
    response.close()
    return content


class TestWholeFile:
    def test_comes_with_everything_a_player_needs(self, fetch):
        response = fetch()

        assert (response.status_code, body(response)) == (200, BODY)
        assert dict(response.items()) == {
            "Content-Type": "video/mp4",
            "Content-Length": "1024",
            "Accept-Ranges": "bytes",
            "ETag": '"abc"',
            "Last-Modified": DATE,
            "Cache-Control": "private, max-age=600",
            "Vary": "Cookie",
            "X-Content-Type-Options": "nosniff",
        }

    def test_head_has_the_same_headers_and_no_body(self, fetch):
        get, head = fetch(), fetch("head")

        assert dict(head.items()) == dict(get.items())
        assert (head.status_code, body(head)) == (200, b"")
        get.close()

    def test_head_knows_no_ranges(self, fetch):
        assert fetch("head", Range="bytes=0-9").status_code == 200

    def test_can_be_a_download_of_any_name(self, fetch):
        response = fetch(download_name='猫"\r\nX: y.mp4')
        response.close()

        assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''%E7%8C%AB%22%0D%0A")

    def test_of_a_gone_file_is_the_callers_to_answer(self, fetch, path):
        path.unlink()

        with pytest.raises(FileNotFoundError):
            fetch()


class TestRange:
    @pytest.mark.parametrize(
        ("header", "start", "stop"),
        [
            ("bytes=0-0", 0, 1),
            ("bytes=0-", 0, 1024),
            ("bytes=100-199", 100, 200),
            ("bytes=1000-", 1000, 1024),
            ("bytes=1000-99999", 1000, 1024),
            ("bytes=-24", 1000, 1024),
            ("bytes=-5000", 0, 1024),
            ("BYTES= 10-19 ", 10, 20),
        ],
    )
    def test_is_sent_as_206(self, fetch, header, start, stop):
        response = fetch(Range=header)

        assert (response.status_code, body(response)) == (206, BODY[start:stop])
        assert response["Content-Range"] == f"bytes {start}-{stop - 1}/1024"
        assert response["Content-Length"] == str(stop - start)

    @pytest.mark.parametrize("header", ["bytes=1024-", "bytes=5000-6000", "bytes=-0"])
    def test_beyond_the_end_is_416(self, fetch, header):
        response = fetch(Range=header)

        assert (response.status_code, response["Content-Range"], body(response)) == (416, "bytes */1024", b"")

    @pytest.mark.parametrize(
        "header", ["bytes=", "bytes=-", "bytes=9-3", "bytes=a-b", "seconds=0-1", "bytes=0-1,5-6", "bytes=٣-٤", "0-5"]
    )
    def test_malformed_foreign_or_several_get_the_whole_file(self, fetch, header):
        response = fetch(Range=header)

        assert (response.status_code, body(response)) == (200, BODY)

    def test_of_an_empty_file_is_416(self, fetch, path):
        path.write_bytes(b"")

        assert fetch(Range="bytes=0-").status_code == 416
        assert body(fetch()) == b""


class TestIfRange:
    @pytest.mark.parametrize("condition", ['"abc"', DATE])
    def test_of_these_bytes_gets_the_range(self, fetch, condition):
        response = fetch(Range="bytes=0-9", **{"If-Range": condition})

        assert (response.status_code, body(response)) == (206, BODY[:10])

    @pytest.mark.parametrize("condition", ['"old"', 'W/"abc"', "Fri, 01 May 2026 10:00:01 GMT", "nonsense"])
    def test_of_others_gets_the_whole_file(self, fetch, condition):
        response = fetch(Range="bytes=0-9", **{"If-Range": condition})

        assert (response.status_code, body(response)) == (200, BODY)

    def test_never_trusts_a_weak_etag(self, fetch):
        response = fetch(Range="bytes=0-9", etag='W/"abc"', **{"If-Range": 'W/"abc"'})
        response.close()

        assert response.status_code == 200


class TestValidators:
    @pytest.mark.parametrize(
        "headers",
        [{"If-None-Match": '"abc"'}, {"If-None-Match": '"x", W/"abc"'}, {"If-Modified-Since": DATE}],
    )
    @pytest.mark.parametrize("method", ["get", "head"])
    def test_that_match_are_304(self, fetch, method, headers):
        response = fetch(method, Range="bytes=0-9", **headers)

        assert (response.status_code, body(response)) == (304, b"")
        assert (response["ETag"], response["Cache-Control"], response["Vary"]) == (
            '"abc"',
            "private, max-age=600",
            "Cookie",
        )

    def test_that_do_not_match_get_the_file(self, fetch):
        response = fetch(**{"If-None-Match": '"old"', "If-Modified-Since": DATE})

        assert (response.status_code, body(response)) == (200, BODY)

    def test_that_must_match_and_do_not_are_412(self, fetch):
        assert fetch(**{"If-Match": '"old"'}).status_code == 412


class TestFile:
    def test_is_closed_with_the_response_even_if_nobody_read_it(self, fetch):
        response = fetch()
        file = response._iterator.file

        response.close()

        assert file.closed

    def test_is_read_in_bounded_chunks(self, fetch, path):
        path.write_bytes(os.urandom(300_000))

        response = fetch()

        assert [len(chunk) for chunk in response] == [131_072, 131_072, 37_856]
        response.close()

    def test_that_shrinks_ends_the_answer(self, fetch, path):
        response = fetch()
        path.write_bytes(b"short")

        assert body(response) == b"short"


class TestRedirectToObject:
    URL = "https://bkt.s3.oss-cn-hangzhou.aliyuncs.com/generations/x/video.mp4?X-Amz-Expires=3600"

    def answer(self, method):
        return ranges.redirect_to_object(
            getattr(RequestFactory(), method)("/"),
            url=self.URL,
            size=4_400_000,
            content_type="video/mp4",
            etag="abc",
            max_age=1200,
        )

    def test_is_kept_by_this_browser_only(self):
        response = self.answer("get")

        assert (response.status_code, response["Location"]) == (302, self.URL)
        assert (response["Cache-Control"], response["Vary"]) == ("private, max-age=1200", "Cookie")
        assert not response.has_header("ETag")

    def test_answers_head_from_the_row(self):
        response = self.answer("head")

        assert (response.status_code, response.content) == (200, b"")
        assert (response["Content-Length"], response["Content-Type"]) == ("4400000", "video/mp4")
        assert (response["Accept-Ranges"], response["ETag"]) == ("bytes", '"abc"')
