"""The Web API methods, by family. Importing a family puts its methods into ``registry.METHODS``."""

from demo.slack.methods import apps, chat, conversations, files, reading, users, views
from demo.slack.methods.registry import METHODS

__all__ = ["METHODS", "apps", "chat", "conversations", "files", "reading", "users", "views"]
