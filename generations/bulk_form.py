"""What the bulk bar sends: a verb with its value, and takes by id or all of a view. Wrong values get a sentence."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django import forms
from django.utils.translation import gettext as _

from generations import bulk
from generations.deeds import DEEDS
from generations.forms import as_uuid
from generations.models import Collection, Generation, Pick, Scene
from generations.models.collection import NAME_LENGTH
from generations.models.generation import MOST_STARS
from generations.models.tag import TAG_LENGTH, tag_key, tag_name
from teams.models import Project
from wanstudio.http import whole_number

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

    from accounts.models import User

Row = TypeVar("Row", Project, Scene, Collection)
MOST_IDS = bulk.MOST  # a selection
MOST_TAGS = 20


class BulkForm(forms.Form):
    """`do` is a verb of DEEDS, where it fits with its value: `rate:4`, `pick:-1`."""

    do = forms.CharField(max_length=20)
    view = forms.CharField(required=False, max_length=4000)
    all = forms.BooleanField(required=False)
    tags = forms.CharField(required=False, max_length=1000)
    project = forms.CharField(required=False, max_length=40)
    scene = forms.CharField(required=False, max_length=40)
    collection = forms.CharField(required=False, max_length=40)
    here = forms.CharField(required=False, max_length=40)
    out_of = forms.CharField(required=False, max_length=40)
    new_collection = forms.CharField(required=False, max_length=NAME_LENGTH)

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    @property
    def complaint(self) -> str:
        """Why it is not valid, in a sentence."""
        return " ".join(map(str, self.non_field_errors())) or _("There is no such action.")

    def clean(self) -> dict[str, Any]:
        """`verb` and `values` as bulk.start takes them."""
        data = self.cleaned_data
        verb, _colon, value = data.get("do", "").partition(":")
        if verb not in DEEDS:
            raise forms.ValidationError(_("There is no such action."))
        read = getattr(self, f"_read_{verb.replace('-', '_')}", None)
        return data | {"verb": verb, "values": read(value) if read else {}}

    def _read_rate(self, value: str) -> dict[str, Any]:
        rating = whole_number(value, digits=1, otherwise=-1)
        if not 0 <= rating <= MOST_STARS:
            raise forms.ValidationError(_("A rating is 1 to 5, or 0 for none."))
        return {"rating": rating}

    def _read_pick(self, value: str) -> dict[str, Any]:
        if value not in {str(pick) for pick in Pick.values}:
            raise forms.ValidationError(_("A take is picked, rejected, or neither."))
        return {"pick": int(value)}

    def _read_tag(self, _value: str) -> dict[str, Any]:
        names = [tag_name(name) for name in self.cleaned_data.get("tags", "").replace("、", ",").split(",")]
        names = [name for name in names if tag_key(name)]
        if not names:
            raise forms.ValidationError(_("Write a tag first."))
        if len(names) > MOST_TAGS or any(len(name) > TAG_LENGTH for name in names):
            words = _("At most %(count)s tags at once, of %(length)s characters each.")
            raise forms.ValidationError(words % {"count": MOST_TAGS, "length": TAG_LENGTH})
        return {"tags": names}

    _read_untag = _read_tag

    def _read_project(self, _value: str) -> dict[str, Any]:
        project = self._named("project", Project.objects.editable_by(self.user))
        if project is None:
            raise forms.ValidationError(_("Choose a project that you may edit."))
        return {"project": project.pk}

    def _read_scene(self, _value: str) -> dict[str, Any]:
        scenes = Scene.objects.filter(project__in=Project.objects.editable_by(self.user))
        scene = self._named("scene", scenes)
        if scene is None:
            raise forms.ValidationError(_("Choose a scene that you may edit."))
        return {"scene": scene.pk}

    def _read_take_out(self, _value: str) -> dict[str, Any]:
        return self._read_collection("out_of")

    def _read_collection(self, field: str) -> dict[str, Any]:
        collection = self._named(field, Collection.objects.editable_by(self.user))
        if collection is None:
            raise forms.ValidationError(_("Choose a collection, or name a new one."))
        return {"collection": collection.pk}

    def _read_collect(self, _value: str) -> dict[str, Any]:
        """A new one, if it is named, belongs to the team of the project that the page shows."""
        name = " ".join(self.cleaned_data.get("new_collection", "").split())
        if not name:
            return self._read_collection("collection")
        project = self._named("here", Project.objects.editable_by(self.user).select_related("team"))
        if project is None:
            raise forms.ValidationError(_("Choose a project that you may edit."))
        made = Collection.objects.create(team=project.team, name=name, created_by=self.user)
        return {"collection": made.pk}

    def _named(self, field: str, rows: QuerySet[Row]) -> Row | None:
        key = as_uuid(self.cleaned_data.get(field, ""))
        return rows.filter(uuid=key).first() if key else None

    def takes(self, uuids: Sequence[str]) -> tuple[list[int], int]:
        """Keys of the selected takes that it may be done to, in their order, and how many others were asked for."""
        asked = list(dict.fromkeys(uuids))
        wanted = [uuid for uuid in map(as_uuid, asked) if uuid]
        may = bulk.allowed(self.cleaned_data["verb"], self.user).filter(uuid__in=wanted)
        keys = dict(may.values_list("uuid", "pk"))
        return [keys[uuid] for uuid in wanted if uuid in keys], len(set(uuids)) - len(keys)

    def is_forbidden(self, uuids: Sequence[str]) -> bool:
        """All that the person sees of them are for looking only."""
        wanted = [uuid for uuid in map(as_uuid, uuids) if uuid]
        seen = Generation.objects.visible_to(self.user).filter(uuid__in=wanted)
        may = bulk.changeable(self.cleaned_data["verb"], self.user)
        return seen.exists() and not may.filter(uuid__in=wanted).exists()
