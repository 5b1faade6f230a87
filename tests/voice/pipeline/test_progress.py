from pixel.voice.pipeline.progress import Progress


def test_speed_and_time_left_come_from_this_run_alone():
    progress = Progress(total=36_000.0, done=18_000.0)
    progress.started -= 100.0
    progress.add(2_000.0)
    # 2,000 s in 100 s: 20 times; 16,000 s are left, 800 s at that speed
    assert progress.line() == "5:33:20 of 10:00:00 heard, 20.0x real time, 0:13:20 left"


def test_what_will_never_be_heard_is_not_waited_for():
    progress = Progress(total=1_000.0, done=0.0)
    progress.started -= 10.0
    progress.add(100.0)
    progress.shrink(800.0)
    assert progress.line().endswith("10.0x real time, 0:00:10 left")
    progress.shrink(800.0)
    assert progress.line().endswith("0:00:00 left")


def test_recordings_longer_than_they_said_do_not_run_backwards():
    progress = Progress(total=50.0, done=0.0)
    progress.started -= 10.0
    progress.add(100.0)
    assert progress.line().endswith("0:00:00 left")


def test_without_a_terminal_there_is_no_bar(capsys):
    progress = Progress(10.0, 0.0)
    progress.add(5.0)
    progress.close()
    assert progress.bar is None and capsys.readouterr().err == ""
