"""Finding takes by words: prompt, shots, negative prompt, tags, notes and seed; English and Chinese alike.

Terms are built here, not by the database: words of Latin and other alphabets, and pairs of neighbours of scripts that
put no spaces between words (with the last sign alone, so that one sign finds it, too). A word is found by its
beginning. What needs more than terms (a phrase in quotes, three Chinese signs in a row) is looked for in the text of
the rows that have all its terms.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

from django.db import connection
from django.db.models.expressions import RawSQL

from generations.models import Generation, Note, SearchEntry, Tagging

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from generations.models.generation import GenerationQuerySet

TEXT_LIMIT = 20_000  # characters of one take
TERM_LIMIT = 60
MOST_PIECES = 24  # of one search
BATCH = 500
OWN = "\ue000"  # private use: begins the terms that say where a take belongs, which nobody can type
# Han, kana, Hangul; then everything else that counts as a letter or figure.
DENSE = "々〇\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7a3\uf900-\ufaff\U00020000-\U0003ffff"
RUN = re.compile(f"(?P<dense>[{DENSE}]+)|(?P<word>[^\\W_{DENSE}]+)")
PIECE = re.compile(r'(?P<minus>[-－−﹣]?)(?:"(?P<phrase>[^"]*)(?P<end>"?)|(?P<bare>[^\s"]+))')
JOINS = re.compile(r"OR|NOT|NEAR(/\d+)?")  # between words of other searches; here all words must be there
QUOTES = str.maketrans("“”„«»「」『』", '"' * 9)


def normalised(text: str) -> str:
    """Without case, width, accents and runs of blanks."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    plain = "".join(sign for sign in unicodedata.normalize("NFD", folded) if not "\u0300" <= sign <= "\u036f")
    return " ".join(unicodedata.normalize("NFC", plain).replace(OWN, " ").split())


def terms_of(text: str) -> list[str]:
    """Of a normalised text, each once, in the order of their first appearance."""
    found: dict[str, None] = {}
    for run in RUN.finditer(text):
        if run["word"]:
            found[run["word"][:TERM_LIMIT]] = None
        else:
            found.update(dict.fromkeys([*_pairs(run["dense"]), run["dense"][-1]]))
    return list(found)


def _pairs(signs: str) -> list[str]:
    return [signs[index : index + 2] for index in range(len(signs) - 1)]


# Writing ------------------------------------------------------------------------------------------------------------


def add(take: Generation) -> None:
    """A new one, without tags and notes yet."""
    entry(take).save(force_insert=True)


def index(takes: Iterable[Generation]) -> None:
    """Bring what these takes are found by up to date; to be called in the transaction that changed them."""
    every = list(takes)
    for start in range(0, len(every), BATCH):
        batch = every[start : start + BATCH]
        extra = _extra([take.pk for take in batch])
        SearchEntry.objects.bulk_create(
            [entry(take, extra.get(take.pk, ())) for take in batch],
            update_conflicts=True,
            unique_fields=["take"],
            update_fields=["scope", "terms", "text"],
        )


def entry(take: Generation, extra: Iterable[str] = ()) -> SearchEntry:
    """Not saved. `extra` are the take's tags and notes."""
    shots = [str(shot.get("text", "")) for shot in take.shots]
    seed = "" if take.seed is None else str(take.seed)
    parts = (take.prompt, *shots, take.negative_prompt, seed, *extra)
    text = " \n ".join(filter(None, map(normalised, parts)))[:TEXT_LIMIT]
    scope = scope_of(take.project_id, take.owner_id)
    return SearchEntry(take_id=take.pk, scope=scope, terms=" ".join(terms_of(text)), text=text)


def _extra(pks: list[int]) -> dict[int, list[str]]:
    """Tags and notes by take."""
    found: dict[int, list[str]] = {}
    tags = Tagging.objects.filter(generation__in=pks).values_list("generation", "tag__name")
    notes = Note.objects.filter(generation__in=pks).values_list("generation", "text")
    for pk, text in [*tags, *notes]:
        found.setdefault(pk, []).append(text)
    return found


# Reading ------------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Piece:
    """One thing that is asked for, or with minus not to be there."""

    text: str
    is_phrase: bool
    is_minus: bool
    is_open: bool = False  # the phrase is still being typed: its last word may go on

    @property
    def terms(self) -> list[tuple[str, bool]]:
        """Terms that a take must have, each with whether its beginning is enough."""
        found: list[tuple[str, bool]] = []
        for run in RUN.finditer(self.text):
            if run["word"]:
                is_last = run.end() == len(self.text)
                found.append((run["word"][:TERM_LIMIT], not self.is_phrase or (self.is_open and is_last)))
            elif len(run["dense"]) == 1:
                found.append((run["dense"], True))
            else:
                found += [(pair, False) for pair in _pairs(run["dense"])]
        return found

    @property
    def texts(self) -> list[str]:
        """What must stand in the text as it is, where terms alone would find too much."""
        if len(self.terms) == 1:
            return []
        if self.is_phrase or self.is_minus:
            return [self.text]
        return [run["dense"] for run in RUN.finditer(self.text) if run["dense"] and len(run["dense"]) > 2]

    def pattern(self, text: str, edge: str) -> str:
        """Of one of `texts` where no word that it begins or ends with is part of a longer one; "" where none is cut.

        The last may go on unless it is closed by a quotation mark. `edge` is what stands beside a word.
        """
        runs = [run for run in RUN.finditer(text) if run["word"]]
        begins = bool(runs) and runs[0].start() == 0
        ends = bool(runs) and runs[-1].end() == len(text) and self.is_phrase and not self.is_open
        if not begins and not ends:
            return ""
        return f"(^|{edge})" * begins + re.escape(text) + f"({edge}|$)" * ends


