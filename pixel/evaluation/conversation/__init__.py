"""Qualities of a conversation, one measure a file: does it fit, sound human, sound like one person, lead somewhere."""
