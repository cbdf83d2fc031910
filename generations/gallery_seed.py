"""A plausible library made of rows alone, to see and measure the gallery with: `manage.py seed_gallery`.

The newest clips of the one it is made for get posters; nothing has a video, nothing was billed, nothing is due.
"""

from __future__ import annotations

import random
import uuid
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from accounts.models import User
from dashscope_client import catalogue
from generations import clock, gallery_copies, search, storage
from generations.gallery_copies import Sheet
from generations.models import (
    AudioUpload,
    Favourite,
    Generation,
    Pick,
    Scene,
    SearchEntry,
    Status,
    Tag,
    Tagging,
    WanAccount,
)
from teams.models import Project

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime
    from decimal import Decimal

MODEL = catalogue.MODELS[catalogue.DEFAULT_MODEL]
BATCH = 5000
OTHERS = 20_000  # clips of each other person
WHOLE = 10_000  # up to here all is one person's, beyond it a tenth
SPAN = timedelta(days=700)
MOST_TAKES = 40  # of a scene
WHO = ("a fishing boat", "an old tram", "a dancer", "a red fox", "a lighthouse keeper", "a paper kite", "a tea master")
WHO_ZH = ("一艘小船", "一只狐狸", "老茶师", "穿红衣的女孩", "一列旧电车", "守塔人", "一只纸鸢")
DOES = ("leaves the harbour", "crosses a wet street", "turns to the camera", "waits in falling snow", "fades into mist")
DOES_ZH = ("缓缓离开海港", "穿过雨夜的霓虹街", "在雪中回头", "走进晨雾", "站在山顶看日出")
LIGHT = ("blue hour", "golden hour", "hard noon light", "neon reflections", "candlelight", "moonlight", "overcast sky")
LIGHT_ZH = ("蓝调时刻", "黄金时刻", "霓虹倒影", "烛光", "月光", "阴天柔光")
MOVE = ("slow push in", "handheld", "crane up", "static wide shot", "orbit left", "tracking shot", "macro close-up")
MOVE_ZH = ("缓慢推近", "手持跟拍", "升镜头", "固定全景", "环绕镜头", "微距特写")
TAGS = ("keeper", "b-roll", "client", "night", "test", "海港", "portrait", "music")
POSTERS = {
    "16:9": ("harbour-a", "rain-a", "lanterns-a", "mountains-a", "ocean-a", "aurora-a", "lighthouse-a", "dunes-a"),
    "9:16": ("portrait-a", "portrait-b", "jelly-a"),
    "1:1": ("tea-a", "jelly-a"),
}


@dataclass
class Place:
    """Where a run of takes belongs."""

    project: Project
    owner: User
    account: WanAccount
    audio: AudioUpload
    tags: list[Tag]
    price: dict[str, Decimal]


