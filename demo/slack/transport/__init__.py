"""What goes to the bot, and how: Socket Mode or signed requests."""
