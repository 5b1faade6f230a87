"""Expert review: store, assignment, agreement, consensus, and the gate that holds a training run."""
