"""The road Pixel does not take, for comparison: TorchJD's own backward, one pass an objective."""

from torchjd.aggregation import UPGrad
from torchjd.autojac import backward, jac_to_grad
from trl import SFTTrainer

from pixel.models.labels import FIELDS
from pixel.objectives import label_counts, objective_losses
from pixel.training import PixelTrainer


class JacobianTrainer(PixelTrainer):
    """
    `PixelTrainer` whose step is `torchjd.autojac.backward` over all trainable parameters, then UPGrad on the Jacobian.

    The same forward pass, losses and optimizer; no fork. The Jacobian's rows are computed one after the other
    (`parallel_chunk_size=1`), since neither TRL's language loss nor attention can be vectorised over losses.
    """

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        self.pixel.fork = None
        self.aggregator = UPGrad()

    def training_step(self, model, inputs, num_items_in_batch=None):
        """One forward pass, k backward passes, one combination; returns the summed loss."""
        model.train()
        inputs = self._prepare_inputs(inputs)
        labels = {name: inputs.pop(name) for name in FIELDS if name in inputs}
        labels |= {"turn_mask": inputs["turn_mask"], "turn_roles": inputs.pop("turn_roles")}
        with self.compute_loss_context_manager():
            language = SFTTrainer.compute_loss(self, model, inputs, num_items_in_batch=num_items_in_batch)
            objectives, _ = objective_losses(self.pixel.take_readouts(), labels, label_counts(labels))
        losses = [language, *objectives.values()]
        parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]
        backward(losses, inputs=parameters, parallel_chunk_size=1)
        reached = [parameter for parameter in parameters if getattr(parameter, "jac", None) is not None]
        jac_to_grad(reached, self.aggregator)
        return sum(loss.detach() for loss in losses)
