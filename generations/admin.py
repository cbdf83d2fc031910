"""For administrators: what happened to a take, the Wan accounts, and the switch that stops all sending.

Statuses are read only: lifecycle moves them, nobody else.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import admin
from django.db import models
from django.db.models import Q
from django.http import HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from generations import search, words
from generations.lifecycle import account_checks, breakers
from generations.models import (
    AccountCheck,
    Alarm,
    AlarmNotice,
    AudioUpload,
    Event,
    Generation,
    SubmitAttempt,
    Switchboard,
    WanAccount,
)
from generations.models.account import OWN_PRICES
from generations.wan_keys import KEY
from teams.activity import record_prices
from wanstudio.admin_pages import CarefulAdmin, LeanAdmin, ReadOnly, as_uuid

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

    from accounts.models import User
    from generations.models.generation import GenerationQuerySet


class EventInline(ReadOnly, admin.TabularInline):
    model = Event
    fields = readonly_fields = ("at", "what", "from_status", "to_status", "actor", "data")
    ordering = ["id"]
    extra = 0

    def get_queryset(self, request: HttpRequest) -> QuerySet[Event]:
        return super().get_queryset(request).select_related("actor")

    @admin.display(description=_("what happened"))
    def what(self, event: Event) -> str:
        return str(words.EVENTS.get(event.kind, event.kind))


class AttemptInline(ReadOnly, admin.TabularInline):
    model = SubmitAttempt
    fields = readonly_fields = (
        "started_at",
        "ended_at",
        "outcome",
        "http_status",
        "code",
        "message",
        "task_id",
        "request_id",
        "readings",
        "absent_readings",
    )
    ordering = ["id"]
    extra = 0


FACTS_OF_A_TAKE: list[tuple[Any, Any]] = [  # all but `result_url`: it is signed, whoever has it has the video
    (
        None,
        {"fields": ["uuid", "scene", "number", "team", "project", "owner", "created_at", "origin", "parent", "batch"]},
    ),
    (
        _("Recipe"),
        {
            "fields": [
                *("model", "prompt", "shots", "sent_prompt", "negative_prompt", "resolution", "ratio", "duration"),
                *("seed", "prompt_extend", "watermark", "audio", "print_recipe", "actual_prompt"),
            ]
        },
    ),
    (
        _("The way"),
        {
            "fields": [
                *("status", "status_changed_at", "account", "task_id", "waiting_for", "due_at", "tries"),
                *("auto_retries", "queue_rank", "paused_at", "cancel_requested_at", "accepted_at", "rendering_at"),
                *("rendered_at", "render_seconds", "unrecognised_since", "finished_at"),
                *("failure_cause", "failure_code", "failure_message"),
            ]
        },
    ),
    (
        _("The clip"),
        {
            "fields": [
                *("storage", "video_key", "video_size", "video_sha256", "archived_bytes", "expected_bytes"),
                *("spool_host", "ready_at", "video_width", "video_height", "video_seconds", "video_fps"),
                *("derived_at", "derive_note", "trashed_at", "purged_at"),
            ]
        },
    ),
    (_("What people think of it"), {"fields": ["rating", "pick", "verdict", "open_comments"]}),
    (_("Money"), {"fields": ["price_per_second", "currency", "reserved", "cost", "possibly_charged"]}),
]


@admin.register(Generation)
class GenerationAdmin(ReadOnly, LeanAdmin):
    list_display = ["__str__", "status", "account", "team", "owner", "task_id", "waiting_for", "created_at"]
    list_filter = ["status", "account"]  # by index; a filter without one reads a million rows
    list_select_related = ["scene", "account", "team", "owner"]
    search_fields = ["pk"]  # shows the box; get_search_results looks elsewhere
    search_help_text = _("A take's id, Wan's task id, or words of the prompt.")
    ordering = ["-id"]
    inlines = [EventInline, AttemptInline]
    fieldsets = FACTS_OF_A_TAKE

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Generation], search_term: str
    ) -> tuple[QuerySet[Generation], bool]:
        """Ids by their index, anything else as the studio's own search finds it."""
        term = search_term.strip()
        if not term:
            return queryset, False
        key = as_uuid(term)
        exact = queryset.filter(Q(task_id=term) | Q(uuid=key) if key else Q(task_id=term))
        if exact.exists():
            return exact, False
        takes = cast("GenerationQuerySet", queryset)  # the default manager's
        is_asked = any(not piece.is_minus for piece in search.pieces(term))
        return (search.matching(takes, term, scope=()) if is_asked else queryset.none()), False


class AccountForm(forms.ModelForm):
    new_key = forms.CharField(
        label=_("new API key"),
        required=False,
        strip=True,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_(
            "Write-only. Empty: the key stays. A worker tries a new one, at no cost; it counts once Wan accepts it."
        ),
    )

    class Meta:
        model = WanAccount
        fields = ["name"]  # the admin names the others

    def clean_new_key(self) -> str:
        key: str = self.cleaned_data["new_key"]
        if key and self.instance.pk and self.instance.is_installations:
            raise forms.ValidationError(_("The installation's key comes from DASHSCOPE_API_KEY."))
        if key and not KEY.fullmatch(key):
            raise forms.ValidationError(_("A key has no blanks in it, and up to 300 characters."))
        return key

    def clean(self) -> dict[str, Any]:
        """Another region bills in another currency."""
        cleaned = super().clean() or self.cleaned_data
        kept = [name for name in OWN_PRICES.values() if cleaned.get(name) and name not in self.changed_data]
        if kept and "region" in self.changed_data:
            sentence = _(
                "This price is in the old region's currency. Enter another one, or empty it. If it is the same number "
                "in the new currency, save without it, and enter it then."
            )
            self.add_error(kept[0], sentence)
        return cleaned


