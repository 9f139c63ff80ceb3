"""The clients of Slack, and what Slack is asked."""
