"""From samples to utterances with words, times and confidences, and the guards against what nobody said."""
