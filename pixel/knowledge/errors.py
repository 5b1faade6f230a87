"""The error that a knowledge file raises: it names the file, the entry, the field and the mend."""

from pixel.data.errors import ConversationError


class KnowledgeError(ConversationError):
    """Knowledge that cannot be used, said in one line. `row` is the id of the entry."""
