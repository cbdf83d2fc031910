"""Examines an installation and says in plain words what it finds: `manage.py doctor`. Nothing it does costs money."""

from wanstudio.doctor.finding import Finding, Mark
from wanstudio.doctor.rounds import examine

__all__ = ["Finding", "Mark", "examine"]
