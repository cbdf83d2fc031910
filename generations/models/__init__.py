from generations.models.account import Breaker, RateBucket, WanAccount
from generations.models.account_check import AccountCheck
from generations.models.alarm import Alarm, AlarmKind, AlarmNotice
from generations.models.attempt import Candidate, Outcome, SubmitAttempt
from generations.models.audio import AudioTransfer, AudioUpload
from generations.models.batch import Batch
from generations.models.bulk import BulkAction
from generations.models.collection import Collected, Collection
from generations.models.draft import Draft
from generations.models.event import Event
from generations.models.favourite import Favourite
from generations.models.generation import UNFINISHED, Generation, Origin, Pick, Status
from generations.models.ledger import LedgerEntry
from generations.models.note import Note
from generations.models.orphan_search import OrphanSearch
from generations.models.reading import Reading
from generations.models.saved_search import SavedSearch
from generations.models.scene import Scene
from generations.models.search_entry import SearchEntry
from generations.models.spending import Spending
from generations.models.storage_refusal import StorageRefusal
from generations.models.switch import Switchboard
from generations.models.tag import Tag, Tagging
from generations.models.tally import Tally
from generations.models.template import Template
from generations.models.waveform import Waveform

__all__ = [
    "UNFINISHED",
    "AccountCheck",
    "Alarm",
    "AlarmKind",
    "AlarmNotice",
    "AudioTransfer",
    "AudioUpload",
    "Batch",
    "Breaker",
    "BulkAction",
    "Candidate",
    "Collected",
    "Collection",
    "Draft",
    "Event",
    "Favourite",
    "Generation",
    "LedgerEntry",
    "Note",
    "Origin",
    "OrphanSearch",
    "Outcome",
    "Pick",
    "RateBucket",
    "Reading",
    "SavedSearch",
    "Scene",
    "SearchEntry",
    "Spending",
    "Status",
    "StorageRefusal",
    "SubmitAttempt",
    "Switchboard",
    "Tag",
    "Tagging",
    "Tally",
    "Template",
    "WanAccount",
    "Waveform",
]
