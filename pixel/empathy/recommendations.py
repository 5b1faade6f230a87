"""What to change, in words, out of how far a model's behaviour is from people's."""

from collections.abc import Sequence

from pixel.empathy.comparison import Comparison

NAMES = {
    "reflections": "replies that reflect what was said",
    "questions": "replies that ask",
    "open_questions": "replies that ask openly",
    "advice": "replies that advise",
    "information": "replies that inform",
    "complex_share": "reflections that add meaning",
    "reflections_per_question": "reflections for each question",
    "emotional_reactions": "replies that show warmth",
    "interpretations": "replies that say what they understood",
    "explorations": "replies that ask about what was left unsaid",
    "specificity": "closeness to the message it answers",
}
MENDS = {
    ("reflections", "lower"): "prefer replies that say back what they heard; raise the share of reflections in the "
    "preference data",
    ("reflections", "higher"): "replies say back more than helpers do; mix in questions",
    ("questions", "higher"): "ask less: two reflections before the next question",
    ("questions", "lower"): "ask more: replies that end without a question close the talk",
    ("open_questions", "lower"): "turn closed questions into open ones in the training replies",
    ("open_questions", "higher"): "replies ask more openly than helpers; no harm by itself",
    ("advice", "higher"): "hold advice back: leave replies that advise unasked out of training, or rate them down",
    ("advice", "lower"): "replies advise less than helpers; no harm by itself",
    ("information", "higher"): "inform less, and after asking",
    ("information", "lower"): "replies inform less than helpers; check that questions of fact are answered",
    ("complex_share", "lower"): "go beyond repeating: name the feeling or the meaning behind the words",
    ("complex_share", "higher"): "add less of its own: stay with what was said",
    ("reflections_per_question", "lower"): "fewer questions and more reflections",
    ("reflections_per_question", "higher"): "a few more questions",
    (
        "emotional_reactions",
        "higher",
    ): "warmth in nearly every reply sounds like a formula; keep it for where it fits",
    ("emotional_reactions", "lower"): "show more warmth",
    ("interpretations", "lower"): "say what was understood, in other words than the message's",
    ("interpretations", "higher"): "claim less understanding; ask instead",
    ("explorations", "lower"): "ask about feelings and experiences that were not told",
    ("explorations", "higher"): "probe less",
    ("specificity", "lower"): "replies would fit anybody: train with contrastive pairs of own and borrowed replies",
    (
        "specificity",
        "higher",
    ): "replies stay closer to the message than people's; check that they do not repeat it",
}


def recommendations(comparisons: Sequence[Comparison], target: str, unsound: Sequence[str] = ()) -> list[str]:
    """
    One sentence for each figure that is off, the furthest beyond its margin first; then what could not be decided.

    Args:
        comparisons: of figures named in `NAMES`; others are passed over.
        target: who the people are, in words.
        unsound: figures whose reader people's labels do not bear out; nothing is recommended from them.

    Returns:
        sentences; empty where all is alike.
    """
    known = [one for one in comparisons if one.name in NAMES and one.name not in unsound]
    off = [one for one in known if one.verdict in ("higher", "lower")]
    off.sort(key=lambda one: -abs(one.difference) / one.margin)
    said = [
        f"{NAMES[one.name]}: {_shown(one, one.model)} against {_shown(one, one.people)} of {target} "
        f"({_difference(one)}, {_size(one)}). Mend: {MENDS[one.name, one.verdict]}."
        for one in off
    ]
    unsure = [NAMES[one.name] for one in known if one.verdict == "unclear"]
    if unsure:
        said.append(f"not decided with so few replies: {', '.join(unsure)}. Mend: measure on more.")
    if unsound:
        names = ", ".join(NAMES[name] for name in unsound if name in NAMES)
        said.append(f"nothing is recommended on {names}: read no better than from the length of a reply.")
    return said


def _size(one: Comparison) -> str:
    times = abs(one.difference) / one.margin
    return "within the margin, but not by chance" if times <= 1 else f"{times:.1f} times the margin"


def _shown(one: Comparison, value: float) -> str:
    from math import exp

    if one.name == "reflections_per_question":
        return f"{exp(value):.2f}"
    return f"{value:.2f}" if one.name == "specificity" else f"{value:.0%}"


def _difference(one: Comparison) -> str:
    if one.name == "reflections_per_question":
        return f"log ratio {one.difference:+.2f}, 95% {one.low:+.2f} to {one.high:+.2f}"
    if one.name == "specificity":
        return f"{one.difference:+.2f}, 95% {one.low:+.2f} to {one.high:+.2f}"
    return f"{100 * one.difference:+.0f} points, 95% {100 * one.low:+.0f} to {100 * one.high:+.0f}"
