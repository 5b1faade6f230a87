"""Callbacks that go on from a checkpoint keep what JSON cannot hold."""

import json

from pixel.monitoring.alerts import Alerts
from pixel.training.callbacks.anomaly_watch import AnomalyWatch
from pixel.training.callbacks.combined_early_stopping import CombinedEarlyStopping
from pixel.training.callbacks.restoring import restore_callbacks


def test_state_is_set_in_place_and_in_order():
    alerts = Alerts()
    first, second = CombinedEarlyStopping(patience=1, alerts=alerts), CombinedEarlyStopping(patience=9)
    watch = AnomalyWatch(alerts)
    memory = json.loads(json.dumps(first.memory))
    stored = {
        "CombinedEarlyStopping": [
            {"args": {"patience": 3}, "attributes": {"memory": memory | {"waited": 1}}},
            {"args": {}, "attributes": {"memory": memory | {"waited": 2}}},
        ],
        "AnomalyWatch": {"args": {}, "attributes": {"memory": {"loss_spike": {"series": {"loss": [0.5]}}}}},
        "GoneCallback": {"args": {}, "attributes": {}},
    }  # fmt: skip
    assert restore_callbacks([first, watch, second], stored) == ["GoneCallback"]
    assert (first.waited, second.waited) == (1, 2)
    assert first.alerts is alerts and first.patience == 1
    assert watch.detectors["loss_spike"].series("loss") == [0.5]
