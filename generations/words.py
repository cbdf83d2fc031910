"""The words of the way of a video: one table each for waiting, for events and for what is drawn of a status."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from django.utils import formats, timezone
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from generations import clock

if TYPE_CHECKING:
    from generations.models import WanAccount

# Why a take waits here (Generation.waiting_for).
WAITING = {
    "": _("Waiting for its turn"),
    "slots": _("Wan renders as many as this account may at once"),
    "throttled": _("Wan is busy. We keep your place and try again by ourselves"),
    "unreachable": _("Wan can't be reached. We try again by ourselves"),
    "paused": _("Paused. Resume it when you like"),
    "key": _("Wan has refused this account's key and not accepted it since"),
    "billing": _("Wan asks for payment or activation on this account"),
    "unproved": _("The studio's key has changed. Nothing is sent until it is seen to be of the same Wan account"),
    "storage": _("Your storage does not accept files. Nothing new is sent until it does"),
    "disk": _("The studio's disk is full. Nothing new is sent until there is room"),
    "backlog": _("Many rendered takes wait to be saved. Nothing new is sent until they are"),
    "checking": _("We are checking whether Wan accepted an earlier take"),
    "stopped": _("An administrator has stopped sending"),
    "audio": _("The audio could not be handed to Wan yet. We try again by ourselves"),
    "retry": _("Wan failed on its side, free of charge. It is sent again"),
    "host": _("Wan's file lies at an address that this studio does not fetch from"),
    "away": _("The machine of the studio that has its file is away. It is saved when that is back"),
    "file": _("What Wan delivered is no video. We fetch it again"),
}
TOLD = {  # whom alarms tell of it
    "key": _("Its owners have been told"),
    "billing": _("Its owners have been told"),
    "host": _("Administrators have been told"),
    "file": _("Administrators have been told"),
}
REFUSED = ("host", "file")  # why a rendered take can't be saved until somebody acts, or Wan delivers something else

# What happened (Event.kind).
EVENTS = {
    "pressed": _("Generate was pressed"),
    "submitting": _("Sending to Wan"),
    "accepted": _("Wan accepted it"),
    "refused": _("Wan refused it"),
    "throttled": _("Wan is busy. It waits here and is sent again"),
    "not_landed": _("It did not reach Wan. It waits here and is sent again"),
    "answer_lost": _("Wan's answer was lost. We are finding out what happened; nothing is sent twice"),
    "late_answer": _("Wan's answer arrived after all"),
    "found_in_list": _("Found among Wan's tasks"),
    "found_stored": _("Wan has forgotten it, and your storage has its video"),
    "certainly_absent": _("Wan certainly does not have it. It is sent again by itself"),
    "person_asked": _("We could not find out by ourselves whether Wan accepted it"),
    "sent_again": _("Sent again by choice. The first try may be billed"),
    "checked_again": _("Checked again by choice"),
    "discarded": _("Discarded. Possibly charged"),
    "unanswered": _("Nobody decided within 24 hours. Possibly charged"),
    "rendering": _("Wan started rendering"),
    "rendered": _("Wan finished rendering"),
    "download_again": _("The download failed. It is repeated"),
    "store_again": _("Your storage refused the file. It is kept here and stored again"),
    "spool_again": _("The studio's disk does not take the file. Wan still has it; it is fetched again"),
    "quarantined": _("Wan delivered something that is no video. It is kept aside"),
    "archived": _("Saved to your storage"),
    "derived": _("Poster, preview and frame strip are made"),
    "derive_failed": _("Poster or preview could not be made. The clip is safe"),
    "failed": _("Wan could not make it, free of charge"),
    "retried_free": _("Wan failed on its side, free of charge. It is sent again by itself"),
    "cancel_requested": _("Cancel was pressed"),
    "canceled": _("Canceled, free of charge"),
    "cancel_refused": _("Too late to cancel: Wan only cancels what it has not started"),
    "cancel_too_late": _("Too late to cancel: Wan is already rendering it"),
    "unrecognised": _("Wan does not recognise the task. We keep asking"),
    "unrecognised_long": _("Wan has not recognised the task for ten minutes"),
    "listed_free": _("Wan's list says that it ended without a video, free of charge"),
    "listed_billed": _("Wan's list says that it was rendered, though Wan does not recognise the task"),
    "listed_absent": _("Wan's list does not have it either"),
    "listed_open": _("Wan's list has it"),
    "free_after_all": _("Wan says now that it ended without a video, free of charge"),
    "lost": _("Wan's 24 hours ran out before it could be saved"),
    "audio_gone": _("The audio file is gone from the storage. It was not sent"),
    "audio_damaged": _("The audio file in the storage is damaged. It was not sent"),
    "audio_waits": _("The audio could not be handed to Wan yet"),
    "demo_ended": _("The demo ended"),
    "paused": _("Paused"),
    "resumed": _("Resumed"),
    "moved": _("Moved in the line"),
    "printed": _("A print at 1080P was made from this one"),
    "retried": _("A new take was made from this one"),
    "trashed": _("Moved to trash"),
    "restored": _("Restored from trash"),
    "purged": _("Deleted for good: its files are gone, what it cost stays booked"),
    "resettled": _("Moved to another scene"),
    "collected": _("Put into a collection"),
    "taken_out": _("Taken out of a collection"),
}


def waiting(reason: str, account: WanAccount) -> str:
    """Why a take of the account waits, until when where that is known, and who knows of it: the simulator's takes raise
    no alarm."""
    words = str(WAITING.get(reason, WAITING[""]))
    if reason and reason == account.held_for and account.is_held(clock.now()):
        until = formats.time_format(timezone.localtime(account.held_until), "H:i:s")
        return gettext("%(why)s, at %(time)s") % {"why": words, "time": until}
    return f"{words}. {TOLD[reason]}" if reason in TOLD and not account.is_demo else words


# What Wan calls a setting, and the recipe does.
SETTINGS = {
    "prompt": _("Prompt"),
    "negative_prompt": _("Keep out"),
    "audio_url": _("Audio"),
    "size": _("Resolution"),
    "resolution": _("Resolution"),
    "ratio": _("Ratio"),
    "duration": _("Length"),
    "seed": _("Seed"),
    "prompt_extend": _("Rewriting"),
    "watermark": _("AI mark"),
}
NAMED = re.compile(rf"\b({'|'.join(SETTINGS)})\b", re.IGNORECASE)


def setting_in(message: str) -> str:
    """The setting that Wan's message is about; "" when it names none, or several."""
    named = {str(SETTINGS[name.lower()]) for name in NAMED.findall(message)}
    return named.pop() if len(named) == 1 else ""


def left_out(count: int) -> str:
    """Of what is sent again together."""
    words = ngettext(
        "%(count)s is left out: sent again as it is, it would fail again. Change its recipe first.",
        "%(count)s are left out: sent again as they are, they would fail again. Change their recipes first.",
        count,
    )
    return words % {"count": count}


# Status → (data-state of the CSS, icon).
LOOKS = {
    "queued": ("waiting", "hourglass"),
    "submitting": ("sending", "cloud-upload"),
    "uncertain": ("checking", "circle-help"),
    "pending": ("sent", "cloud-upload"),
    "running": ("rendering", "loader-circle"),
    "archiving": ("saving", "hard-drive-download"),
    "ready": ("ready", "circle-check"),
    "failed": ("failed", "circle-alert"),
    "canceled": ("canceled", "circle-alert"),
    "lost": ("lost", "circle-alert"),
}
