"""For administrators: what happened to a take, the Wan accounts, and the switch that stops all sending.

Statuses are read only: lifecycle moves them, nobody else.
"""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.contrib import admin
from django.db import models
from django.http import HttpResponse, HttpResponseRedirect
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from generations import clock, search, words
from generations.lifecycle import account_checks
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
from generations.wan_keys import KEY
from wanstudio.admin_pages import LeanAdmin

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.http import HttpRequest

    from accounts.models import User
    from generations.models.generation import GenerationQuerySet


class ReadOnly:
    """Everything may be looked at, nothing changed."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class EventInline(ReadOnly, admin.TabularInline):
    model = Event
    fields = readonly_fields = ("at", "what", "from_status", "to_status", "actor", "data")
    ordering = ["id"]
    extra = 0

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


@admin.register(Generation)
class GenerationAdmin(ReadOnly, LeanAdmin):
    list_display = ["__str__", "status", "account", "team", "owner", "task_id", "waiting_for", "created_at"]
    list_filter = ["status", "account"]  # by index; a filter without one reads a million rows
    list_select_related = ["scene", "account", "team", "owner"]
    search_fields = ["pk"]  # shows the box; get_search_results looks elsewhere
    search_help_text = _("A take's id, Wan's task id, or words of the prompt.")
    ordering = ["-id"]
    inlines = [EventInline, AttemptInline]
    exclude = ["result_url"]  # it is signed: whoever has it has the video

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Generation], search_term: str
    ) -> tuple[QuerySet[Generation], bool]:
        """Ids by their index, anything else as the studio's own search finds it."""
        term = search_term.strip()
        exact = queryset.filter(task_id=term) if term else queryset.none()
        try:
            exact |= queryset.filter(uuid=uuid.UUID(term))
        except ValueError:
            pass
        if exact.exists():
            return exact, False
        if not term:
            return queryset, False
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


@admin.register(WanAccount)
class WanAccountAdmin(admin.ModelAdmin):
    form = AccountForm
    formfield_overrides = {models.URLField: {"assume_scheme": "https"}}
    list_display = ["name", "team", "region", "workspace_id", "breaker", "breaker_code", "held_for", "has_key"]
    list_filter = ["breaker", "region"]
    list_select_related = ["team"]
    search_fields = ["name", "team__name"]
    autocomplete_fields = ["team"]
    actions = ["try_again_now"]
    BREAKER = ["breaker", "breaker_code", "breaker_since", "breaker_probe_at"]
    STATE = ["has_key", "last_check", *BREAKER, "held_until", "held_for"]
    IDENTITY = ["team", "region", "workspace_id", "origin"]

    def get_fields(self, request: HttpRequest, obj: WanAccount | None = None) -> Any:
        limits = ["creates_per_second", "running_limit", "pending_limit", "queries_per_second"]
        return ["name", *self.IDENTITY, "new_key", *limits, *(self.STATE if obj else [])]

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
        super().save_model(request, obj, form, change)
        if key:
            account_checks.request(obj, by=cast("User", request.user), new_key=key if change else "")

    @admin.display(description=_("last check"))
    def last_check(self, account: WanAccount) -> str:
        check = AccountCheck.objects.filter(account=account).first()
        if check is None:
            return str(_("Not tried yet."))
        return str(_("Being tried")) if check.is_waiting else check.sentence

    @admin.display(description=_("key"), boolean=True)
    def has_key(self, account: WanAccount) -> bool:
        return account.encrypted_key is not None or account.is_installations

    @admin.action(description=_("Try again now"))
    def try_again_now(self, request: HttpRequest, accounts: QuerySet[WanAccount]) -> None:
        """A refused key is asked about at once; where Wan wants payment, one take is tried."""
        count = accounts.update(breaker_probe_at=clock.now(), held_until=None)
        self.message_user(request, ngettext("%d account is tried.", "%d accounts are tried.", count) % count)


def _is_used(account: WanAccount) -> bool:
    return Generation.objects.filter(account=account).exists() or SubmitAttempt.objects.filter(account=account).exists()


@admin.register(Switchboard)
class SwitchboardAdmin(admin.ModelAdmin):
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
class AlarmAdmin(ReadOnly, admin.ModelAdmin):
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
    search_fields = ["name", "uuid"]
    ordering = ["-id"]

    @admin.display(description=_("size"), ordering="size")
    def bytes(self, audio: AudioUpload) -> str:
        return filesizeformat(audio.size)
