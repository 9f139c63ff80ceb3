"""What is remembered: tables, queries and migrations, and the git archive.

Domain values go in and come out; no row, query or lazy relation leaves this room.

May import: ``domain``, tortoise, pygit2.
"""
