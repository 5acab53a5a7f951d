"""Keeping and letting go: how long each class is kept, what may not be let go (holds), and how it is destroyed for good.

terms -> rules, holds -> plan -> shredding -> runs; the edges are `manage.py retention`, the daily task and the desk.
"""
