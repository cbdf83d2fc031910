from django.apps import AppConfig


class WanStudioConfig(AppConfig):
    name = "wanstudio"

    def ready(self) -> None:
        from wanstudio import checks  # noqa: F401  # registers them
