"""Where memory goes: by component, by phase, over time; and what would need less."""