@admin.register(WanAccount)
class WanAccountAdmin(CarefulAdmin):
    form = AccountForm
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    list_display = ["name", "team", "region", "workspace_id", "state", "breaker_code", "held_for", "has_key"]
    list_filter = ["breaker", "region"]
    list_select_related = ["team", "check_row"]
    search_fields = ["name", "team__name"]
    autocomplete_fields = ["team"]
    actions = ["try_again_now"]
    BREAKER = ["breaker", "breaker_code", "breaker_since", "breaker_probe_at"]
    STATE = ["has_key", "last_check", *BREAKER, "held_until", "held_for"]
    IDENTITY = ["team", "region", "workspace_id", "origin"]

    def get_fields(self, request: HttpRequest, obj: WanAccount | None = None) -> Any:
        limits = ["creates_per_second", "running_limit", "pending_limit", "queries_per_second"]
        return ["name", *self.IDENTITY, "new_key", *limits, *OWN_PRICES.values(), *(self.STATE if obj else [])]

    def get_readonly_fields(self, request: HttpRequest, obj: WanAccount | None = None) -> list[str]:
        """Rows remember where they were sent: once used, an account stays what it is."""
        if obj is None:
            return []
        return [*self.STATE, *(self.IDENTITY if _is_used(obj) else [])]

    def has_delete_permission(self, request: HttpRequest, obj: WanAccount | None = None) -> bool:
        return False

    def save_model(self, request: HttpRequest, obj: WanAccount, form: AccountForm, change: bool) -> None:
        """No page waits for Wan: a worker tries the key, and puts it in the old one's place if it is right."""
        key = form.cleaned_data.get("new_key", "")
        if key and not change:
            obj.set_api_key(key)
        before = WanAccount.objects.filter(pk=obj.pk).first()
        super().save_model(request, obj, form, change)
        if before:
            record_prices(before, obj, by=cast("User", request.user))
        if key:
            account_checks.request(obj, by=cast("User", request.user), new_key=key if change else "")

    @admin.display(description=_("state"), ordering="breaker")
    def state(self, account: WanAccount) -> str:
        return str(account.standing.words)

    @admin.display(description=_("last check"))
    def last_check(self, account: WanAccount) -> str:
        check = AccountCheck.objects.filter(account=account).first()
        if check is None:
            return str(_("Not tried yet."))
        return str(_("Being tried")) if check.is_waiting else check.sentence

    @admin.display(description=_("key"), boolean=True)
    def has_key(self, account: WanAccount) -> bool:
        return account.has_key

    @admin.action(description=_("Try again now"))
    def try_again_now(self, request: HttpRequest, accounts: QuerySet[WanAccount]) -> None:
        """A refused key is asked about at once; where Wan wants payment, one take is tried."""
        count = breakers.try_now(accounts)
        self.message_user(request, ngettext("%d account is tried.", "%d accounts are tried.", count) % count)


def _is_used(account: WanAccount) -> bool:
    return Generation.objects.filter(account=account).exists() or SubmitAttempt.objects.filter(account=account).exists()


@admin.register(Switchboard)
class SwitchboardAdmin(CarefulAdmin):
    fields = ["submitting", "storage_refused_since", "storage_checked_at", "beat_at"]
    readonly_fields = ["storage_refused_since", "storage_checked_at", "beat_at"]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """There is one row: straight to it."""
        board = Switchboard.load()
        return HttpResponseRedirect(reverse("admin:generations_switchboard_change", args=[board.pk]))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Switchboard | None = None) -> bool:
        return False


class AlarmNoticeInline(ReadOnly, admin.TabularInline):
    model = AlarmNotice
    fields = readonly_fields = ("user", "at")
    extra = 0


@admin.register(Alarm)
class AlarmAdmin(ReadOnly, CarefulAdmin):
    list_display = ["__str__", "account", "began_at", "ended_at"]
    list_filter = ["kind", ("ended_at", admin.EmptyFieldListFilter)]
    list_select_related = ["account"]
    ordering = ["-id"]
    inlines = [AlarmNoticeInline]


@admin.register(AudioUpload)
class AudioUploadAdmin(ReadOnly, LeanAdmin):
    list_display = ["name", "kind", "seconds", "bytes", "project", "uploaded_by", "storage", "created_at"]
    list_filter = ["kind", "storage"]
    list_select_related = ["project", "uploaded_by"]
    search_fields = ["name"]
    search_help_text = _("A part of the file's name, or an audio's id.")
    ordering = ["-id"]
    readonly_fields = ["uuid", "created_at"]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AudioUpload], search_term: str
    ) -> tuple[QuerySet[AudioUpload], bool]:
        key = as_uuid(search_term)
        return (queryset.filter(uuid=key), False) if key else super().get_search_results(request, queryset, search_term)

    @admin.display(description=_("size"))
    def bytes(self, audio: AudioUpload) -> str:
        return filesizeformat(audio.size)
