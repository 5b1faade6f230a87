"""What is suggested, and the savings it promises."""

from pixel.monitoring.memory.suggestions import suggest

MIB = 2**20
RUN = {
    "weights": {"trunk": 400 * MIB, "head eq": 4 * MIB}, "gradients": {"trunk": 400 * MIB, "head eq": 4 * MIB},
    "optimizer": {"trunk": 800 * MIB, "head eq": 8 * MIB}, "activations": {"trunk": 300 * MIB, "loss": 50 * MIB},
    "layers": 10, "boundary": 2 * MIB, "logits": 100 * MIB, "batch_size": 4,
}  # fmt: skip


def saves(**changed) -> dict[str, int]:
    return {s.setting.split(":")[0].split(",")[0]: s.saves // MIB for s in suggest(**RUN | changed)}


def test_each_promises_what_follows_from_the_parts():
    assert saves() == {
        "lora_r": 400 + 800,  # the trunk's gradients and states
        "optim": 606,  # three quarters of all states
        "activation_checkpointing": 300 - 20 - 30,  # ten inputs and one layer stay
        "per_device_train_batch_size": 225,  # half of activations and logits
        "use_liger_kernel": 90,
    }


def test_the_largest_comes_first_and_what_is_on_already_is_left_out():
    assert next(iter(saves())) == "lora_r"
    left = saves(adapters=True, checkpointing=True, eight_bit=True, batch_size=1, logits=0)
    assert left == {}


def test_states_can_leave_a_gpu_and_not_a_cpu():
    assert saves(accelerator=True)["accelerate_configs/zero3_offload.yaml"] == 808
