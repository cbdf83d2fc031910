from django.urls import path

from teams.views import activities, project_settings, projects

app_name = "projects"
urlpatterns = [
    path("", projects.index, name="index"),
    path("menu", projects.menu, name="menu"),
    path("<uuid:uuid>/", projects.show, name="show"),
    path("<uuid:uuid>/activity/", activities.of_project, name="activity"),
    path("<uuid:uuid>/people", projects.people, name="people"),
    path("<uuid:uuid>/settings", project_settings.settings, name="settings"),
    path("<uuid:uuid>/defaults", project_settings.defaults, name="defaults"),
    path("<uuid:uuid>/cover", project_settings.cover, name="cover"),
    path("<uuid:uuid>/account", project_settings.account, name="account"),
    path("<uuid:uuid>/archive", project_settings.archive, name="archive"),
    path("<uuid:uuid>/move", project_settings.move, name="move"),
    path("<uuid:uuid>/delete", project_settings.delete, name="delete"),
    path("<uuid:uuid>/restore", project_settings.restore, name="restore"),
]
