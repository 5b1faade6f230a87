"""Quality gates for conversations: form, slips, near-duplicates, variety of technique, criterion coverage."""

from pixel.knowledge.quality.defect import Defect, Gate
from pixel.knowledge.quality.gates import default_gates, defects
