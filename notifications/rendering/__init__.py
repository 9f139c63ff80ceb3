"""From contexts to valid payloads, within Slack's limits."""
