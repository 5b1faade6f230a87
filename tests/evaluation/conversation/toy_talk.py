"""Toy encoder and conversations: a text's vector is its bag of known words, so every cosine can be counted by hand."""

import numpy as np

WORDS = ("dog", "exam", "sister", "rent", "sorry", "hello", "bye", "try", "feel", "what")


class BagOfWords:
    """One dimension a word of `WORDS` and one for none of them; vectors of length 1."""

    size = len(WORDS) + 1

    def encode(self, texts):
        out = np.zeros((len(texts), self.size))
        for row, text in enumerate(texts):
            for word in text.lower().replace("?", " ").replace(".", " ").split():
                if word in WORDS:
                    out[row, WORDS.index(word)] += 1
            if not out[row].any():
                out[row, -1] = 1
        return out / np.linalg.norm(out, axis=1, keepdims=True)


def talk(number, *texts, first="user", **labels):
    roles = ("user", "assistant") if first == "user" else ("assistant", "user")
    messages = [{"role": roles[place % 2], "content": text} for place, text in enumerate(texts)]
    return {"source": "toy", "id": str(number), "group": f"g{number}", "messages": messages} | labels
