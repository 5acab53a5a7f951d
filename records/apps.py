from django.apps import AppConfig


class RecordsConfig(AppConfig):
    name = "records"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from records import accesslog, checks, contents, plans, sessions  # noqa: F401 - each registers itself
        from records.retention import contents as retained

        contents.register()
        retained.register()
        accesslog.listen()
        sessions.on_leaving.append(plans.hand_back_all)
