from django.apps import AppConfig


class ChatServerConfig(AppConfig):
    name = "chat_server"

    def ready(self) -> None:
        from chat_server import checks  # noqa: F401, PLC0415 (registers the checks once settings are loaded)
