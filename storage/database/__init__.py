"""Opening SQLite or PostgreSQL."""
