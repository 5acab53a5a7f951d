"""The product's own settings, with data of the test run's own.

Which back-end is tested is the environment's choice, as in production: nothing for SQLite and memory, DATABASE_URL and
REDIS_URL for PostgreSQL and Redis. `make test` does both.
"""

import atexit
import os
import shutil
import tempfile
from pathlib import Path

# Always a directory of this process's own: xdist's workers inherit their parent's and would share its key file.
_data = Path(tempfile.mkdtemp(prefix="xinqiao-test-"))
_owner = os.getpid()
atexit.register(lambda: shutil.rmtree(_data, ignore_errors=True) if os.getpid() == _owner else None)
os.environ["XINQIAO_DATA"] = str(_data)
os.environ.setdefault("XINQIAO_SECRET_KEY", "a secret of the tests, which guards nothing")
os.environ.setdefault("XINQIAO_LOG_LEVEL", "WARNING")
os.environ.setdefault("XINQIAO_BIND", "127.0.0.1")
# Most tests are about something else: their staff sign in with the password alone, and set up a factor where they need one.
os.environ.setdefault("XINQIAO_STAFF_FACTOR", "optional")
os.environ["XINQIAO_REDIS_PREFIX"] = _data.name

from chat_server.settings import *  # noqa: E402, F403 (the environment above must come first)

# The sign-in tests would spend their time in PBKDF2; what it resists is not what they test.
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
