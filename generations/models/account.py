from __future__ import annotations

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any, NamedTuple

from cryptography.fernet import InvalidToken
from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dashscope_client import catalogue
from wanstudio import encryption

if TYPE_CHECKING:
    from datetime import datetime

    from django.utils.functional import Promise

    from generations.models.account_check import AccountCheck
    from teams.models import Project, Team

OWN_PRICES = {"720P": "own_price_720p", "1080P": "own_price_1080p"}  # by resolution
LONGEST_LEASE = timedelta(seconds=settings.SUBMIT_LEASE + 60)  # for sending, with a margin
A_PRICE: dict[str, Any] = {
    "max_digits": 7,
    "decimal_places": 4,
    "null": True,
    "blank": True,
    "help_text": _("In the region's currency. Empty: the list price."),
    "validators": [
        MinValueValidator(Decimal("0.0001"), _("A price is more than 0. Leave it empty for the list price.")),
        MaxValueValidator(Decimal(100), _("A price of a second is 100 at most.")),
    ],
}


class Breaker(models.TextChoices):
    """Why nothing is submitted on an account until it is lifted."""

    NONE = "", _("Working")
    KEY = "key", _("Wan refuses the key")
    BILLING = "billing", _("Wan asks for payment or activation")
    UNPROVED = "unproved", _("The key may be of another Wan account")


class Standing(NamedTuple):
    """How an account does, in a few words."""

    words: str | Promise
    is_trouble: bool = False


class WanAccountManager(models.Manager["WanAccount"]):
    def for_project(self, project: Project) -> WanAccount | None:
        """The account that the project chose, as long as it may use it; else its team's."""
        chosen = project.account
        is_ours = chosen and (chosen.team_id == project.team_id or chosen == self.allowed_installation(project.team))
        return chosen if chosen and is_ours and chosen.closed_at is None else self.for_team(project.team)

    def for_team(self, team: Team) -> WanAccount | None:
        """The account that pays for the team's takes; None when nobody has set one up or allowed the installation's."""
        own = Q(team=team, closed_at=None)
        identity = self._identity() if self._allows_installation(team) else None
        if identity is None:
            return self.filter(own).order_by("-pk").first()
        found = list(self.filter(own | Q(team=None, **identity)).order_by("pk"))  # both in one question: on every page
        return next((account for account in reversed(found) if account.team_id), found[0] if found else self._install())

    def open_to(self, team: Team) -> list[WanAccount]:
        """What a project of the team may choose from, the team's usual one first."""
        own = list(self.filter(team=team, closed_at=None).order_by("-pk"))
        installations = self.allowed_installation(team)
        return [*own, installations] if installations else own

    def one_at_wan(self, account: WanAccount) -> models.QuerySet[WanAccount]:
        """It, and all others that Wan takes for the same, as far as its list has told: they share its limits."""
        rows = Q(pk=account.pk)
        if account.main_account:
            rows |= Q(main_account=account.main_account, region=account.region)
        return self.filter(rows)

    def beside(self, account: WanAccount) -> list[WanAccount]:
        """Others that its team may use, and that Wan takes for the same: by its list, or by their key."""
        if account.team is None or account.closed_at is not None:
            return []
        known = set(self.one_at_wan(account).values_list("pk", flat=True))
        others = [other for other in self.open_to(account.team) if other != account]
        same_key = account.key_print
        return [other for other in others if other.pk in known or (same_key and other.key_print == same_key)]

    def allowed_installation(self, team: Team) -> WanAccount | None:
        """The installation's, where an administrator lets the team use it."""
        return self.installation() if self._allows_installation(team) else None

    def _allows_installation(self, team: Team) -> bool:
        personal = team.personal_of
        is_administrators = personal is not None and personal.is_superuser
        return settings.STUDIO_DEMO or team.uses_installation_account or is_administrators

    def in_use(self) -> models.QuerySet[WanAccount]:
        """What new takes may go to: open accounts of teams, and the row of the key in the environment."""
        identity = self._identity()
        of_teams = Q(team__isnull=False, closed_at=None)
        return self.filter(of_teams | Q(team=None, **identity) if identity else of_teams)

    def installation(self) -> WanAccount | None:
        """The row of the key in the environment, made when first needed; None without a key.

        Other region, workspace or base URL in the environment mean another row: rows remember where they were sent.
        """
        identity = self._identity()
        if identity is None:
            return None
        return self.filter(team=None, **identity).order_by("pk").first() or self._install()

    def simulators(self) -> WanAccount:
        """The demo's row, which nothing is sent on without the demo; made when first needed."""
        return self.filter(team=None, is_demo=True).order_by("pk").first() or self._install(is_demo=True)

    def _identity(self) -> dict[str, Any] | None:
        """What tells the row of the environment from those of earlier ones; None without a key."""
        if not settings.DASHSCOPE_API_KEY:
            return None
        return {"is_demo": True} if settings.STUDIO_DEMO else {"is_demo": False, **self._whereabouts()}

    def _whereabouts(self) -> dict[str, str]:
        region, workspace = settings.DASHSCOPE_REGION, settings.DASHSCOPE_WORKSPACE_ID
        origin = settings.DASHSCOPE_HTTP_BASE_URL or catalogue.base_url(region, workspace or None)
        return {"origin": origin, "region": region, "workspace_id": workspace}

    def _install(self, *, is_demo: bool | None = None) -> WanAccount:
        is_demo = settings.STUDIO_DEMO if is_demo is None else is_demo
        name = gettext("Simulator") if is_demo else gettext("Installation")
        whereabouts = self._whereabouts()
        prices = {} if is_demo else self._last_own_prices(whereabouts["region"])
        return self.create(team=None, name=name, is_demo=is_demo, **whereabouts, **prices)

    def _last_own_prices(self, region: str) -> dict[str, Decimal | None]:
        """The installation's contract holds in another workspace and at another base URL of the region, too."""
        rows = self.filter(team=None, is_demo=False, region=region).order_by("-pk")
        return rows.values(*OWN_PRICES.values()).first() or {}


