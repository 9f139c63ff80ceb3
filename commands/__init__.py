"""What a person can ask for: one module for each command.

A command finds what its words are about, authorises (both by its kind, ``commands.lookup.kinds``), does its work
through the rooms below and answers with a ``Reply``: the name of a template and its context. It knows neither Slack
nor SQL, and never catches.

May import: ``domain``, ``storage``, ``runners``, ``notifications``, rapidfuzz.
May not import: ``bot``, anything of Slack.
"""
