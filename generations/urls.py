from django.urls import path

from generations.views import press, status, studio

app_name = "generations"
urlpatterns = [
    path("studio/", studio.studio, name="studio"),
    path("generations/", press.create, name="create"),
    path("generations/status", status.status, name="status"),
]