def pieces(search: str) -> list[Piece]:
    """What a person typed: words, "phrases", -without; AND between them may be written. Nothing is an error."""
    found = []
    unused = joins(search)
    for match in PIECE.finditer(search.translate(QUOTES)):
        is_phrase = match["phrase"] is not None
        text = normalised(match["phrase"] if is_phrase else match["bare"])
        if match["bare"] in ("AND", *unused) or not RUN.search(text):
            continue
        found.append(Piece(text, is_phrase=is_phrase, is_minus=bool(match["minus"]), is_open=match["end"] == ""))
    return found[:MOST_PIECES]


def joins(search: str) -> list[str]:
    """OR and the like, in capitals between other words: not looked for, which is to be said."""
    words = [match["bare"] or "" for match in PIECE.finditer(search.translate(QUOTES))]
    return [word for word in dict.fromkeys(words[1:-1]) if JOINS.fullmatch(word)]


def matching(takes: GenerationQuerySet, search: str, scope: Iterable[str]) -> GenerationQuerySet:
    """Those of `takes` that are found; `scope` are terms of `project_term` and `owner_term`, of which one must fit.

    Without a scope at least one word must be asked for.
    """
    asked = pieces(search)
    wanted = [piece.terms for piece in asked if not piece.is_minus]
    unwanted = [piece.terms for piece in asked if piece.is_minus and not piece.texts]
    dialect = DIALECTS[connection.vendor]
    sql, values = dialect.found, [dialect.join(list(scope), wanted, unwanted)]
    for piece in asked:
        for text in piece.texts:
            pattern = piece.pattern(text, dialect.edge)
            has = f"{dialect.place} > 0" + f" AND {dialect.matches}" * bool(pattern)
            sql += f" AND NOT ({has})" if piece.is_minus else f" AND {has}"
            values += filter(None, [text, pattern])
    return takes.filter(pk__in=RawSQL(dialect.whole % sql, values))  # noqa: S611  constants


def scope_of(project: int, owner: int) -> str:
    """Of a take's entry."""
    return f"{project_term(project)} {owner_term(owner)}"


def project_term(pk: int) -> str:
    return f"{OWN}p{pk}"


def owner_term(pk: int) -> str:
    return f"{OWN}o{pk}"


Terms = list[tuple[str, bool]]


def _fts5(scope: list[str], wanted: list[Terms], unwanted: list[Terms]) -> str:
    def one(term: str, is_beginning: bool) -> str:
        return f'"{term}"{"*" if is_beginning else ""}'

    must = ["(" + " OR ".join(one(term, False) for term in scope) + ")"] if scope else []
    must += [one(*term) for terms in wanted for term in terms]
    without = [one(*term) for terms in unwanted for term in terms]
    return " AND ".join(must) if not without else f"({' AND '.join(must)}) NOT ({' OR '.join(without)})"


def _tsquery(scope: list[str], wanted: list[Terms], unwanted: list[Terms]) -> str:
    def one(term: str, is_beginning: bool) -> str:
        return f"'{term}'{':*' if is_beginning else ''}"

    must = ["(" + " | ".join(one(term, False) for term in scope) + ")"] if scope else []
    must += [one(*term) for terms in wanted for term in terms]
    must += ["!" + one(*term) for terms in unwanted for term in terms]
    return " & ".join(must)


class Dialect(NamedTuple):
    """`found` and more conditions, as `whole`, are keys of takes; `place` is where in the text something stands,
    `matches` whether it matches a pattern, in which `edge` is what is no letter or figure of a word.
    """

    join: Callable[[list[str], list[Terms], list[Terms]], str]
    found: str
    place: str
    matches: str
    edge: str
    whole: str


DIALECTS = {
    "sqlite": Dialect(
        _fts5,
        "SELECT generations_search.rowid FROM generations_search LEFT JOIN generations_searchentry "
        "ON take_id = generations_search.rowid WHERE generations_search MATCH %s",
        "instr(text, %s)",
        "text REGEXP %s",
        f"[\\W_{DENSE}]",
        "%s",
    ),
    # Found first, then looked at: PostgreSQL knows little of how words and people go together, and would rather look
    # through everybody's takes in their order for the first few that fit.
    "postgresql": Dialect(
        _tsquery,
        "SELECT take_id FROM generations_searchentry WHERE vector @@ %s::tsquery",
        "strpos(text, %s)",
        "text ~ %s",
        f"[^[:alnum:]]|[{DENSE}]",
        "WITH found AS MATERIALIZED (%s) SELECT take_id FROM found",
    ),
}
