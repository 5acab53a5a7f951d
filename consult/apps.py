from django.apps import AppConfig


class ConsultConfig(AppConfig):
    name = "consult"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from consult import family, forgetting, retained, review, revocation, voice  # noqa: PLC0415 - models are loaded only now
        from consult.rooms import checks  # noqa: F401, PLC0415

        retained.register()
        revocation.listen()
        forgetting.listen()
        family.listen()
        review.register()
        voice.register()
