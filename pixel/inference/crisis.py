"""What a person sees first when their words read as severe risk."""

from pixel.models.labels_clinical import RISK_LEVELS

SEVERE = RISK_LEVELS.index("4")
"""First severity that counts as severe: ideation with some intent to act."""

CRISIS_NOTE = (
    "If you might act on thoughts of suicide or are in danger, please reach a person now. You deserve that help.\n"
    "  United States: call or text 988. United Kingdom and Ireland: call 116 123 (Samaritans).\n"
    "  In an emergency: 112 or your local emergency number. Other countries: findahelpline.com\n"
    "  Pixel is a program, can be wrong, and cannot come to you."
)


def severe_risk(record: dict) -> float:
    """
    Probability in [0, 1] that a turn is at severity 4 or above, from its record (`turn_record`).

    0.0 where the risk head was not trained: absence of a reading, not a reading of absence.
    """
    severity = record.get("risk", {}).get("severity")
    return min(1.0, sum(severity[SEVERE:])) if severity else 0.0
