"""From what was heard to conversations that a model trains on: turns, roles, questions, checks, dataset."""
