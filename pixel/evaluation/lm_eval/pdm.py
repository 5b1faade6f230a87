"""PDM-2: which personality style, defence or level of organisation speaks out of a sentence."""

from collections.abc import Iterator, Sequence

import numpy as np

from pixel.evaluation.lm_eval.choices import Question
from pixel.knowledge.loading import Knowledge, knowledge

OPTIONS = 4
LEVEL_SIGNS = ("reality_testing", "identity", "in_conversation")


def pdm(base: Knowledge | None = None, seed: int = 0) -> Iterator[Question]:
    """
    Questions of three parts, in the words of the knowledge base.

    `defence`: a `held_back` example and four defences, those that it is easily taken for among them. `syndrome`: two
    sentences and four of the P-axis styles (these wordings are not held back: passages and made conversations may
    contain them). `level`: one sign and the four levels of organisation.

    Args:
        base: the knowledge base; `None`: the one that ships with Pixel.
        seed: of all choices.
    """
    base, rng = base or knowledge(), np.random.default_rng(seed)
    yield from _defences(base, rng)
    yield from _syndromes(base, rng)
    yield from _levels(base, rng)


def _defences(base: Knowledge, rng: np.random.Generator) -> Iterator[Question]:
    entries = {entry["id"]: entry for entry in base.frameworks["defences"]["defences"]}
    for name, entry in entries.items():
        near = [one["with"] for one in entry["neighbours"] if one["with"] in entries][: OPTIONS - 1]
        far = [other for other in entries if other != name and other not in near]
        others = [*near, *(str(other) for other in rng.permutation(far)[: OPTIONS - 1 - len(near)])]
        for number, sentence in enumerate(entry["held_back"]):
            asked = f'Someone says: "{sentence}"\n\nWhich defence is most likely at work?'
            named = [entries[one]["name"] for one in (name, *others)]
            yield _shuffled(f"{name}-{number}", asked, named, "defence", name, rng)


def _syndromes(base: Knowledge, rng: np.random.Generator) -> Iterator[Question]:
    entries = base.frameworks["pdm2"]["syndromes"]
    for entry in entries:
        sentences = list(rng.permutation(entry["phrasings"]))
        for number in range(len(sentences) // 2):
            pair = "\n".join(f'- "{sentence}"' for sentence in sentences[2 * number : 2 * number + 2])
            others = rng.permutation([one["name"] for one in entries if one is not entry])[: OPTIONS - 1]
            asked = f"Someone says:\n{pair}\n\nWhich personality style of the PDM-2 do these words fit best?"
            yield _shuffled(f"{entry['id']}-{number}", asked, [entry["name"], *others], "syndrome", entry["id"], rng)


def _levels(base: Knowledge, rng: np.random.Generator) -> Iterator[Question]:
    levels = base.frameworks["pdm2"]["organisation"]
    for level in levels:
        for sign in LEVEL_SIGNS:
            asked = f"A clinician notes: {level[sign]}\n\nWhich level of personality organisation does this fit best?"
            named = [level["id"], *(other["id"] for other in levels if other is not level)]
            named = [f"{name.capitalize()} level" for name in named]
            yield _shuffled(f"{level['id']}-{sign}", asked, named, "level", level["id"], rng)


def _shuffled(
    id: str, prompt: str, options: Sequence[str], part: str, group: str, rng: np.random.Generator
) -> Question:
    """A question whose right option comes first, brought into a random order."""
    order = rng.permutation(len(options))
    shown = tuple(str(options[index]) for index in order)
    return Question(id, prompt, shown, int(np.flatnonzero(order == 0)[0]), part, f"{part}:{group}")
