"""Small text models that work without the language model."""
