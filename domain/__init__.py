"""The rules: frozen values and pure functions.

Every decision of the kind "what does this mean?" lives here: no clock, no database, no await.

May import: the standard library, and APScheduler's triggers for time arithmetic.
"""
