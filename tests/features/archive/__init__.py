"""Archive and database, together or not at all."""
