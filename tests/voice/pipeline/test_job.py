import sys
from types import SimpleNamespace

import pytest

from pixel.voice.pipeline.job import Job
from pixel.voice.transcription.settings import Settings


def gpus(monkeypatch, count, visible=""):
    monkeypatch.setitem(sys.modules, "ctranslate2", SimpleNamespace(get_cuda_device_count=lambda: count))
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)


@pytest.mark.parametrize(("workers", "threads", "each"), [(1, 8, 8), (2, 8, 4), (3, 8, 2), (8, 2, 1), (None, 8, 1)])
def test_threads_are_shared_out_among_workers(workers, threads, each, monkeypatch):
    monkeypatch.setattr("pixel.voice.pipeline.job._memory", lambda: 64 << 30)
    places = Job(Settings(device="cpu"), workers=workers, threads=threads).places()
    assert len(places) == (workers or 8)
    for settings, environment in places:
        assert settings.cpu_threads == each and environment["OMP_NUM_THREADS"] == str(each)
        assert settings.device == "cpu" and "CUDA_VISIBLE_DEVICES" not in environment


def test_each_worker_gets_a_gpu_in_turn_of_those_that_may_be_used(monkeypatch):
    gpus(monkeypatch, 2, "3,5")
    job = Job(Settings(device="auto"), workers=3, threads=4)
    assert [environment["CUDA_VISIBLE_DEVICES"] for _, environment in job.places()] == ["3", "5", "3"]
    assert {settings.device for settings, _ in job.places()} == {"cuda"} and job.identity()["device"] == "cuda"
    assert len(Job(Settings(device="auto")).places()) == 2


def test_without_a_gpu_auto_is_the_cpu_and_cuda_is_refused(monkeypatch):
    gpus(monkeypatch, 0)
    assert Job(Settings(device="auto"), threads=2).identity()["device"] == "cpu"
    with pytest.raises(ValueError, match="device is cuda, but there is no GPU here. Mend: auto or cpu"):
        Job(Settings(device="cuda")).places()


def test_what_changes_the_words_is_part_of_the_identity_and_the_machine_is_not():
    def identity(workers=1, threads=1, diarize=False, **settings):
        return Job(
            Settings(**{"device": "cpu"} | settings), workers=workers, threads=threads, diarize=diarize
        ).identity()

    plain = identity()
    assert identity(workers=4, threads=9, cpu_threads=3, allow_download=False) == plain
    changes = ({"beam_size": 1}, {"language": "de"}, {"guards": False}, {"diarize": True}, {"model": "large-v3"})
    assert len({str(identity(**change)) for change in changes} | {str(plain)}) == 6


def test_other_weights_in_the_same_model_folder_are_another_model(tmp_path):
    (tmp_path / "model.bin").write_bytes(b"one")
    before = Job(Settings(device="cpu", model=str(tmp_path))).identity()
    (tmp_path / "model.bin").write_bytes(b"three")
    assert Job(Settings(device="cpu", model=str(tmp_path))).identity() != before


def test_one_recording_has_all_cores_and_a_large_model_few_workers(monkeypatch):
    monkeypatch.setattr("pixel.voice.pipeline.job._memory", lambda: 64 << 30)
    embedded, large = (Job(Settings(model=model, device="cpu"), threads=8) for model in ("embedded:base", "large-v3"))

    assert [settings.cpu_threads for settings, _ in embedded.places(most=1)] == [8]
    assert [settings.cpu_threads for settings, _ in embedded.places(most=3)] == [2, 2, 2]
    assert [settings.cpu_threads for settings, _ in large.places(most=100)] == [4, 4]

    monkeypatch.setattr("pixel.voice.pipeline.job._memory", lambda: 5 << 30)
    assert [settings.cpu_threads for settings, _ in embedded.places()] == [4, 4]


@pytest.mark.parametrize("wrong", [{"workers": 0}, {"attempts": 0}, {"threads": 0}, {"window_seconds": 30.0}])
def test_what_cannot_work_is_refused(wrong):
    (name,) = wrong
    with pytest.raises(ValueError, match=f"{name} is .*Mend"):
        Job(Settings(device="cpu"), **wrong)
