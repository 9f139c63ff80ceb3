"""The message that follows a run."""
