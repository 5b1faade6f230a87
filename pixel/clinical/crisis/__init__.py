"""Crisis detection: how severe, of what kind, about whom, and why."""

from .detector import KINDS, Assessment, CrisisDetector
