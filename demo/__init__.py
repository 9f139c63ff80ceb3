"""A local Slack and a fleet of simulated devices, to try Lastgood with and to test it against.

Production never imports this room.
"""
