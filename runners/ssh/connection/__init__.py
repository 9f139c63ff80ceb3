"""One SSH connection: what it offers, how it logs in, and why it came to nothing."""
