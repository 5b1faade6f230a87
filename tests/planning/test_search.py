from dataclasses import replace

from pixel.planning import memory
from pixel.planning.hardware import GIB
from pixel.planning.report import as_json, detail, overview
from pixel.planning.search import ROWS, plan, search
from tests.planning.shapes import setup


def test_what_fits_comes_first_and_the_faster_before_the_slower():
    found = search(setup())
    order = {"fits": 0, "tight": 1, "does not fit": 2}
    assert [order[one.verdict] for one in found] == sorted(order[one.verdict] for one in found)
    fitting = [one.throughput.tokens_per_second[1] for one in found if one.verdict == "fits"]
    assert fitting and fitting == sorted(fitting, reverse=True)


def test_the_largest_batch_that_fits_is_kept():
    for one in search(setup(), ranks=(16,), checkpointing=(True,)):
        if one.verdict == "fits" and one.setup.rows < max(ROWS):
            assert memory(replace(one.setup, rows=2 * one.setup.rows)).verdict != "fits"


def test_thirty_billion_do_not_fit_on_every_device_by_ddp():
    found = search(setup(), shardings=[("ddp", "none"), ("zero3", "none")], ranks=(0,), checkpointing=(True,))
    assert {one.setup.sharding: one.verdict for one in found} == {"zero3": "fits", "ddp": "does not fit"}


def test_host_memory_that_does_not_suffice_does_not_fit():
    planned = setup(offload="optimizer")
    assert plan(planned).verdict == "fits"
    small = replace(planned.machines.device, host_gib=128)
    machines = replace(planned.machines, device=small)
    assert plan(replace(planned, machines=machines)).verdict == "does not fit"


def test_one_device_is_searched_without_sharding():
    found = search(setup("Qwen/Qwen3-0.6B", "h100"), lengths=(512, 1024))
    assert {one.setup.sharding for one in found} == {"none", "zero2", "zero3"}
    assert {one.setup.length for one in found} == {512, 1024}


def test_the_report_says_what_the_numbers_say():
    found = plan(setup())
    text, said = detail(found, 1e9, 2.0), as_json(found, 1e9, 2.0)
    assert "56.9 GiB a device" in text and "30.53 B parameters, 3.35 B active" in text
    assert said["memory"]["states"] / GIB > 56.8 and said["verdict"] == "fits"
    slow, likely, fast = said["budget"]["device_hours"]
    assert slow > likely > fast
    assert said["budget"]["cost"][1] == 2 * likely
    assert likely == 8 * 1e9 / said["tokens_per_second"][1] / 3600


def test_the_overview_has_a_line_for_every_plan():
    found = search(setup(), ranks=(16,))
    assert len(overview(found).splitlines()) == 1 + len(found)
