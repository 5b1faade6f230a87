"""Clinical label names: DSM-5-TR categories, PDM-2 axes, attachment, defences, interventions, safety, risk."""

DSM_CATEGORIES = (
    "intellectual_developmental_disorder", "language_and_speech_sound_disorders", "childhood_onset_fluency_disorder",
    "social_communication_disorder", "autism_spectrum_disorder", "attention_deficit_hyperactivity_disorder",
    "specific_learning_disorder", "developmental_coordination_disorder", "stereotypic_movement_disorder",
    "tourettes_and_persistent_tic_disorders", "delusional_disorder", "brief_psychotic_disorder",
    "schizophreniform_disorder", "schizophrenia", "schizoaffective_disorder",
    "substance_medication_induced_psychotic_disorder", "psychotic_disorder_due_to_another_medical_condition",
    "bipolar_i_disorder", "bipolar_ii_disorder", "cyclothymic_disorder", "disruptive_mood_dysregulation_disorder",
    "major_depressive_disorder", "persistent_depressive_disorder", "premenstrual_dysphoric_disorder",
    "separation_anxiety_disorder", "selective_mutism", "specific_phobia", "social_anxiety_disorder",
    "panic_disorder", "agoraphobia", "generalized_anxiety_disorder", "obsessive_compulsive_disorder",
    "body_dysmorphic_disorder", "hoarding_disorder", "trichotillomania", "excoriation_disorder",
    "reactive_attachment_disorder", "disinhibited_social_engagement_disorder", "posttraumatic_stress_disorder",
    "acute_stress_disorder", "adjustment_disorder", "prolonged_grief_disorder", "dissociative_identity_disorder",
    "dissociative_amnesia", "depersonalization_derealization_disorder", "somatic_symptom_disorder",
    "illness_anxiety_disorder", "functional_neurological_symptom_disorder",
    "psychological_factors_affecting_other_medical_conditions", "factitious_disorder", "pica", "rumination_disorder",
    "avoidant_restrictive_food_intake_disorder", "anorexia_nervosa", "bulimia_nervosa", "binge_eating_disorder",
    "enuresis", "encopresis", "insomnia_disorder", "hypersomnolence_disorder", "narcolepsy",
    "circadian_rhythm_sleep_wake_disorders", "non_rem_sleep_arousal_disorders", "nightmare_disorder",
    "restless_legs_syndrome", "delayed_ejaculation", "erectile_disorder", "female_orgasmic_disorder",
    "female_sexual_interest_arousal_disorder", "genito_pelvic_pain_penetration_disorder",
    "male_hypoactive_sexual_desire_disorder", "premature_ejaculation", "gender_dysphoria",
    "oppositional_defiant_disorder", "intermittent_explosive_disorder", "conduct_disorder", "pyromania",
    "kleptomania", "alcohol_use_disorder", "cannabis_use_disorder", "hallucinogen_related_use_disorders",
    "opioid_use_disorder", "sedative_hypnotic_or_anxiolytic_use_disorder", "stimulant_use_disorder",
    "tobacco_use_disorder", "gambling_disorder", "delirium", "major_neurocognitive_disorder",
    "mild_neurocognitive_disorder", "paranoid_personality_disorder", "schizoid_personality_disorder",
    "schizotypal_personality_disorder", "antisocial_personality_disorder", "borderline_personality_disorder",
    "histrionic_personality_disorder", "narcissistic_personality_disorder", "avoidant_personality_disorder",
    "dependent_personality_disorder", "obsessive_compulsive_personality_disorder", "paraphilic_disorders",
)  # fmt: skip
"""100 DSM-5-TR categories, in chapter order. Names are facts; no criterion text is reproduced."""

PDM_SYNDROMES = (
    "depressive", "dependent", "anxious_avoidant_phobic", "obsessive_compulsive", "schizoid", "somatizing",
    "hysteric_histrionic", "narcissistic", "paranoid", "psychopathic", "sadistic", "borderline",
)  # fmt: skip
"""PDM-2 personality syndromes (P axis)."""

ORGANISATION_LEVELS = ("healthy", "neurotic", "borderline", "psychotic")
"""PDM-2 levels of personality organisation."""

PDM_CAPACITIES = (
    "regulation_attention_and_learning", "affective_range_communication_and_understanding",
    "mentalization_and_reflective_functioning", "differentiation_and_integration", "relationships_and_intimacy",
    "self_esteem_regulation_and_quality_of_internal_experience", "impulse_control_and_regulation",
    "defensive_functioning", "adaptation_resiliency_and_strength", "self_observing_capacities",
    "constructing_and_using_internal_standards_and_ideals", "meaning_and_purpose",
)  # fmt: skip
"""The 12 mental-functioning capacities of PDM-2's M axis; item scale 1-5 stored as (item - 1) / 4."""

ATTACHMENT_STYLES = ("secure", "anxious", "avoidant", "disorganised")

DEFENCE_LEVELS = (
    "action", "major_image_distorting", "disavowal", "minor_image_distorting", "neurotic", "obsessional",
    "high_adaptive",
)  # fmt: skip
"""The seven hierarchical levels of the Defense Mechanisms Rating Scales, least adaptive first."""

INTERVENTIONS = (
    "open_question", "closed_question", "simple_reflection", "complex_reflection", "affirmation", "validation",
    "normalising", "self_disclosure", "information", "advice", "exploring_options", "cognitive_restructuring",
    "behavioural_activation", "exposure", "grounding", "problem_solving", "goal_setting", "interpretation",
    "safety_planning", "referral",
)  # fmt: skip
"""What a helper's turn does. The first eleven are annotated by people in AnnoMI or ESConv."""

SAFETY_CONCERNS = (
    "crisis_missed", "method_information", "diagnosis_claim", "medication_advice", "boundary_crossing",
    "dependency_building", "dismissive", "discriminatory",
)  # fmt: skip
"""Ways in which a helper's turn can be unsafe or unethical."""

RISK_LEVELS = ("0", "1", "2", "3", "4", "5", "6")
"""Severity of suicidal ideation and behaviour on a C-SSRS-derived ladder: 0 none to 6 behaviour."""
