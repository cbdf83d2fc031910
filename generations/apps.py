from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _


class GenerationsConfig(AppConfig):
    name = "generations"
    verbose_name = _("Takes and clips")

    def ready(self) -> None:
        from generations import search_index, tally

        tally.connect()
        post_migrate.connect(search_index.install, sender=self)
