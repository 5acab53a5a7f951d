#!/usr/bin/env python
"""Django's command line for Xinqiao."""

import gc
import os
import sys

from django.core.management import execute_from_command_line

if __name__ == "__main__":
    gc.set_threshold(50_000, 20, 50)  # what is imported stays: looking it over again and again is a fifth of a start
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "chat_server.settings")
    execute_from_command_line(sys.argv)
