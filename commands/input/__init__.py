"""From typed words to values. Pure."""
