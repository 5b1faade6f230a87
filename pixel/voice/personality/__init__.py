"""What a speaker's words say of the speaker: a fingerprint, markers, and how steady they are."""
