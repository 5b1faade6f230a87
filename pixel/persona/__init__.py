"""Two voices in one model: whether the mode a turn needs is seen, how the switch goes, whether it holds in between."""

from pixel.persona.benchmark_rows import row_of
from pixel.persona.consistency import drift, held_share
from pixel.persona.detection import detection_accuracy, detection_macro_f1
from pixel.persona.dialogues import BENCHMARK, Dialogue, Turn, load_dialogues
from pixel.persona.smoothness import excess_variation, flips_back, reply_continuity
from pixel.persona.switches import WINDOW, SwitchCount, count_switches
from pixel.persona.tracks import likeliest, steady

__all__ = [
    "BENCHMARK",
    "WINDOW",
    "Dialogue",
    "SwitchCount",
    "Turn",
    "count_switches",
    "detection_accuracy",
    "detection_macro_f1",
    "drift",
    "excess_variation",
    "flips_back",
    "held_share",
    "likeliest",
    "load_dialogues",
    "reply_continuity",
    "row_of",
    "steady",
]
