"""Events that wait to be told."""
