"""From ended runs to posts: who is told, in which groups, and what is deferred."""
