"""Tasks for `inspect-ai`: conversations with simulated clients, the safety flow by rules, switching personas."""
