"""From ended runs to posts: recipients, groups, what is deferred."""
