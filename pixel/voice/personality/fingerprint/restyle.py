"""A transcript as another transcriber, or a machine, would have written it."""

import re

import numpy as np

_FILLER = re.compile(r"(um|uh|mm|hmm|hm|er|erm|ah|mhm|mm-hmm|uh-huh)[.,?!]*", re.IGNORECASE)
_MARKS = re.compile(r"(.*?)([.,?!]*)")
_FORMS = {
    "gonna": "going to",
    "wanna": "want to",
    "'cause": "because",
    "kinda": "kind of",
    "okay": "ok",
    "yep": "yeah",
}


def restyle(text: str, seed: int) -> str:
    """
    Fillers and repeated words are left out, a few words missed, commas come and go, sentences run on and spoken forms
    are spelt out, each at a rate that is drawn anew for every text: machines differ in what they tidy.

    Args:
        text: a transcript with punctuation.
        seed: the same gives the same.
    """
    rng = np.random.default_rng(seed)
    fillers, repeats = rng.uniform(0.5, 1), rng.uniform(0.3, 1)
    commas, joins, forms, missed = rng.uniform(0, 1), rng.uniform(0, 0.5), rng.uniform(0, 1), rng.uniform(0, 0.06)
    out: list[str] = []
    last = ""
    for token in text.split():
        word, marks = _MARKS.fullmatch(token).groups()
        if _FILLER.fullmatch(token) and rng.random() < fillers:
            if marks and marks != "," and out and out[-1][-1] not in ".,?!":
                out[-1] += marks
            continue
        small = word.lower()
        if (small == last and rng.random() < repeats) or rng.random() < missed:
            continue
        last = "" if marks else small
        if rng.random() < forms:
            word = _FORMS.get(small, word)
        if marks == "," and rng.random() < commas:
            marks = ""
        elif marks == "." and rng.random() < joins:
            marks = ","
        elif not marks and rng.random() < 0.03 * commas:
            marks = ","
        if word + marks:
            out.append(word + marks)
    return " ".join(out)
