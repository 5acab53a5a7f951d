from django.apps import AppConfig


class TranscriptionConfig(AppConfig):
    name = "transcription"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from transcription import contents, recordings  # noqa: PLC0415 - models are loaded only now
        from transcription.tracks import sources  # noqa: PLC0415

        contents.register()
        recordings.register()
        sources.register()
