"""An agent that has every answer ready, and a serve with it."""
