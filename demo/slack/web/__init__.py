"""The Web API over HTTP, and what its methods share."""
