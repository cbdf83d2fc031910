from hypothesis import given
from hypothesis import strategies as st

from dashscope_client import redact
from dashscope_client.redaction import MESSAGE_LIMIT

KEY = "sk-ws-0123456789abcdef"


class TestRedact:
    def test_hides_the_given_secret(self):
        assert "hunter2" not in redact("the key hunter2 is bad", "hunter2")

    def test_does_not_mind_an_empty_secret(self):
        assert redact("fine", "") == "fine"

    def test_hides_anything_like_a_key(self):
        assert redact("Incorrect API key provided: sk-abc****xyz.") == "Incorrect API key provided: [hidden]"
        assert KEY not in redact(f"Authorization: Bearer {KEY}")

    def test_hides_signatures_and_keeps_the_rest(self):
        url = "https://x.aliyuncs.com/a.mp4?Expires=1&OSSAccessKeyId=LTAI123&Signature=abc%3D&x=y"

        hidden = redact(f"cannot fetch {url}")

        assert "LTAI123" not in hidden
        assert "abc" not in hidden
        assert "Expires=1" in hidden
        assert "x=y" in hidden

    def test_leaves_ordinary_text_alone(self):
        assert redact("the task-id is fine, risk-free") == "the task-id is fine, risk-free"

    def test_makes_one_line(self):
        assert redact("a\r\nb\x00c") == "a b c"

    @given(st.text(max_size=2000), st.text(max_size=200))
    def test_never_lets_a_key_through(self, before, after):
        hidden = redact(before + " " + KEY + " " + after, KEY)

        assert KEY not in hidden
        assert len(hidden) <= MESSAGE_LIMIT
