"""Messages to Slack, and where they stand."""
