from django.apps import AppConfig


class TranscriptionConfig(AppConfig):
    name = "transcription"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from records import sessions  # noqa: PLC0415 - models are loaded only now
        from transcription import contents, recordings  # noqa: PLC0415

        contents.register()
        sessions.on_leaving.append(recordings.hand_back_unfinished)
