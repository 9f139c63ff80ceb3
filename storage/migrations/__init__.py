"""The schema, step by step; written by Tortoise from the models and applied when the database is opened."""
