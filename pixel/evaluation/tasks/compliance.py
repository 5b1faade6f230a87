"""DSM and PDM compliance: what the model says about criteria, held against the knowledge base claim by claim."""

from collections import Counter

import numpy as np

from pixel.clinical.compliance import check_compliance
from pixel.evaluation.context import Context
from pixel.evaluation.items import Item
from pixel.evaluation.row import Row
from pixel.evaluation.shares import mean_row
from pixel.evaluation.task import TaskResult
from pixel.knowledge.loading import knowledge

MOST = 48
MAX_NEW_TOKENS = 80
SYSTEM = "You answer questions about diagnostic criteria for clinicians, in one or two plain sentences."
AGAINST = "the knowledge base (DSM-5-TR criteria paraphrased, defence levels); no clinician rated the replies"


class Compliance:
    """
    The model is asked how long, how many symptoms, and at which level of maturity. Rows: `dsm/claims_hold` and
    `pdm/claims_hold`, the share of its checkable claims with which the knowledge base agrees, beside the best constant
    claim (`majority`); `.../answered`, the share of its replies with a checkable claim. No claim is no virtue.
    """

    name, group, needs = "compliance", "clinical", ("generation",)
    about = "claims about DSM-5-TR criteria and PDM-2 defences against the knowledge base"

    def run(self, context: Context) -> TaskResult:
        rows: list[Row] = []
        items: list[Item] = []
        for name, asked in (("dsm", dsm_questions()), ("pdm", pdm_questions())):
            asked = context.sample(asked, MOST)
            prompts = [
                [{"role": "system", "content": SYSTEM}, {"role": "user", "content": question}]
                for _, _, question in asked
            ]
            replies = context.generate(prompts, max_new_tokens=MAX_NEW_TOKENS)
            held, groups, answered = [], [], []
            for (subject, entry, _), reply in zip(asked, replies, strict=True):
                claims = checked(reply, entry)
                held += claims
                groups += [subject] * len(claims)
                answered.append(float(bool(claims)))
                items.append(Item(subject, f"{name}/answered", answered[-1], subject))
                if claims:
                    items.append(Item(subject, f"{name}/claims_hold", float(np.mean(claims)), subject))
            about = {"task": self.name, "group": self.group, "against": AGAINST}
            constant = constant_share(name, asked)
            rows.append(
                mean_row(
                    context,
                    held,
                    groups,
                    metric=f"{name}/claims_hold",
                    majority=constant,
                    reason="the model claimed nothing that can be checked",
                    **about,
                )  # fmt: skip
            )
            rows.append(mean_row(context, answered, metric=f"{name}/answered", **about))
        return TaskResult(rows, items)


def dsm_questions() -> list[tuple[str, str, str]]:
    """`(id, id the answer is about, question)` for every category with a shortest duration or a number of symptoms."""
    return [
        (f"dsm:{category.id}", category.id,
         f"For a diagnosis of {category.name}: at least how long must it last, and how many symptoms are needed?")
        for category in knowledge().categories.values()
        if category.duration.min_days or any(criterion.items for criterion in category.criteria)
    ]  # fmt: skip


def pdm_questions() -> list[tuple[str, str, str]]:
    """Likewise for every defence: its level of maturity."""
    return [
        (f"pdm:{defence['id']}", f"defences/defences/{defence['id']}",
         f"In psychodynamic terms, is {defence['name']} a mature, neurotic or immature defence?")
        for defence in knowledge().frameworks["defences"]["defences"]
    ]  # fmt: skip


def checked(reply: str, entry: str) -> list[float]:
    """1 or 0 for each claim of a reply that can be checked; the question's subject stands where none is named."""
    if not reply.strip():
        return []
    name = _defences().get(entry.split("/")[-1])
    if name is not None and name.lower() not in reply.lower():
        reply = f"{name}: {reply}"  # "It is a mature defence" says of what was asked
    found = check_compliance([{"role": "assistant", "content": reply}], [[entry]])
    return [float(claim.holds) for claim in found.claims if claim.kind != "id"]


def constant_share(name: str, asked: list[tuple[str, str, str]]) -> float | None:
    """What the best constant claim scores on the same questions, among the most frequent durations, counts, levels."""
    base = knowledge()
    if name == "pdm":
        tried = [
            [f"{_defences()[entry.split('/')[-1]]} is a {level} defence." for _, entry, _ in asked]
            for level in ("mature", "neurotic", "immature")
        ]
    else:
        categories = [base.categories[entry] for _, entry, _ in asked]
        days = Counter(round(c.duration.min_days) for c in categories if c.duration.min_days).most_common(3)
        tried = [[f"{c.name} must last at least {most} days." for c in categories] for most, _ in days]
        needs = Counter(c.need for category in categories for c in category.criteria if c.items).most_common(3)
        tried += [[f"{c.name} needs at least {need} symptoms." for c in categories] for need, _ in needs]
    scores = []
    for texts in tried:
        held = [value for text, (_, entry, _) in zip(texts, asked, strict=True) for value in checked(text, entry)]
        scores += [float(np.mean(held))] if held else []
    return max(scores, default=None)


def _defences() -> dict[str, str]:
    """Id of every defence -> its name."""
    return {defence["id"]: defence["name"] for defence in knowledge().frameworks["defences"]["defences"]}
