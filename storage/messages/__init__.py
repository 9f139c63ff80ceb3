"""The outbox, and what Slack has delivered."""