class WanAccount(models.Model):
    """A Wan account that pays for takes; of a team, or (team empty) of the installation.

    Region, workspace and origin don't change once a take has been sent: rows remember them. The installation's key is
    read from the environment and never stored; a team's key is stored encrypted (STUDIO_ENCRYPTION_KEYS).
    """

    uuid = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    team = models.ForeignKey("teams.Team", on_delete=models.PROTECT, null=True, blank=True, related_name="wan_accounts")
    name = models.CharField(_("name"), max_length=80)
    is_demo = models.BooleanField(_("simulator"), default=False, editable=False)
    region = models.CharField(_("region"), max_length=20, choices=[(name, name.title()) for name in catalogue.REGIONS])
    workspace_id = models.CharField(_("workspace"), max_length=63, blank=True)
    origin = models.URLField(_("base URL"), help_text=_("Ends in /api/v1."))
    encrypted_key = models.BinaryField(null=True, editable=False)
    api_key_id = models.CharField(
        max_length=64, blank=True, editable=False, help_text="What Wan's list calls the key of api_key_print."
    )
    api_key_print = models.CharField(max_length=16, blank=True, editable=False)
    main_account = models.CharField(
        max_length=40,
        blank=True,
        editable=False,
        db_index=True,
        help_text="What Wan's list calls the account that its keys are of.",
    )
    proved_print = models.CharField(
        max_length=16,
        blank=True,
        editable=False,
        help_text="key_print of the environment's key that is this account's.",
    )
    creates_per_second = models.PositiveSmallIntegerField(_("creates per second"), default=5)
    running_limit = models.PositiveSmallIntegerField(_("running takes"), default=5)
    pending_limit = models.PositiveSmallIntegerField(_("pending takes"), default=500)
    queries_per_second = models.PositiveSmallIntegerField(_("queries per second"), default=20)
    own_price_720p = models.DecimalField(_("own price of a second at 720P"), **A_PRICE)
    own_price_1080p = models.DecimalField(_("own price of a second at 1080P"), **A_PRICE)
    clock_skew = models.FloatField(default=0.0, editable=False, help_text="Seconds that Wan's clock is ahead of ours.")
    breaker = models.CharField(max_length=10, choices=Breaker, default=Breaker.NONE, blank=True, editable=False)
    breaker_code = models.CharField(max_length=80, blank=True, editable=False)
    breaker_since = models.DateTimeField(null=True, editable=False)
    breaker_probe_at = models.DateTimeField(null=True, editable=False)
    held_until = models.DateTimeField(null=True, editable=False, help_text="Throttled or out of reach.")
    held_for = models.CharField(max_length=20, blank=True, editable=False, help_text="A word of words.WAITING.")
    holds = models.PositiveSmallIntegerField(default=0, editable=False, help_text="In a row; each is longer.")
    submit_lease_until = models.DateTimeField(null=True, editable=False)
    submit_fence = models.PositiveBigIntegerField(default=0, editable=False)
    closed_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        help_text="Takes no new takes; those on their way are watched to the end.",
    )
    created_at = models.DateTimeField(auto_now_add=True)

    objects = WanAccountManager()

    class Meta:
        verbose_name = _("Wan account")
        verbose_name_plural = _("Wan accounts")

    def __str__(self) -> str:
        return self.name

    @property
    def api_key(self) -> str:
        """The plain key, for the client only; "" when the installation has none (any more)."""
        if self.encrypted_key:
            return encryption.decrypted(self.encrypted_key)
        return settings.DASHSCOPE_API_KEY if self.is_installations else ""

    def set_api_key(self, key: str) -> None:
        self.encrypted_key = encryption.encrypted(key)

    @property
    def key_print(self) -> str:
        """Tells one key from another without telling anything of it; "" without a readable key."""
        try:
            key = self.api_key
        except InvalidToken:
            return ""
        return salted_hmac("wanstudio.key", key, algorithm="sha256").hexdigest()[:16] if key else ""

    @property
    def has_key(self) -> bool:
        """One that can be read."""
        return bool(self.key_print)

    @property
    def standing(self) -> Standing:
        """The worst that is known, the same wherever it is told. Reads `check_row`."""
        check: AccountCheck | None = getattr(self, "check_row", None)
        if self.closed_at is not None:
            return Standing(_("Closed"))
        if check is not None and check.is_waiting:
            return Standing(_("Being tried"))
        if not self.has_key:
            return Standing(_("No key is stored"), is_trouble=True)
        if self.breaker:
            return Standing(self.get_breaker_display(), is_trouble=True)
        if check is not None and check.verdict and check.is_of_current_key:
            return Standing(check.short, is_trouble=not check.is_fine)
        return Standing(_("Working") if self.api_key_id else _("Not tried yet"))

    @property
    def is_key_current(self) -> bool:
        """Whether the first encryption key opens the stored key. Raises InvalidToken when none does."""
        return encryption.is_current(bytes(self.encrypted_key or b""))

    def rotate_api_key(self) -> bool:
        """Encrypt the stored key anew with the first encryption key; False when somebody has just changed it."""
        old = bytes(self.encrypted_key or b"")
        fresh = encryption.rotated(old)
        return bool(WanAccount.objects.filter(pk=self.pk, encrypted_key=old).update(encrypted_key=fresh))

    @property
    def is_installations(self) -> bool:
        return self.team_id is None

    @property
    def has_key_of_environment(self) -> bool:
        """A key that may be another one with each start."""
        return self.is_installations and not self.is_demo and not self.encrypted_key and self.has_key

    @property
    def base_url(self) -> str:
        """Where to reach Wan. The simulator's port may differ from start to start."""
        return settings.DASHSCOPE_HTTP_BASE_URL if self.is_demo else self.origin

    @property
    def currency(self) -> str:
        return catalogue.REGIONS[self.region].currency

    def price_per_second(self, model: str, resolution: str) -> Decimal:
        """Of one rendered second in `currency`: the account's own price, else the list price.

        For takes to come; rows remember theirs. The simulator costs nothing.
        """
        own = self.own_price(resolution)
        return self.list_price(model, resolution) if own is None or self.is_demo else own

    def list_price(self, model: str, resolution: str) -> Decimal:
        """What the service's price list says."""
        return Decimal(0) if self.is_demo else catalogue.MODELS[model].price(self.region, resolution).amount

    def own_price(self, resolution: str) -> Decimal | None:
        own: Decimal | None = getattr(self, OWN_PRICES[resolution])
        return own

    @property
    def has_own_prices(self) -> bool:
        return any(self.own_price(resolution) is not None for resolution in OWN_PRICES)

    def forget_own_prices(self) -> None:
        """They are of another currency once the region is another; the row is not saved."""
        for name in OWN_PRICES.values():
            setattr(self, name, None)

    def is_sending(self, now: datetime) -> bool:
        """Whether somebody has the submit lease. One that would end later than any was taken by a wrong clock."""
        return self.submit_lease_until is not None and now < self.submit_lease_until <= now + LONGEST_LEASE

    def is_held(self, now: datetime) -> bool:
        return self.held_until is not None and self.held_until > now


class RateBucket(models.Model):
    """One limiter (GCRA): the moment from which the next call fits. In the database, so that all workers share it."""

    key = models.CharField(max_length=60, unique=True)
    next_at = models.DateTimeField()

    def __str__(self) -> str:
        return self.key
