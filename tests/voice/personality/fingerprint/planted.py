"""Planted speakers: everybody in a meeting talks of the same, and each has habits of small words of their own."""

import numpy as np

from pixel.voice.personality.fingerprint.ami import Speaker

TOPICS = ("battery", "button", "screen", "colour", "price", "market", "design", "remote", "plastic", "speech")
HABITS = ("well", "so", "i think", "you know", "actually", "sort of", "yeah", "but", "maybe", "right", "okay", "just")
GLUE = ("the", "a", "is", "of", "and", "it", "we", "have", "to", "that")


def planted(groups: int = 4, people: int = 4, words: int = 1300, seed: int = 0) -> list[Speaker]:
    """One meeting a group; a third of a speaker's words are habits, drawn with the speaker's own weights."""
    rng, out = np.random.default_rng(seed), []
    for group in range(groups):
        topics = rng.choice(TOPICS, size=4, replace=False)
        for person in range(people):
            weights = rng.dirichlet(np.full(len(HABITS), 0.7))
            said: list[str] = []
            while len(said) < words:
                kind = rng.random()
                if kind < 0.33:
                    said += str(rng.choice(HABITS, p=weights)).split()
                else:
                    said.append(str(rng.choice(topics if kind < 0.5 else GLUE)))
                if rng.random() < 0.1:
                    said[-1] += "."
            name = f"XX{group:04d}"
            out.append(Speaker(name, f"{name}a", "ABCDEFGH"[person], " ".join(said[:words])))
    return out
