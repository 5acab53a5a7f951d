"""Settings of the floors: the product's databases with the same durability, and nothing of the product in them."""

import os
from pathlib import Path

from chat_server import environment

DATABASES = {"default": environment.database(Path(os.environ["XINQIAO_DATA"]))}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
INSTALLED_APPS = ["channels", "bench.floors"]
SECRET_KEY = "guards nothing"
USE_TZ = True
REDIS_URL = os.environ.get("REDIS_URL", "")
CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "channels_redis.core.RedisChannelLayer",
        "CONFIG": {"hosts": [REDIS_URL], "prefix": "floors", "capacity": 1000},
    }
    if REDIS_URL
    else {"BACKEND": "channels.layers.InMemoryChannelLayer", "CONFIG": {"capacity": 1000}}
}
