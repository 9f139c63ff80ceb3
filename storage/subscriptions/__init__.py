"""Routes, subscriptions, digests."""
