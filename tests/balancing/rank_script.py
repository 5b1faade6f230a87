"""One rank of a DDP run (gloo): trains the toy on its share of each batch and, on rank 0, saves what came out."""

import os
import sys

import torch
import torch.distributed as dist
from torch import nn

from pixel.balancing.balancer import Balancer
from pixel.balancing.fork import Fork
from tests.balancing.parts import OBJECTIVES, Toy, conversations

RUNS = {
    "immediate": {"weighting": "upgrad"},
    "previous_step": {"weighting": "mgda", "timing": "previous_step", "ema": 0.3},
    "random_order": {"weighting": "pcgrad"},
    "monitored_sum": {"monitor": True},
    "probed": {"weighting": "upgrad", "source": "lora"},
}
NOT_FINITE_STEP = 2


def train(name: str, rank: int = 0, world: int = 1) -> dict[str, object]:
    """Four steps of SGD; in the third, `immediate` meets a non-finite loss on the last rank's samples only."""
    balancer = Balancer(OBJECTIVES, **RUNS[name])
    toy = Toy(Fork(balancer))
    network = toy if world == 1 else nn.parallel.DistributedDataParallel(toy)
    torch.manual_seed(rank)  # ranks differ in their generators, as they do in training
    weights = []
    for step in range(4):
        inputs, pooling = conversations(batch=4, seed=step)
        share = slice(rank * 4 // world, (rank + 1) * 4 // world)
        toy.zero_grad()
        loss = network(inputs[share], pooling[share])
        if name == "immediate" and step == NOT_FINITE_STEP:
            (loss * (float("inf") if rank == world - 1 else 1.0)).backward()  # this step is skipped, as a scaler would
        else:
            loss.backward()
            with torch.no_grad():
                for parameter in toy.parameters():
                    parameter -= 0.3 * parameter.grad
        balancer.step()
        if name == "probed":
            rows = torch.arange(10.0).view(5, 2) - 4 * torch.arange(5.0).unsqueeze(1) * (1 + step)
            balancer.observe(rows @ rows.T / world)
        weights.append(balancer.weights)
    return {
        "parameters": {key: value.clone() for key, value in toy.state_dict().items()},
        "weights": torch.stack(weights),
        "fallbacks": balancer.fallbacks,
        "gram": balancer.log.gram,
        "own_group": balancer.group is not None,
    }


def main(folder: str) -> None:
    torch.set_num_threads(1)
    rank, world = int(os.environ["RANK"]), int(os.environ["WORLD_SIZE"])
    dist.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=world)
    torch.save({name: train(name, rank, world) for name in RUNS}, f"{folder}/rank{rank}.pt")
    dist.barrier()
    dist.destroy_process_group()


if __name__ == "__main__":
    main(sys.argv[1])
