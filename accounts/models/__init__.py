from accounts.models.data_copy import DataCopy
from accounts.models.notification import Notification
from accounts.models.user import Digest, Theme, User, UserManager, is_time_zone

__all__ = ["DataCopy", "Digest", "Notification", "Theme", "User", "UserManager", "is_time_zone"]
