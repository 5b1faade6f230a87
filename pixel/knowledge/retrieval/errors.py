"""The one error that retrieval raises: it names the file or field and the mend."""

from pixel.data.errors import ConversationError


class RetrievalError(ConversationError):
    """
    A query or an index that cannot be used, said in one line.

    Recipes show it as they show bad conversations: the place, what is wrong, what to do.
    """