def fill(
    person: User,
    clips: int,
    *,
    posters: int = 0,
    say: Callable[[str], Any] = lambda _text: None,
    until: datetime | None = None,
    span: timedelta = SPAN,
) -> Project:
    """Make `clips` takes, at most 10,000 or a tenth of them the person's; a project of theirs that holds those.

    They were made in the `span` before `until`, which is now.
    """
    chance = random.Random(clips)  # noqa: S311  # as many clips are the same library each time, but for its keys
    own = clips if clips <= WHOLE else max(WHOLE, clips // 10)
    shares = [(person, own)]
    while (rest := clips - sum(count for _person, count in shares)) > 0:
        shares.append((_person(len(shares)), min(OTHERS, rest)))
    begin, made, sheet = (until or clock.now()) - span, 0, None
    for who, count in reversed(shares):  # the person's come last, so theirs are the newest
        place, step, here = _place(who), span / count, 0
        while here < count:
            at = begin + step * here
            if sheet is None or sheet.size > count - here:
                sheet = _write(place, min(BATCH, count - here), chance, begin=at, step=step)
            else:
                gallery_copies.copy(sheet, place, begin=at, step=step)
            here += sheet.size
            made += sheet.size
            say(f"{made:,} of {clips:,}")
    _paint(person, posters)
    return place.project


def _person(number: int) -> User:
    email = f"seeded{number}@example.com"
    return User.objects.filter(email=email).first() or User.objects.create_user(email, name=f"Seeded {number}")


def _place(owner: User) -> Place:
    team = owner.personal_team
    project, _made = Project.objects.get_or_create(team=team, name="Seeded library")
    account = WanAccount.objects.for_team(team) or WanAccount.objects.simulators()
    facts = {"kind": "mp3", "seconds": 8.0, "size": 1, "sha256": "0" * 64, "storage": "local"}
    key = storage.audio_key(project.uuid, "mp3")
    audio, _made = AudioUpload.objects.get_or_create(
        project=project, key=key, defaults={"uploaded_by": owner, "name": "theme.mp3", **facts}
    )
    tags = Tag.objects.named(team, list(TAGS))
    price = {name: MODEL.price(account.region, name).amount for name in MODEL.resolutions}
    return Place(project, owner, account, audio, tags, price)


def _write(place: Place, count: int, chance: random.Random, *, begin: datetime, step: timedelta) -> Sheet:
    """New ones, to be copied: scenes of a few takes each, a take each `step`."""
    takes: list[Generation] = []
    while (made := len(takes)) < count:
        more = min(count - made, MOST_TAKES, 1 + int(chance.expovariate(1 / 8)))
        prompt = _prompt(chance)
        moments = [begin + step * (made + index) for index in range(more)]
        scene = Scene(
            project=place.project,
            name=Scene.name_from(prompt),
            created_by=place.owner,
            created_at=moments[0],
            latest_take_at=moments[-1],
            takes_made=more,
        )
        takes += [_take(place, scene, prompt, index + 1, at, chance) for index, at in enumerate(moments)]
    return _save(place, takes, chance)


def _prompt(chance: random.Random) -> str:
    is_chinese = chance.random() < 0.35
    lists = (WHO_ZH, DOES_ZH, LIGHT_ZH, MOVE_ZH) if is_chinese else (WHO, DOES, LIGHT, MOVE)
    who, does, light, move = (chance.choice(words) for words in lists)
    return f"{who}{does}，{light}，{move}" if is_chinese else f"{who.capitalize()} {does}, {light}, {move}"


def _take(place: Place, scene: Scene, prompt: str, number: int, at: datetime, chance: random.Random) -> Generation:
    resolution, ratio = chance.choice(MODEL.resolutions), chance.choices(MODEL.ratios, (60, 20, 10, 5, 5))[0]
    duration = chance.choice((3, 5, 5, 5, 8, 10, 15))
    width, height = MODEL.size(resolution, ratio)
    half = duration // 2
    parts = [{"text": prompt, "seconds": half}, {"text": "Close-up", "seconds": duration - half}]
    take = Generation(
        **{"scene": scene, "project": place.project, "team_id": place.project.team_id, "owner": place.owner},
        **{"account": place.account, "press": uuid.uuid4(), "number": number},
        **{"prompt": prompt, "sent_prompt": prompt, "resolution": resolution, "ratio": ratio, "duration": duration},
        **{"shots": parts if chance.random() < 0.3 else [], "seed": chance.randrange(MODEL.seed_max)},
        **{"negative_prompt": chance.choice(("", "", "blur, captions, logo")), "due_at": None, "status": Status.READY},
        **{"audio": place.audio if chance.random() < 0.1 else None, "created_at": at, "status_changed_at": at},
        **{"rating": chance.choices(range(6), (70, 2, 5, 10, 9, 4))[0], "video_width": width, "video_height": height},
        **{"pick": chance.choices((Pick.OPEN, Pick.PICKED, Pick.REJECTED), (85, 5, 10))[0], "finished_at": at},
        **{"price_per_second": place.price[resolution], "cost": place.price[resolution] * duration},
    )
    return _ended(take, at, chance)


def _ended(take: Generation, at: datetime, chance: random.Random) -> Generation:
    status = chance.choices((Status.READY, Status.FAILED, Status.CANCELED), (93, 5, 2))[0]
    if status == Status.READY:
        take.ready_at = take.derived_at = at
        take.storage, take.video_key = "local", storage.generation_key(take.uuid, "video.mp4")
        take.video_size, take.video_seconds = 900_000 * take.duration, float(take.duration)
    else:
        take.status, take.cost, take.rating, take.pick = status, take.cost * 0 if take.cost else None, 0, Pick.OPEN
    return take


def _save(place: Place, takes: list[Generation], chance: random.Random) -> Sheet:
    with gallery_copies.alone():
        scenes = Scene.objects.bulk_create({id(take.scene): take.scene for take in takes}.values())
        for take in takes:
            take.scene_id = take.scene.pk
        Generation.objects.bulk_create(takes)
        liked = [take for take in takes if take.rating == 5]
        Favourite.objects.bulk_create(Favourite(person=place.owner, generation=take) for take in liked)
        tagged = {take.pk: chance.choice(place.tags) for take in takes if chance.random() < 0.1}
        Tagging.objects.bulk_create(Tagging(tag=tag, generation_id=pk, by=place.owner) for pk, tag in tagged.items())
        SearchEntry.objects.bulk_create(
            search.entry(take, [tagged[take.pk].name] if take.pk in tagged else []) for take in takes
        )
    return Sheet((takes[0].pk, takes[-1].pk), (scenes[0].pk, scenes[-1].pk))


def _paint(person: User, posters: int) -> None:
    """Posters for the person's newest clips: the samples' pictures, each file its own."""
    pictures = Path(settings.BASE_DIR) / "static" / "img" / "posters"
    newest = Generation.objects.filter(owner=person, status=Status.READY).order_by("-pk")[:posters]
    for number, (take_uuid, ratio) in enumerate(newest.values_list("uuid", "ratio")):
        names = POSTERS.get(ratio, POSTERS["1:1"])
        for name in ("poster.webp", "poster-small.webp"):
            key = storage.generation_key(take_uuid, name)
            storage.put_file(
                pictures / f"{names[number % len(names)]}.webp", key, content_type="image/webp", storage="local"
            )
