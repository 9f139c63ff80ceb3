"""The entries of the gallery, by subject."""
