"""Talking to one device over SSH: connect, log in, capture, leave.

Part of the agent process: knows ``domain`` and the other modules that the agent runs, nothing of the database.
"""
