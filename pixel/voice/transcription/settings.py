"""How to transcribe."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Settings:
    """
    Attributes:
        model: `embedded:tiny.en`, `embedded:base` (both offline, see `embedded_voice.txt`), a name that Faster Whisper
            knows (`small`, `large-v3`, `distil-large-v3`, ... or a Hub repository), or a CTranslate2 folder.
        second_model: decodes again, so that every segment gets `agreement`; the same names, or none.
        device: `auto`, `cpu` or `cuda`.
        compute_type: of CTranslate2, e.g. `int8`, `float16`; `default` keeps the model's own, but float32 for
            float16 on a CPU.
        beam_size: 1 to 10; 1 is greedy.
        batch_size: clips of 30 s decoded at once.
        language: ISO 639-1, or none to detect it once a recording.
        vad: leave out what Silero's voice activity detection calls no speech.
        word_timestamps: needed for utterances, guards on words and word probabilities.
        guards: take out what nobody said, and decode again where the first decoding failed.
        cpu_threads: a worker process; 0 leaves the choice to CTranslate2.
        allow_download: whether a model that is not on this machine may be fetched from the Hub.
        temperatures: of the second decoding, where the first one failed. Sampling (above 0) makes one run differ from
            the next, since CTranslate2's random state cannot be set again; beam search alone is the default.
        most_compression, least_logprob, most_no_speech: Whisper's own limits.
        retry_below: mean word probability of a clip under which it is decoded a second time.
        least_word_probability: of an utterance; under it the guards take it out.
        least_language: probability of the language under which segments are flagged `language`.
    """

    model: str = "embedded:tiny.en"
    second_model: str | None = None
    device: str = "auto"
    compute_type: str = "default"
    beam_size: int = 5
    batch_size: int = 8
    language: str | None = None
    vad: bool = True
    word_timestamps: bool = True
    guards: bool = True
    cpu_threads: int = 1
    allow_download: bool = True
    temperatures: tuple[float, ...] = (0.0,)
    most_compression: float = 2.4
    least_logprob: float = -1.0
    most_no_speech: float = 0.6
    retry_below: float = 0.5
    least_word_probability: float = 0.2
    least_language: float = 0.5

    def __post_init__(self) -> None:
        if not 1 <= self.beam_size <= 10:
            raise ValueError(f"beam_size is {self.beam_size}. Mend: 1 to 10; 5 is usual")
        if self.batch_size < 1:
            raise ValueError(f"batch_size is {self.batch_size}. Mend: 1 or more; 8 is usual")
        if self.cpu_threads < 0:
            raise ValueError(f"cpu_threads is {self.cpu_threads}. Mend: 0 (CTranslate2 chooses) or more")
        if self.language is not None and not (2 <= len(self.language) <= 3 and self.language.islower()):
            raise ValueError(f"language is {self.language!r}. Mend: ISO 639-1, e.g. en")
        if not self.temperatures:
            raise ValueError("temperatures is empty. Mend: (0.0,), or (0.0, 0.2, 0.4) to sample where that fails")
        if self.guards and not self.word_timestamps:
            raise ValueError("guards look at words. Mend: word_timestamps true, or guards false")

    def as_dict(self) -> dict[str, Any]:
        """Plain JSON values, for the manifest and the summary."""
        return asdict(self)
