"""Where a model runs, and in which precision there."""

import torch


def choose_device(name: str = "auto") -> tuple[torch.device, torch.dtype | None]:
    """
    Args:
        name: `auto`, or what `torch.device` understands.

    Returns:
        the device, and the dtype to load the model in; `None` leaves it to the machine's default, which is made for
        its GPU if it has one, so that a CPU beside a GPU gets float32.

    Raises:
        ValueError: no such device here.
    """
    there = torch.cuda.is_available()
    if name == "auto":
        return torch.device("cuda" if there else "cpu"), None
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:  # torch without CUDA asserts
        mend = "use --device cpu" if name != "cpu" else "reinstall torch"
        raise ValueError(f"--device {name}: {str(error).splitlines()[0]}. Mend: {mend}") from None
    return device, torch.float32 if there and device.type == "cpu" else None
