from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.urls import include, path
from django.utils.translation import gettext_lazy as _

from accounts import notification_views
from wanstudio import views

# One door, with its limits and second factor.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]
admin.site.site_header = admin.site.site_title = _("Wan Studio administration")
handler400 = "wanstudio.views.unreadable"
handler500 = "wanstudio.views.broken"
handler429 = "wanstudio.views.too_many"  # asked for by django-allauth
urlpatterns = [
    path("", views.landing, name="landing"),
    path("", include("generations.urls")),
    path("", include("screenings.urls")),
    path("teams/", include("teams.urls.teams")),
    path("projects/", include("teams.urls.projects")),
    path("notifications/", notification_views.index, name="notifications"),
    path("notifications/seen", notification_views.seen, name="notifications_seen"),
    path("accounts/", include("accounts.urls")),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("metrics", views.metrics, name="metrics"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]
