"""What the knowledge base is made of: symptoms and DSM-5-TR categories, as a clinician writes them in YAML."""

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

Id = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]*$")]
Text = Annotated[str, Field(min_length=3)]

DOMAINS = (
    "mood", "energy", "sleep", "appetite", "cognition", "risk", "mania", "anxiety", "trauma", "psychosis",
    "dissociation", "obsessive", "somatic", "eating", "elimination", "sexual", "gender", "conduct", "substance",
    "neurocognitive", "developmental", "interpersonal", "paraphilia", "function", "ruleout",
)  # fmt: skip
MODALITIES = (
    "cbt", "dbt", "act", "motivational_interviewing", "psychodynamic", "person_centred", "interpersonal",
    "emdr_informed", "family", "other",
)  # fmt: skip


class Entry(BaseModel):
    """A mapping in a knowledge file: unknown keys are refused, nothing changes after loading."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Symptom(Entry):
    """
    Something a person can disclose, or that rules something out.

    `phrasings` are ways to say it, `held_back` more of them that only tests and evaluations use, `absent` ways to deny
    it. All were written for this project.
    """

    id: Id
    name: Text
    domain: Literal[DOMAINS]
    definition: Text
    phrasings: list[Text] = Field(min_length=5)
    held_back: list[Text] = Field(min_length=2)
    absent: list[Text] = Field(min_length=1)


class Item(Entry):
    """One of several counted parts of a criterion; met if any of its symptoms is present."""

    id: str
    text: Text
    any_of: list[Id] = Field(min_length=1)


class Criterion(Entry):
    """
    A criterion in our own words.

    Met if at least `need` of `items`, or of the symptoms in `any_of`, are present; with neither it is a judgement for
    a clinician (`checkable` is false). `core`: without it the category is not considered.
    """

    id: str
    text: Text
    any_of: list[Id] = []
    items: list[Item] = []
    need: int = Field(1, ge=1)
    core: bool = False
    optional: bool = False

    @property
    def checkable(self) -> bool:
        """Whether findings alone can meet it."""
        return bool(self.any_of or self.items)

    @property
    def symptoms(self) -> list[str]:
        """Ids of every symptom that counts towards it."""
        return [*self.any_of, *(symptom for item in self.items for symptom in item.any_of)]


class Exclusion(Entry):
    """Present `findings` rule the category out; `disorders` may explain the picture better."""

    id: str
    kind: Literal["substance", "medical", "disorder", "developmental", "culture", "bereavement", "history"]
    text: Text
    findings: list[Id] = []
    disorders: list[Id] = []


class Duration(Entry):
    """How long it has to last, in days."""

    min_days: float | None = Field(None, ge=0)
    max_days: float | None = Field(None, gt=0)
    text: str | None = None


class Onset(Entry):
    """Ages in years between which it begins."""

    min_age: float | None = Field(None, ge=0)
    max_age: float | None = Field(None, ge=0)
    text: str | None = None


class Specifier(Entry):
    """A further description that goes with a category."""

    id: str
    text: Text


class Differential(Entry):
    """Another category that looks alike, and what separates the two."""

    other: Id = Field(alias="with")
    separates: Text


class Intervention(Entry):
    """An evidence-based intervention and the guideline, trial or review that supports it."""

    name: Text
    modality: Literal[MODALITIES]
    level: Text
    source: Text


class Category(Entry):
    """One of the 100 DSM-5-TR categories. Criteria are paraphrased; the manual's text is not reproduced."""

    id: Id
    name: Text
    chapter: Text
    icd10cm: list[str] = Field(min_length=1)
    summary: Text
    criteria: list[Criterion] = Field(min_length=1)
    duration: Duration
    onset: Onset
    impairment: Literal["required", "distress_or_impairment", "not_required"]
    exclusions: list[Exclusion]
    course: Text
    specifiers: list[Specifier]
    differentials: list[Differential] = Field(min_length=1)
    comorbidity: list[Id]
    risk: list[Text] = Field(min_length=1)
    interventions: list[Intervention] = Field(min_length=1)
    questions: list[Text] = Field(min_length=3)

    @property
    def symptoms(self) -> list[str]:
        """Ids of the symptoms that its criteria ask for, each once, in order."""
        return list(dict.fromkeys(symptom for criterion in self.criteria for symptom in criterion.symptoms))

    def criterion(self, id: str) -> Criterion:
        """The criterion of that id."""
        return next(criterion for criterion in self.criteria if criterion.id == id)
