"""A list of timed shots and the text Wan reads it from, both ways.

Wan has no parameter for shots: they are sentences in the prompt. What `compile_prompt` writes, `parse_prompt` reads
back exactly, whatever is in the fields, because a mark of ours stands at the beginning of a line and nothing else may:
a line of the creator's that looks like one gets a space in front of it, which is taken away again. Four limits:

- fields are read without the white space around them, and any line end is "\\n", as form fields do anyway;
- a text without shots is left alone, so one that contains a list of shots is read as that list;
- one shot lasts as long as the video and shots of no stated length (0 seconds) are written without times, so there
  the seconds come from the caller, and such texts are read by the looser rules for pasted ones;
- of more than a hundred shots none is read: a form keeps no more of them, and the text keeps them all.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from django.utils.translation import gettext

READ_MOST = 100
HAN = r"\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
HAN_CHARACTER = re.compile(f"[{HAN}]")
OTHER_WORD = re.compile(rf"[^\W\d_{HAN}]+")

# What compile_prompt writes, at the beginning of a line.
SINGLE = {"en": "Generate single shot.", "zh": "生成单镜头视频。"}
TIMED = {"en": "Shot {number} [{start}-{end}s]", "zh": "第{number}个镜头[{start}-{end}秒]"}
PLAIN = {"en": "Shot {number}", "zh": "第{number}个镜头"}
OWN_MARK = re.compile(
    r"(?:Shot [0-9]{1,3} \[(?P<start_en>[0-9]{1,5})-(?P<end_en>[0-9]{1,5})s\]|"
    r"第[0-9]{1,3}个镜头\[(?P<start_zh>[0-9]{1,5})-(?P<end_zh>[0-9]{1,5})秒\]|"
    r"Generate single shot\.)(?: |\Z)|生成单镜头视频。"
)

# What people and Wan's own guide write, anywhere in a text.
_SECONDS = r"([0-9]{1,3}(?:\.[0-9]{1,3})?)\s{0,3}(?:s|sec|seconds|秒)?"
_TIMES = rf"\s{{0,3}}[\[【(（]\s{{0,3}}{_SECONDS}\s{{0,3}}[-–—~～至到]\s{{0,3}}{_SECONDS}\s{{0,3}}[\]】)）]"
_NUMBER = "([0-9]{1,3}|[一二三四五六七八九十]{1,3})"
_SHOT = "(?:镜头|鏡頭)"
ANY_MARK = re.compile(
    rf"(?:第\s{{0,3}}{_NUMBER}\s{{0,3}}[个個]?\s{{0,3}}{_SHOT}|{_SHOT}\s{{0,3}}{_NUMBER}|"
    rf"(?<!(?-i:[A-Za-z\u017f\u212a]))shot\s{{0,3}}#?([0-9]{{1,3}}))"  # JavaScript's a to z, without the Turkish i
    rf"(?![0-9])(?:(?:\s{{0,3}}[:：])?{_TIMES})?\s{{0,3}}[:：]?",
    re.IGNORECASE,
)
ANY_SINGLE = re.compile(
    rf"生成(?:单|單){_SHOT}(?:视频|視頻|影片)?[。.，,：:]?|"
    r"\bgenerate (?:a )?s(?-i:[Ii])ngle[- ]shot(?: v(?-i:[Ii])deo)?\b[.,:]?",  # no Turkish i, as in JavaScript
    re.IGNORECASE,
)
BETWEEN = " \t\r\n，,；;、"
HAN_DIGITS = "零一二三四五六七八九"


@dataclass(frozen=True)
class Shot:
    text: str
    seconds: int  # 0: not stated


@dataclass(frozen=True)
class Parsed:
    overall: str
    shots: tuple[Shot, ...]
    warnings: tuple[str, ...] = ()  # sentences for the creator, in her language


@dataclass(frozen=True)
class _Mark:
    """A mark found in a text, with the seconds it states."""

    begin: int
    end: int
    number: int
    times: tuple[float, float] | None


def language(text: str) -> str:
    """ "zh" when there are at least as many Chinese characters as other words, else "en"."""
    characters = len(HAN_CHARACTER.findall(text))
    return "zh" if characters and characters >= len(OTHER_WORD.findall(text)) else "en"


def total_seconds(shots: Sequence[Shot]) -> int:
    return sum(shot.seconds for shot in shots)


def compile_prompt(overall: str, shots: Sequence[Shot]) -> str:
    """The prompt for Wan, with marks in the prompt's own language; without shots the overall text, unchanged."""
    if not shots:
        return overall
    overall, texts = _clean(overall), [_clean(shot.text) for shot in shots]
    spoken = language("\n".join([overall, *texts]))
    if len(shots) == 1:
        gap = "" if spoken == "zh" else " "
        marked = [f"{SINGLE[spoken]}{gap}{_shielded(texts[0], first=1)}".rstrip(" ")]
    else:
        marks = _marks(shots, spoken)
        marked = [f"{mark} {_shielded(text, first=1)}".rstrip(" ") for mark, text in zip(marks, texts, strict=True)]
    return "\n".join([_shielded(overall), *marked] if overall else marked)


def _marks(shots: Sequence[Shot], spoken: str) -> Iterator[str]:
    timed = all(shot.seconds > 0 for shot in shots)
    end = 0
    for number, shot in enumerate(shots, 1):
        start, end = end, end + shot.seconds
        yield (TIMED if timed else PLAIN)[spoken].format(number=number, start=start, end=end)


