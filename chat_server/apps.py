from django.apps import AppConfig


class ChatServerConfig(AppConfig):
    name = "chat_server"

    def ready(self) -> None:
        from chat_server import checks  # noqa: F401 - registers its checks
