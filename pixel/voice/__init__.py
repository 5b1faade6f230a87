"""From recordings to conversations in one voice: sources, transcription, quality, personality, dialogues, report."""
