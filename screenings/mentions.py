"""@names in comments: members of the team, by their name or the first part of their address, as far as it is unique,
and always by the whole address.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.utils.html import escape, format_html, format_html_join

from accounts.models import User
from screenings.models import Comment, Mention
from teams.models import Membership

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from django.utils.safestring import SafeString

    from teams.models import Team

AT = re.compile(r"(?<![\w@./-])@(?=\w)")
WORD = re.compile(r"[\w.+-]*\w")


def names_of(team: Team) -> dict[str, User]:
    """By what may stand after the @, folded; what two people share is nobody's."""
    found: dict[str, User | None] = {}
    for member in Membership.objects.filter(team=team).select_related("user").order_by("pk"):
        for name in {member.user.display_name.casefold(), _local_part(member.user), member.user.email.casefold()}:
            found[name] = None if name in found else member.user
    return {name: person for name, person in found.items() if person is not None}


def people_of(team: Team) -> list[tuple[User, str]]:
    """Everybody who can be mentioned, and as what."""
    names = names_of(team)
    people = {person.pk: person for person in names.values()}.values()
    return sorted(((one, _shortest(one, names)) for one in people), key=lambda pair: pair[1].casefold())


def _shortest(person: User, names: dict[str, User]) -> str:
    ways = (person.display_name, person.email.partition("@")[0], person.email)
    return next(way for way in ways if names.get(way.casefold()) == person)


def save(comment: Comment, team: Team) -> tuple[list[int], list[str]]:
    """Rows for whom the comment names. Answers their keys, and the names that nobody here has."""
    if not AT.search(comment.text):
        return [], []
    mentioned: dict[int, Mention] = {}
    unknown = []
    for written, person in _found(comment.text, names_of(team)):
        if person is None:
            unknown.append(written)
        else:
            mentioned.setdefault(person.pk, Mention(comment=comment, person=person, written=written))
    Mention.objects.bulk_create(mentioned.values())
    return list(mentioned), list(dict.fromkeys(unknown))


def _found(text: str, names: dict[str, User]) -> Iterator[tuple[str, User | None]]:
    longest_first = sorted(names, key=len, reverse=True)
    for at in AT.finditer(text):
        rest = text[at.end() :]
        for name in longest_first:
            written = rest[: len(name)]
            if written.casefold() == name and not re.match(r"\w", rest[len(name) :]):
                yield written, names[name]
                break
        else:
            word = WORD.match(rest)
            yield (word[0] if word else ""), None


def veiled(text: str, rows: Iterable[dict[str, Any]]) -> str:
    """The text for guests, to whom nobody is named by a part of an address; `rows` say who was mentioned as what."""
    people = ((row["written"], User(name=row["name"], purged_at=row["purged_at"])) for row in rows)
    return _renamed(text, {written: person.public_name for written, person in people if written != person.name})


def forget(person: User) -> None:
    """Somebody who is gone for good is named in no comment any more."""
    gone = Mention.objects.filter(person=person).select_related("comment")
    for mention in gone:
        text = _renamed(mention.comment.text, {mention.written: person.public_name})
        Comment.objects.filter(pk=mention.comment_id).update(text=text)
    gone.delete()


def _renamed(text: str, names: dict[str, str]) -> str:
    return re.sub(_one_of(names), lambda found: f"@{names[found[1]]}", text) if names else text


def _one_of(names: Iterable[str]) -> str:
    """A pattern: one of these after an @, which is its group."""
    longest_first = sorted(map(re.escape, names), key=len, reverse=True)
    return rf"{AT.pattern}((?:{'|'.join(longest_first)})(?!\w))"


def marked(text: str, written: Sequence[str]) -> SafeString:
    """The text, escaped, with these names marked."""
    if not written:
        return escape(text)
    parts = re.split(_one_of(written), text)
    pieces = (format_html("<mark>@{}</mark>", part) if odd % 2 else part for odd, part in enumerate(parts))
    return format_html_join("", "{}", ((piece,) for piece in pieces))


def _local_part(person: User) -> str:
    return person.email.partition("@")[0].casefold()
