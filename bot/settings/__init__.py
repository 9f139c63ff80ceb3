"""``app.yaml``: read once, checked whole, each mistake named."""
