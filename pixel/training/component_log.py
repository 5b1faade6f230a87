"""Running means of every loss component, right whatever the batch sizes were."""

import torch
from torch import Tensor


class ComponentLog:
    """
    Sums totals and counts on the device; the mean is taken when it is asked for.

    Example:
        >>> log = ComponentLog()
        >>> log.add("risk", torch.tensor(6.0), torch.tensor(3.0))
        >>> log.add("risk", torch.tensor(0.0), torch.tensor(1.0))
        >>> log.means()
        {'risk': 1.5}
    """

    def __init__(self):
        self.totals: dict[str, Tensor] = {}

    def add(self, name: str, total: Tensor, count: Tensor) -> None:
        """Add a summed loss and the number of things it was summed over."""
        pair = torch.stack([total.detach().float(), torch.as_tensor(count, device=total.device).float()])
        self.totals[name] = self.totals[name] + pair if name in self.totals else pair

    def means(self, reduce=None) -> dict[str, float]:
        """
        Mean of each component since the last call; components without a label are left out.

        Args:
            reduce: sums a `[names, 2]` tensor over ranks. Every rank must hold the same names.
        """
        if not self.totals:
            return {}
        names = sorted(self.totals)
        table = torch.stack([self.totals[name] for name in names])
        if reduce is not None:
            table = reduce(table)
        self.totals = {}
        return {name: total / count for name, (total, count) in zip(names, table.tolist(), strict=True) if count > 0}
