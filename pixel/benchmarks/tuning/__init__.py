"""Settings chosen by search: Optuna trials on one frozen study, resumable after a kill, shared by several workers."""
