from generations.models.account import Breaker, RateBucket, WanAccount
from generations.models.attempt import Candidate, Outcome, SubmitAttempt
from generations.models.audio import AudioTransfer, AudioUpload
from generations.models.event import Event
from generations.models.generation import UNFINISHED, Generation, Origin, Status
from generations.models.reading import Reading
from generations.models.scene import Scene
from generations.models.switch import Switchboard
from generations.models.tally import Tally

__all__ = [
    "UNFINISHED",
    "AudioTransfer",
    "AudioUpload",
    "Breaker",
    "Candidate",
    "Event",
    "Generation",
    "Origin",
    "Outcome",
    "RateBucket",
    "Reading",
    "Scene",
    "Status",
    "SubmitAttempt",
    "Switchboard",
    "Tally",
    "WanAccount",
]
