"""What the composer's script needs to say the same things as the server, at once."""

from __future__ import annotations

import json

from django.utils.translation import gettext as _

from generations import lane, media, phrases, proof, wording
from generations.arranging import second_words
from generations.forms import MODEL, shots_longer_than, shots_more_than
from generations.shot_forms import SHOTS_MOST, too_many_shots
from generations.shots import rounded_words
from generations.vocabulary import load


def facts() -> str:
    """JSON for a data attribute. Prices are not among them: those are in the field that a press sends back."""
    return json.dumps(
        {
            "signs": phrases.SYMBOLS,
            "promptLimit": MODEL.prompt_limit,
            "negativeLimit": MODEL.negative_prompt_limit,
            "durationMin": MODEL.duration_min,
            "durationMax": MODEL.duration_max,
            "shotsMost": SHOTS_MOST,
            "seedMax": MODEL.seed_max,
            "audioBytes": media.KEPT_BYTES,
            "audible": media.AUDIBLE,
            "silent": [each.rstrip(wording.ENDS) for word in load().silent for each in (word.en, word.hant, word.hans)],
            "proof": {"resolution": proof.PROOF_RESOLUTION, "seconds": proof.SECONDS},
            "words": {**_reasons(), **_board_words(), **_sound_words(), **_draft_words(), **_press_words()},
        }
    )


def _reasons() -> dict[str, str]:
    """Why the button is off."""
    most = {"most": MODEL.duration_max}
    return {
        "again": _("You can generate again."),
        "setup": _("Rendering is not set up yet. Ask your administrator."),
        "prompt": _("Write a prompt first."),
        "tooLong": _("{count} characters too many, Wan would cut the end off."),
        "tooLongOne": _("1 character too many, Wan would cut the end off."),
        "negative": _("{count} characters too many in what to keep out."),
        "negativeOne": _("1 character too many in what to keep out."),
        "sum": _("The shots add up to {sum} s, Wan takes up to %(most)s.") % most,
        "longer": shots_longer_than("{sum}", "{duration}"),
        "more": shots_more_than("{count}", "{duration}"),
        "tooMany": too_many_shots(),
        "blank": _("Write shot {number}, or remove it."),
        "seconds": _("Shot {number} needs whole seconds, from 1 on."),
        "noSeconds": _("Give shot {number} seconds too, or no shot any: else no times are sent."),
        "duration": _("Wan takes whole seconds from {least} to {most}."),
        "summed": _("The clip is as long as its shots. Change their seconds."),
        "seed": _("A seed is a whole number from 0 to %s, or empty for a random one.") % f"{MODEL.seed_max:,}",
    }


def _board_words() -> dict[str, str]:
    return {
        "left": _("{seconds} s left"),
        "full": _("All %(most)s s are used. Make a shot shorter first.") % {"most": MODEL.duration_max},
        "shot": _("Shot {number}"),
        "remove": _("Remove shot {number}"),
        "copy": _("Duplicate shot {number}"),
        "earlier": _("Move shot {number} earlier"),
        "later": _("Move shot {number} later"),
        "length": _("Length of shot {number}"),
        "long": _("{seconds} s"),
        "forShot": _("For shot {number}"),
        "forAll": _("For all shots"),
        "forPrompt": _("For the prompt"),
        "moved": _("Shot {from} is now shot {to} of {count}."),
        "added": _("Shot {number} of {count} added, {seconds} s."),
        "removed": _("Shot {number} removed, {count} left."),
        "back": _("Shot {number} of {count} is back."),
        "offer": _("This text holds {count} shots."),
        "offerOne": _("This text asks for a single shot."),
        "offerIn": _("Shot {number} holds a list of {count} shots."),
        "filled": _("{count} shots are on the board now."),
        "filledOne": _("1 shot is on the board now."),
        "unfilled": _("The text is back as it was pasted."),
        "overlapping": _("Some shots overlap or go back in time. Their lengths were kept as written."),
        "backwards": _("A shot ends before it starts, or as it starts. It was left in the text as written."),
        "fractional": rounded_words(),
        "second": second_words(),
        "renumbered": _("The shots were numbered anew."),
    }


def _draft_words() -> dict[str, str]:
    return {
        "drafts": _("Drafts"),
        "draftUnsaved": _("Drafts · not saved"),
        "draftNowhere": _(
            "This project is gone, or you can't write in it any more. Nothing is saved here. What you typed still "
            "stands in the form: copy it to another project."
        ),
        "draftSignedOut": _(
            "You are signed out. Sign in in another window, then go on here: what you typed will be saved."
        ),
    }


def _press_words() -> dict[str, str]:
    """Why a press came to nothing, by the answer's status; 0 is none."""
    return {
        "lost0": _("That did not arrive. What you typed is still here; pressing again makes nothing twice."),
        "lost403": _(
            "That was refused. What you typed is still here: you have signed in or out in another window. Sign in "
            "there if you have to, then press once more."
        ),
        "lostDenied": _("{reason} What you typed is still here: copy it to another project."),
        "lost404": _(
            "This project or its scene is gone, or you can't write in it any more. What you typed is still here: copy "
            "it to another project."
        ),
        "lostHere": _(
            "Something went wrong here, not with what you typed. It is all still here; pressing again makes nothing "
            "twice."
        ),
    }


def _sound_words() -> dict[str, str]:
    return {
        "summary": _("{seconds} s at {resolution}"),
        "proof": _("Proof, {seconds} of {whole} s at {resolution}"),
        "cut": _("Wan uses the first {duration} s of this {seconds} s file."),
        "silent": _("The last {seconds} s will be silent."),
        "cutMark": _("{seconds} s cut"),
        "silentMark": _("{seconds} s silent"),
        "snapped": _("{count} cuts moved to silences."),
        "snappedOne": _("1 cut moved to a silence."),
        "noSilence": _("No silence is near a cut."),
        "noLengths": lane.lengthless_words(),
        "inSilence": lane.in_silence_words(),
        "audioName": _("Audio"),
        "audioOther": _("Another audio"),
        "audio": _("This file has {size} MB, up to %(most)s MB can be kept here.")
        % {"most": media.KEPT_BYTES // 2**20},
        "uploading": _("The sound is still being uploaded."),
        "uploaded": _("Uploading, {percent} %"),
        "checking": _("Checking the file"),
        "soundThere": _("The sound is there."),
        "soundLost": _("The connection was lost. Choose the file again."),
        "soundGone": _("The file did not arrive. Choose it again."),
        "trimmed": _("Trimmed to {seconds} s. The file itself is kept as it is."),
        "unplayable": _("This sound can't be played here just now."),
    }
