"""What the local Slack knows: people, channels, messages, views, files."""
