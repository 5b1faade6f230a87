"""A turn's read-outs in one line, for a terminal or a report."""


def brief(record: dict, role: str) -> str:
    """One line of a turn's read-outs: what it feels like, who should answer how, how risky; or how empathic it is."""
    parts = []

    def best(values: dict[str, float], count: int = 1, least: float = 0.0) -> str:
        order = sorted(values, key=values.get, reverse=True)[:count]
        return ", ".join(f"{name} {values[name]:.2f}" for name in order if values[name] >= least)

    emotion = record.get("emotion", {})
    if "labels" in emotion:
        parts.append("emotion: " + (best(emotion["labels"], 3, 0.2) or best(emotion["labels"])))
    if "vad" in emotion:
        parts.append(
            "valence {valence:.2f}, arousal {arousal:.2f}, dominance {dominance:.2f}".format(**emotion["vad"])
        )
    if role == "user":
        persona = record.get("persona", {})
        if "mode" in persona:
            parts.append("persona: " + best(persona["mode"]))
        if "switch" in persona:
            parts.append(f"switch {persona['switch']:.2f}")
        if "dsm" in record.get("clinical", {}):
            picture = best(record["clinical"]["dsm"], 2, 0.5)
            parts.append("clinical picture: " + (picture or "abstains"))
        if "severity" in record.get("risk", {}):
            severity = record["risk"]["severity"]
            parts.append(f"risk: any {1 - severity[0]:.2f}, severe {sum(severity[4:]):.2f}")
    else:
        empathy = record.get("empathy", {})
        levels = [
            f"{name.replace('_', ' ')} {max(range(3), key=empathy[name].__getitem__)}"
            for name in ("emotional_reactions", "interpretations", "explorations")
            if name in empathy
        ]
        if levels:
            parts.append("empathy: " + ", ".join(levels))
        if "genuine" in empathy:
            parts.append(f"genuine {empathy['genuine']:.2f}")
        if "appropriateness" in record.get("clinical", {}):
            parts.append(f"appropriateness {record['clinical']['appropriateness']:.2f}")
        if "intervention" in record.get("clinical", {}):
            parts.append("intervention: " + best(record["clinical"]["intervention"], 2))
    return " · ".join(parts)
