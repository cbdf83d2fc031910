"""Words of the vocabulary put into a text, in that text's own language; as static/js/words.js does while one writes."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.utils.translation import get_language

from generations.shots import language
from generations.vocabulary import load

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.http import QueryDict

    from generations.vocabulary import Word

OPEN = re.compile(r"[,，、:：.。!！?？;；\n]$")
SAID_LIMIT = 500
ENDS = ".。"
# A verb of speech and what follows it in quotation marks, in one sentence.
SPEECH = re.compile(
    r"(?:\b(?:says?|said|asks?|calls?|cries|shouts?|whispers?|sings?)\b|[說说喊問问道])[^.!?。！？\n\x22“「『]{0,80}[\x22“「『]",
    re.IGNORECASE | re.ASCII,
)
PART = re.compile(r"\{(who|how|line)\}")
ENDED = re.compile(r"[.。!！?？][\x22”」』]?$")


def spelled(word: Word, text: str) -> str:
    """The word in the language of `text`; of an empty one, in the reader's. Chinese text gets the simplified word
    unless the page is in traditional Chinese.
    """
    here = get_language() or "en"
    chinese = word.hant if here == "zh-hant" else word.hans
    is_chinese = language(text) == "zh" if text.strip() else here.startswith("zh")
    return chinese if is_chinese else word.en


def with_words(text: str, words: Sequence[Word]) -> str:
    """With each of these at the end, after a comma."""
    for word in words:
        added = spelled(word, text)
        text = text.rstrip()
        is_open = not text or OPEN.search(text)
        comma = "，" if language(text + added) == "zh" else ", "
        text = f"{text}{_gap(text, added) if is_open else comma}{added}"
    return text


def with_sentence(text: str, sentence: str) -> str:
    """With a whole sentence at the end."""
    text = text.rstrip()
    if not text:
        return sentence
    is_chinese = language(text) == "zh"
    end = "" if ENDED.search(text) else "。" if is_chinese else "."
    return f"{text}{end}{'' if is_chinese else ' '}{sentence}"


def spoken_line(pattern: Word, text: str, *, who: str, how: str, line: str) -> str:
    """A line that is spoken, by the pattern's language for `text`, which closes up where a part is left out. What was
    typed stays as it is, but for blanks around it.
    """
    parts = {"who": who.strip(), "how": how.strip(), "line": line.strip()}
    told = PART.sub(lambda part: part[0] if parts[part[1]] else "", spelled(pattern, text or line))
    told = re.sub(r" +", " ", told).replace(" :", ":").strip()
    return PART.sub(lambda part: parts[part[1]], told)


def _gap(text: str, added: str) -> str:
    return "" if not text or language(text + added) == "zh" else " "


def is_silent_and_spoken(text: str) -> bool:
    """Whether it says that nobody speaks, and what somebody says."""
    return bool(SPEECH.search(text)) and any(
        spelling.rstrip(ENDS).lower() in text.lower()
        for word in load().silent
        for spelling in (word.en, word.hant, word.hans)
    )


def with_chosen(text: str, posted: QueryDict) -> str:
    """With what the panel of words holds when it is sent without script: words, a spoken line, sentences."""
    known = load()
    chosen = posted.getlist("words")
    text = with_words(text, [word for words in known.chosen(chosen) for word in words])
    said = {name: posted.get(f"say-{name}", "")[:SAID_LIMIT] for name in ("who", "how", "line")}
    if said["line"].strip():
        text = with_sentence(text, spoken_line(known.spoken, text, **said))
    for sentence in known.sentences:
        if sentence.en in chosen:
            text = with_sentence(text, spelled(sentence, text))
    return text
