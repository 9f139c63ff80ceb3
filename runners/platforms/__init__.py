"""Platform files: one for each kind of device."""
