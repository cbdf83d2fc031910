from django.urls import path

from teams.views import projects

app_name = "projects"
urlpatterns = [
    path("", projects.index, name="index"),
    path("menu", projects.menu, name="menu"),
    path("<uuid:uuid>/", projects.show, name="show"),
]
