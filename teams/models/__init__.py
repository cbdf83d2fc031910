from teams.models.activity import Activity
from teams.models.budget import Budget, Scope
from teams.models.invitation import Invitation
from teams.models.membership import EDITS, Membership, Role
from teams.models.project import Project
from teams.models.team import Team

__all__ = ["EDITS", "Activity", "Budget", "Invitation", "Membership", "Project", "Role", "Scope", "Team"]
