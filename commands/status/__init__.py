"""How things stand: summaries, graphs, lists."""
