"""Who speaks when: voices told apart by their sound, words and segments given to them. Optional."""

from pixel.voice.diarization.labelling import label_speakers
from pixel.voice.diarization.speaker_encoder import speaker_embedding
