from django.urls import path

from generations.views import actions, clip, files, line, press, proof, rescue, sheet, sound, status, studio, words

app_name = "generations"
urlpatterns = [
    path("studio/", studio.studio, name="studio"),
    path("studio/sheet/", sheet.sheet, name="sheet"),
    path("studio/sheet/template.csv", sheet.template, name="sheet_template"),
    path("batches/<uuid:uuid>/", sheet.batch, name="batch"),
    path("batches/<uuid:uuid>/line", sheet.line, name="batch_line"),
    path("generations/", press.create, name="create"),
    path("generations/retry-failed", actions.retry_failed, name="retry_failed"),
    path("generations/status", status.status, name="status"),
    path("generations/promise", words.promise, name="promise"),
    path("generations/words", words.words, name="words"),
    path("generations/<uuid:uuid>/", clip.detail, name="detail"),
    path("generations/<uuid:uuid>/video", files.video, name="video"),
    path("generations/<uuid:uuid>/poster", files.poster, name="poster"),
    path("generations/<uuid:uuid>/preview", files.preview, name="preview"),
    path("generations/<uuid:uuid>/strip", files.strip, name="strip"),
    path("generations/<uuid:uuid>/download", files.download, name="download"),
    path("generations/<uuid:uuid>/cancel", actions.cancel, name="cancel"),
    path("generations/<uuid:uuid>/retry", actions.retry, name="retry"),
    path("generations/<uuid:uuid>/print", proof.print_take, name="print"),
    path("generations/<uuid:uuid>/decide", actions.decide, name="decide"),
    path("generations/<uuid:uuid>/trash", actions.trash, name="trash"),
    path("generations/<uuid:uuid>/restore", actions.restore, name="restore"),
    path("generations/<uuid:uuid>/line", line.line, name="line"),
    path("audio/", sound.earlier, name="audio"),
    path("audio/upload", sound.upload, name="audio_upload"),
    path("audio/<uuid:uuid>/", sound.lane, name="audio_lane"),
    path("audio/<uuid:uuid>/file", sound.play, name="audio_file"),
    path("audio/<uuid:uuid>/trim", sound.trim, name="audio_trim"),
    path("rescue/", rescue.index, name="rescue"),
    path("rescue/<uuid:uuid>/", rescue.show, name="rescue_desk"),
    path("rescue/<uuid:uuid>/read", rescue.read, name="rescue_read"),
    path("rescue/<uuid:uuid>/import", rescue.take_in, name="rescue_import"),
]
