from django.urls import path

from teams.views import activities, invitations, people, teams, wan_accounts

app_name = "teams"
urlpatterns = [
    path("", teams.index, name="index"),
    path("<uuid:uuid>/", teams.show, name="show"),
    path("<uuid:uuid>/activity/", activities.of_team, name="activity"),
    path("<uuid:uuid>/rename", teams.rename, name="rename"),
    path("<uuid:uuid>/delete", teams.delete, name="delete"),
    path("<uuid:uuid>/restore", teams.restore, name="restore"),
    path("<uuid:uuid>/people/<uuid:person>/role", people.change_role, name="role"),
    path("<uuid:uuid>/people/<uuid:person>/remove", people.remove, name="remove"),
    path("<uuid:uuid>/hand-over", people.hand_over, name="hand_over"),
    path("<uuid:uuid>/leave", people.leave, name="leave"),
    path("<uuid:uuid>/invitations", invitations.invite, name="invite"),
    path("<uuid:uuid>/invitations/<uuid:invitation>/again", invitations.send_again, name="invite_again"),
    path("<uuid:uuid>/invitations/<uuid:invitation>/revoke", invitations.revoke, name="invite_revoke"),
    path("<uuid:uuid>/wan/", wan_accounts.index, name="wan_accounts"),
    path("<uuid:uuid>/wan/<uuid:account>/", wan_accounts.show, name="wan_account"),
    path("<uuid:uuid>/wan/<uuid:account>/key", wan_accounts.new_key, name="wan_key"),
    path("<uuid:uuid>/wan/<uuid:account>/prices", wan_accounts.prices, name="wan_prices"),
    path("<uuid:uuid>/wan/<uuid:account>/check", wan_accounts.check, name="wan_check"),
    path("<uuid:uuid>/wan/<uuid:account>/checked", wan_accounts.checked, name="wan_checked"),
    path("<uuid:uuid>/wan/<uuid:account>/again", wan_accounts.again, name="wan_again"),
    path("<uuid:uuid>/wan/<uuid:account>/close", wan_accounts.close, name="wan_close"),
    path("join/<str:token>/", invitations.join, name="join"),
]
