"""What a worker works with: the real decoder, transcriber, measurements and diarization, or a test's."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from pixel.voice.pipeline.job import Job
from pixel.voice.segment import Segment
from pixel.voice.transcription.models import INSTALL
from pixel.voice.transcription.settings import Settings


@dataclass(frozen=True)
class Tools:
    """
    Attributes:
        seconds_of: path to length in seconds, or none where the file does not say; `AudioError` for what is no sound.
        windows: path and seconds to windows (`index`, `start`, `samples`).
        transcriber: loads the models; what it gives has `window(file, samples, start, language)`.
        measure: samples at 16 kHz, `[(start, end)]` of speech in them and whether to predict the opinion of listeners,
            to measurements by name.
        label_speakers: path and segments to segments with speakers; where the speaker changes within one it is cut.
    """

    seconds_of: Callable[[Path], float | None]
    windows: Callable[[Path, float], Iterator[Any]]
    transcriber: Callable[[], Any]
    measure: Callable[..., dict[str, float | None]]
    label_speakers: Callable[[Path, list[Segment]], list[Segment]]
    mos: bool = False


def real_tools(job: Job, settings: Settings) -> Tools:
    """
    Args:
        job: for `diarize` and `mos`.
        settings: of this worker.

    Raises:
        ModuleNotFoundError: a package whose weights will be needed is not installed. Said before anything is heard.
    """
    for wanted, package in ((job.diarize, "resemblyzer"), (job.mos, "speechmos")):
        if wanted and find_spec(package) is None:
            raise ModuleNotFoundError(f"the package {package} is not installed. Mend: {INSTALL}", name=package)
    from pixel.voice.audio.decoding import probe, windows

    def transcriber():
        from pixel.voice.transcription.transcriber import Transcriber

        return Transcriber(settings)

    def measure(samples, speech, mos):
        from pixel.voice.quality.audio import measure_audio

        return measure_audio(samples, 16_000, speech, mos=mos)

    def speakers(path, segments):
        from pixel.voice.diarization import label_speakers

        return label_speakers(path, segments, cut_changes=True)

    return Tools(lambda path: probe(path).seconds, windows, transcriber, measure, speakers, job.mos)
