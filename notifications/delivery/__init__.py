"""From the outbox to Slack: paced, sent once, looked at a last time."""
