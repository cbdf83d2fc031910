from screenings.models.comment import Comment
from screenings.models.mention import Mention
from screenings.models.retake import Retake
from screenings.models.share_link import ShareLink, Shown
from screenings.models.verdict import Verdict, Word

__all__ = ["Comment", "Mention", "Retake", "ShareLink", "Shown", "Verdict", "Word"]
