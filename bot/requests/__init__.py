"""From a Slack payload to a request, and its answer back."""
