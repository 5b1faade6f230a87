from transformers import ProgressCallback

from pixel.training.callbacks.brief_log import BriefPrinter, BriefProgress, brief
from tests.training.parts import trainer_for


def test_of_the_balancer_only_weights_and_conflicts_are_printed():
    logs = {
        "loss": 1.0,
        "loss_risk": 0.5,
        "balance_weight/eq": 1.1,
        "balance_conflict_fraction": 0.2,
        "balance_conflict_fraction/language_eq": 0.0,
        "balance_cosine/language_eq": 0.3,
        "balance_gradient_norm/eq": 2.0,
        "balance_probe/cosine/language_eq": 0.1,
        "balance_fallbacks": 0.0,
    }
    assert brief(logs) == {
        "loss": 1.0, "loss_risk": 0.5, "balance_weight/eq": 1.1, "balance_conflict_fraction": 0.2,
    }  # fmt: skip
    assert "balance_fallbacks" in brief({"balance_fallbacks": 2.0})


def test_everything_stays_in_the_history(tmp_path, capsys):
    trainer = trainer_for(tmp_path, per_device_train_batch_size=16)
    trainer.train()
    printed = capsys.readouterr().out
    assert "cosine" not in printed and "'loss_risk'" in printed and "'balance_weight/eq'" in printed
    assert "balance_cosine/language_eq" in trainer.state.log_history[0]
    assert [
        entry for entry in trainer.state.log_history if "train_runtime" in entry and "balance_weight/eq" in entry
    ] == []


def test_the_brief_callbacks_stand_in_the_place_of_the_verbose_ones(tmp_path):
    bar = trainer_for(tmp_path / "a", disable_tqdm=False)
    plain = trainer_for(tmp_path / "b", disable_tqdm=True)
    kinds = [[type(callback) for callback in trainer.callback_handler.callbacks] for trainer in (bar, plain)]
    assert BriefProgress in kinds[0] and ProgressCallback not in kinds[0] and BriefPrinter in kinds[1]