def _clean(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n").strip()


def _shielded(text: str, *, first: int = 0) -> str:
    """With a space before each line, from `first` on, that could be taken for a mark of ours."""
    lines = text.split("\n")
    return "\n".join(
        f" {line}" if index >= first and OWN_MARK.match(line.lstrip(" ")) else line for index, line in enumerate(lines)
    )


def _unshielded(line: str) -> str:
    return line[1:] if line.startswith(" ") and OWN_MARK.match(line.lstrip(" ")) else line


def parse_prompt(text: str, *, seconds: int = 0) -> Parsed | None:
    """The board a text was compiled from, or the list of shots somebody wrote in it; None when there is none, or more
    than a form keeps.

    `seconds` is the video's length: it becomes that of a single shot, and is divided among shots without times. Shots
    whose times overlap or go back keep the length that is written, and a mark that ends before it starts stays in the
    text; `warnings` says so. A pause between two shots counts to the second one.
    """
    found = _read(text, seconds)
    return found if found and len(found.shots) <= READ_MOST else None


def _read(text: str, seconds: int) -> Parsed | None:
    for written in (_clean(text), f" {_clean(text)}"):  # somebody may have stripped the space that shields line one
        own = _parse_own(written, seconds)
        if own and compile_prompt(own.overall, own.shots) == written:
            return own
    marks = list(_all_marks(text))
    timed = [mark for mark in marks if mark.times and mark.times[1] > mark.times[0]]
    if timed:
        return _parse_timed(text, timed, backwards=sum(bool(mark.times) for mark in marks) - len(timed))
    counted = _counted(marks)
    if len(counted) > 1:
        return _parse_counted(text, counted, seconds)
    return _parse_single(text, seconds)


def _parse_own(text: str, seconds: int) -> Parsed | None:
    blocks: list[list[str]] = [[]]
    lengths: list[int] = []
    for line in text.split("\n"):
        if match := OWN_MARK.match(line):
            times = [int(time) for time in match.groups() if time is not None]
            lengths.append(times[1] - times[0] if times else seconds)
            blocks.append([line[match.end() :]])
        else:
            blocks[-1].append(_unshielded(line))
    overall, *texts = ("\n".join(block) for block in blocks)
    shots = tuple(Shot(text, length) for text, length in zip(texts, lengths, strict=True))
    return Parsed(overall, shots) if shots else None


def _all_marks(text: str) -> Iterator[_Mark]:
    for match in ANY_MARK.finditer(text):
        first, second, third, start, end = match.groups()
        number = first or second or third
        times = (float(start), float(end)) if start else None
        yield _Mark(match.start(), match.end(), int(number) if number.isdecimal() else _han_number(number), times)


def _han_number(digits: str) -> int:
    """From 一 to 九十九; anything odd becomes 0, a number no list has."""
    tens, ten, ones = digits.rpartition("十")
    if len(tens) > 1 or len(ones) > 1:
        return 0
    return (HAN_DIGITS.find(tens or "一") * 10 if ten else 0) + HAN_DIGITS.find(ones or "零")


def _counted(marks: list[_Mark]) -> list[_Mark]:
    """Those that count 1, 2, 3…; other mentions of a shot are words."""
    counted: list[_Mark] = []
    for mark in marks:
        if mark.number == len(counted) + 1:
            counted.append(mark)
    return counted


def _parse_timed(text: str, marks: list[_Mark], *, backwards: int) -> Parsed:
    lengths, overlapping, fractional, now = [], False, False, 0
    for start, end in (mark.times for mark in marks if mark.times):
        begin = int(start + 0.5)
        overlapping |= begin < now
        fractional |= start % 1 > 0 or end % 1 > 0
        begin, now = min(begin, now), int(end + 0.5)
        lengths.append(max(1, now - begin))
    warnings = []
    if overlapping:
        warnings.append(gettext("Some shots overlap or go back in time. Their lengths were kept as written."))
    if backwards:
        warnings.append(gettext("A shot ends before it starts, or as it starts. It was left in the text as written."))
    if fractional:
        warnings.append(rounded_words())
    if [mark.number for mark in marks] != list(range(1, len(marks) + 1)):
        warnings.append(gettext("The shots were numbered anew."))
    overall, texts = _between(text, marks)
    return Parsed(overall, tuple(map(Shot, texts, lengths)), tuple(warnings))


def rounded_words() -> str:
    return gettext("Shots last whole seconds. Their times were rounded.")


def _parse_counted(text: str, marks: list[_Mark], seconds: int) -> Parsed:
    overall, texts = _between(text, marks)
    ends = [seconds * index // len(marks) for index in range(len(marks) + 1)]
    lengths = [end - start for start, end in pairwise(ends)] if seconds >= len(marks) else [0] * len(marks)
    return Parsed(overall, tuple(map(Shot, texts, lengths)))


def _between(text: str, marks: list[_Mark]) -> tuple[str, list[str]]:
    ends = [mark.begin for mark in marks[1:]] + [len(text)]
    texts = [_clean(text[mark.end : end].rstrip(BETWEEN)) for mark, end in zip(marks[:-1], ends, strict=False)]
    return _clean(text[: marks[0].begin]), [*texts, _clean(text[marks[-1].end :])]


def _parse_single(text: str, seconds: int) -> Parsed | None:
    match = ANY_SINGLE.search(text)
    if not match:
        return None
    before, after = _clean(text[: match.start()]), _clean(text[match.end() :])
    return Parsed(before, (Shot(after, seconds),)) if after else Parsed("", (Shot(before, seconds),))
