"""From names to the things that a person may see, and the kinds of commands, which begin with that."""
