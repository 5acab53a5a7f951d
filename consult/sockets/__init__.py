"""Sockets and long polls of one process: opened with a ticket, told what was committed, bounded when slow."""
