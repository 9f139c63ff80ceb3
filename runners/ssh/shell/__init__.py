"""The dialogue with a device's shell: what is sent, and which of the lines that come answer it."""
