from django.apps import AppConfig


class TranscriptionConfig(AppConfig):
    name = "transcription"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from transcription import contents, recordings
        from transcription.tracks import sources

        contents.register()
        recordings.register()
        sources.register()
