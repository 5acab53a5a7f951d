from django.apps import AppConfig


class ConsultConfig(AppConfig):
    name = "consult"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from consult import family, forgetting, retained, revocation
        from consult.conversation import voice
        from consult.oversight import review
        from consult.rooms import checks  # noqa: F401 - registers its checks

        retained.register()
        revocation.listen()
        forgetting.listen()
        family.listen()
        review.register()
        voice.register()
