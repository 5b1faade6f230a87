"""Noisy utterances as two Whispers hear them, with every quality score and the true word error rate."""

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from tqdm.auto import tqdm

from pixel.benchmarks.voice.noisy_speech import RATE, Utterance, mixed, noise, read_utterances
from pixel.benchmarks.voice.references import normaliser
from pixel.voice.quality.audio import measure_audio
from pixel.voice.quality.transcript import measure_transcript
from pixel.voice.segment import Segment, Word
from pixel.voice.transcription.agreement import agreements

MODELS = ("embedded:tiny.en", "embedded:base")
CONDITIONS = (("clean", 99.0), ("white", 5.0), ("pink", 0.0), ("babble", 5.0))
LEAST_WORDS = 6


def decoded_noisy(
    data_root: str | Path,
    per_speaker: int = 2,
    clean_only: int = 3,
    models: Sequence[str] = MODELS,
    mos: bool = True,
    threads: int = 1,
    seed: int = 0,
) -> Iterator[dict[str, Any]]:
    """
    Decode the shortest utterances of at least six words of every speaker under every condition, the next as they are.

    Args:
        data_root: with `speech/`.
        per_speaker: utterances under every condition.
        clean_only: further utterances of every speaker, as recorded alone: most of what is transcribed is not noisy.
        models: the one that counts, and the one it is compared with for agreement; a single one leaves that out.
        mos: also the predicted opinion scores.
        threads: of Whisper.
        seed: of the noises.

    Yields:
        rows `name`, `speaker`, `condition`, `wer` (true, of the first model, against the reference), `segment` (row of
        `Segment`) and every score by name.
    """
    from faster_whisper import WhisperModel

    from pixel.voice.transcription.models import model_folder

    hearers = [
        WhisperModel(model_folder(name), device="cpu", compute_type="int8", cpu_threads=threads) for name in models
    ]
    utterances = read_utterances(data_root)
    for utterance, condition, sound in tqdm(
        list(_sounds(utterances, per_speaker, clean_only, seed)), desc="Utterances"
    ):
        segment = heard(hearers[0], sound, utterance.name, beam=5, words=True)
        if len(hearers) > 1:
            other = heard(hearers[1], sound, utterance.name, beam=1, words=False)
            segment = agreed(segment, other.text)
        scores = measure_audio(sound, RATE, mos=mos) | measure_transcript(segment)
        yield (
            {"name": utterance.name, "speaker": utterance.speaker, "condition": condition, "reference": utterance.text}
            | {"wer": wer(utterance.text, segment.text), "segment": segment.as_row()}
            | scores
        )


def agreed(segment: Segment, text: str) -> Segment:
    """With the agreement that the pipeline would give it, beside the other model's text of the same utterance."""
    middle = (segment.start + segment.end) / 2
    return agreements([segment], [Word(f" {word}", middle, middle, 1.0) for word in text.split()])[0]


def heard(model: Any, sound: np.ndarray, file: str, beam: int, words: bool) -> Segment:
    """One utterance as one segment, decoded once (without fallback to higher temperatures, as in a batch); confidences
    weighted by the seconds of Whisper's own segments."""
    found, about = model.transcribe(sound, language="en", beam_size=beam, word_timestamps=words, temperature=0.0)
    found = list(found)
    timed = tuple(Word(w.word, w.start, w.end, w.probability) for one in found for w in one.words or ())
    weights = [max(one.end - one.start, 0.01) for one in found]

    def mean(values: list[float], otherwise: float) -> float:
        return float(np.average(values, weights=weights)) if values else otherwise

    return Segment(
        file=file,
        start=0.0,
        end=len(sound) / RATE,
        text=" ".join(one.text.strip() for one in found),
        words=timed,
        language=about.language,
        mean_logprob=mean([one.avg_logprob for one in found], -2.0),
        no_speech=mean([one.no_speech_prob for one in found], 1.0),
        compression_ratio=mean([one.compression_ratio for one in found], 1.0),
        temperature=max((one.temperature for one in found), default=0.0),
    )


def wer(reference: str, text: str) -> float:
    """
    Word error rate after Whisper's own normalising of English (lower case, no marks, numbers as digits, `mister` and
    `mr` alike).

    Example:
        >>> wer("it's ten degrees", "It is 10 degrees. Very.")
        0.25
    """
    import jiwer

    reference, text = (normaliser()(one).strip() for one in (reference, text))
    if not reference:
        return 0.0 if not text else 1.0
    return float(jiwer.wer(reference, text))


def _sounds(
    utterances: list[Utterance], per_speaker: int, clean_only: int, seed: int
) -> Iterator[tuple[Utterance, str, np.ndarray]]:
    """Every speaker's shortest utterance under all conditions, then every speaker's second, and so on."""
    place = {one.name: index for index, one in enumerate(utterances)}
    speakers = list(dict.fromkeys(one.speaker for one in utterances))
    long_enough = [one for one in utterances if len(one.text.split()) >= LEAST_WORDS]
    ranked = {
        speaker: sorted((one for one in long_enough if one.speaker == speaker), key=lambda one: len(one.samples))
        for speaker in speakers
    }
    for utterance in (ranked[speaker][rank] for rank in range(per_speaker) for speaker in speakers):
        others = [one.samples for one in utterances if one.speaker != utterance.speaker]
        generator = np.random.default_rng([seed, place[utterance.name]])
        for kind, level in CONDITIONS:
            if kind == "clean":
                yield utterance, "clean", utterance.samples
            else:
                made = noise(kind, len(utterance.samples), generator, others)
                yield utterance, f"{kind} {level:.0f} dB", mixed(utterance.samples, made, level)
    for rank in range(per_speaker, per_speaker + clean_only):
        for speaker in speakers:
            yield ranked[speaker][rank], "clean", ranked[speaker][rank].samples
