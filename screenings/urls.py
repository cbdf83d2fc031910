from django.urls import path

from screenings.views import files, links, review, room

app_name = "screenings"
urlpatterns = [
    path("screenings/", links.index, name="index"),
    path("screenings/new", links.new, name="new"),
    path("screenings/<uuid:uuid>/edit", links.edit, name="edit"),
    path("screenings/<uuid:uuid>/update", links.update, name="update"),
    path("screenings/<uuid:uuid>/renew", links.renew, name="renew"),
    path("screenings/<uuid:uuid>/revoke", links.revoke, name="revoke"),
    path("generations/<uuid:uuid>/comments", review.comment, name="comment"),
    path("generations/<uuid:uuid>/verdict", review.verdict, name="verdict"),
    path("comments/<uuid:uuid>/settle", review.settle, name="settle"),
    path("comments/<uuid:uuid>/take-away", review.take_away, name="take_away"),
    path("s/<str:token>/", room.show, name="room"),
    path("s/<str:token>/seen", room.seen, name="seen"),
    path("s/<str:token>/enter", room.enter, name="enter"),
    path("s/<str:token>/name", room.name, name="name"),
    path("s/<str:token>/clips/<uuid:uuid>/comments", room.comment, name="room_comment"),
    path("s/<str:token>/clips/<uuid:uuid>/verdict", room.verdict, name="room_verdict"),
    path("s/<str:token>/clips/<uuid:uuid>/video", files.video, name="video"),
    path("s/<str:token>/clips/<uuid:uuid>/poster", files.poster, name="poster"),
    path("s/<str:token>/clips/<uuid:uuid>/preview", files.preview, name="preview"),
    path("s/<str:token>/clips/<uuid:uuid>/download", files.download, name="download"),
]
