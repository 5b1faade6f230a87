"""
What the GPUs are doing, as the driver tells through NVML (`nvidia-ml-py`, extra `gpu`).

Without the package, the library or a device there is nothing to tell, and nothing fails.
"""

from collections.abc import Sequence
from typing import Any

THROTTLES = {
    0x0000000000000004: "power cap",
    0x0000000000000008: "hardware slowdown",
    0x0000000000000020: "thermal (software)",
    0x0000000000000040: "thermal (hardware)",
    0x0000000000000080: "power brake",
}
"""Bits of NVML's clock event reasons that slow a busy GPU down. Idle, application clocks and sync boost do not."""

THERMAL = 0x20 | 0x40 | 0x08


class Gpus:
    """
    Reads NVIDIA GPUs. Opened at the first reading.

    Args:
        uuids: of the devices to read (`torch.cuda.get_device_properties(i).uuid`), which does not mistake one for
            another under CUDA_VISIBLE_DEVICES; all by default.
        nvml: stands in for the module `pynvml`.
    """

    def __init__(self, uuids: Sequence[str] | None = None, nvml: Any = None):
        self.uuids, self._nvml = uuids, nvml
        self._handles: list[Any] | None = None

    def read(self) -> list[dict[str, float]]:
        """
        One reading a device.

        Returns:
            a dictionary a device with `gpu_percent` and `gpu_memory_busy_percent` (share of the last sample period in
            which a kernel ran, or memory was read or written), `gpu_memory_bytes`, `gpu_memory_limit_bytes`,
            `gpu_celsius`, `gpu_watts`, `gpu_watts_limit`, `gpu_clock_mhz`, `gpu_clock_max_mhz`, `gpu_throttle` (bits
            of `THROTTLES`), `gpu_ecc_errors` (uncorrected, since the driver was loaded). What a device does not
            support is left out.
        """
        return [self._one(handle) for handle in self._open()]

    def close(self) -> None:
        """Let go of the driver's library."""
        if self._handles:
            self._try(self._nvml.nvmlShutdown)
        self._handles = None

    def _open(self) -> list[Any]:
        if self._handles is None:
            self._handles = self._find()
        return self._handles

    def _find(self) -> list[Any]:
        if self._nvml is None:
            try:
                import pynvml
            except ImportError:
                return []
            self._nvml = pynvml
        nvml = self._nvml
        try:
            nvml.nvmlInit()
            if self.uuids is not None:
                return [nvml.nvmlDeviceGetHandleByUUID(_full(uuid)) for uuid in self.uuids]
            return [nvml.nvmlDeviceGetHandleByIndex(index) for index in range(nvml.nvmlDeviceGetCount())]
        except nvml.NVMLError:
            return []

    def _one(self, handle: Any) -> dict[str, float]:
        nvml, said = self._nvml, {}
        if (used := self._try(nvml.nvmlDeviceGetUtilizationRates, handle)) is not None:
            said |= {"gpu_percent": used.gpu, "gpu_memory_busy_percent": used.memory}
        if (memory := self._try(nvml.nvmlDeviceGetMemoryInfo, handle)) is not None:
            said |= {"gpu_memory_bytes": memory.used, "gpu_memory_limit_bytes": memory.total}
        plain = {
            "gpu_celsius": (nvml.nvmlDeviceGetTemperature, nvml.NVML_TEMPERATURE_GPU),
            "gpu_clock_mhz": (nvml.nvmlDeviceGetClockInfo, nvml.NVML_CLOCK_SM),
            "gpu_clock_max_mhz": (nvml.nvmlDeviceGetMaxClockInfo, nvml.NVML_CLOCK_SM),
            "gpu_throttle": (nvml.nvmlDeviceGetCurrentClocksThrottleReasons,),
            "gpu_ecc_errors": (
                nvml.nvmlDeviceGetTotalEccErrors,
                nvml.NVML_MEMORY_ERROR_TYPE_UNCORRECTED,
                nvml.NVML_VOLATILE_ECC,
            ),
        }
        for name, (function, *arguments) in plain.items():
            if (value := self._try(function, handle, *arguments)) is not None:
                said[name] = value
        for name, function in (
            ("gpu_watts", nvml.nvmlDeviceGetPowerUsage),
            ("gpu_watts_limit", nvml.nvmlDeviceGetEnforcedPowerLimit),
        ):
            if (milliwatts := self._try(function, handle)) is not None:
                said[name] = milliwatts / 1000
        return {name: float(value) for name, value in said.items()}

    def _try(self, function, *arguments) -> Any:
        try:
            return function(*arguments)
        except self._nvml.NVMLError:  # this device, driver or permission does not tell
            return None


def throttles(bits: float) -> list[str]:
    """Why a GPU runs slower than it could, in words."""
    return [words for bit, words in THROTTLES.items() if int(bits) & bit]


def _full(uuid: str) -> str:
    uuid = str(uuid)
    return uuid if uuid.startswith(("GPU-", "MIG-")) else f"GPU-{uuid}"
