from django.db import models


class Message(models.Model):
    """What a tutorial keeps of a message, in clear."""

    consultation = models.UUIDField(db_index=True)
    client_id = models.CharField(max_length=64, unique=True)
    text = models.TextField()
    created_at = models.DateTimeField(auto_now_add=True)

    def __str__(self) -> str:
        return self.client_id
