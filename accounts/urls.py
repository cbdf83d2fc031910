from django.urls import path

from accounts import data_views, notification_views, views

app_name = "accounts"
urlpatterns = [
    path("profile/", views.profile, name="profile"),
    path("theme/", views.theme, name="theme"),
    path("language/", views.language, name="language"),
    path("demo/", views.demo, name="demo"),
    path("digest/off/<str:token>/", notification_views.digest_off, name="digest_off"),
    path("data/", data_views.data, name="data"),
    path("data/copy", data_views.request_copy, name="request_copy"),
    path("data/<uuid:uuid>/", data_views.download, name="data_copy"),
    path("data/delete", data_views.delete, name="delete"),
]
