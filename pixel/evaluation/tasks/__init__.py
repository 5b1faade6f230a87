"""The tasks of an evaluation, by name. A module is loaded when its task is asked for."""

TASKS: dict[str, str] = {
    "readouts": "pixel.evaluation.tasks.readouts:Readouts",
    "eq": "pixel.evaluation.tasks.eq:EQ",
    "eq_progression": "pixel.evaluation.tasks.eq_progression:EQProgression",
    "persona_switching": "pixel.evaluation.tasks.persona_switching:PersonaSwitching",
    "persona_consistency": "pixel.evaluation.tasks.persona_consistency:PersonaConsistency",
    "compliance": "pixel.evaluation.tasks.compliance:Compliance",
    "crisis": "pixel.evaluation.tasks.crisis:Crisis",
    "empathy_genuine": "pixel.evaluation.tasks.empathy_genuine:EmpathyGenuine",
    "empathy_consistency": "pixel.evaluation.tasks.empathy_consistency:EmpathyConsistency",
    "empathy_calibration": "pixel.evaluation.tasks.empathy_calibration:EmpathyCalibration",
    "empathy_progression": "pixel.evaluation.tasks.empathy_progression:EmpathyProgression",
    "conversation_coherence": "pixel.evaluation.tasks.conversation_coherence:ConversationCoherence",
    "conversation_naturalness": "pixel.evaluation.tasks.conversation_naturalness:ConversationNaturalness",
    "conversation_flow": "pixel.evaluation.tasks.conversation_flow:ConversationFlow",
    "conversation_authenticity": "pixel.evaluation.tasks.conversation_authenticity:ConversationAuthenticity",
    "appropriateness": "pixel.evaluation.tasks.appropriateness:Appropriateness",
    "effectiveness": "pixel.evaluation.tasks.effectiveness:Effectiveness",
    "bias": "pixel.evaluation.tasks.bias:Bias",
    "language": "pixel.evaluation.tasks.language:Language",
    "judged": "pixel.evaluation.tasks.judged:Judged",
}
"""Name -> `module:Class`; see `pixel.evaluation.task.Task`."""
