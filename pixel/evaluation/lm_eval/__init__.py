"""Tasks for lm-eval: what can be asked by log-likelihood or short answer. The YAML files name them, `functions.py`
answers for them, and the other files make the questions."""

from pathlib import Path

FOLDER = Path(__file__).parent
"""For `lm_eval --include_path`."""

NEEDS_DATA = ("pixel_emobench_ea", "pixel_emobench_eu", "pixel_eqbench_v2", "pixel_seceu")
"""Tasks whose questions stand in files under a data root."""
SELF_MADE = ("pixel_persona", "pixel_dsm", "pixel_pdm")
"""Tasks whose questions are made from what ships with Pixel."""
TASKS = (*NEEDS_DATA, *SELF_MADE)
GENERATED = ("pixel_eqbench_v2", "pixel_seceu")
"""Tasks that a model answers in words; the others compare log-likelihoods."""
