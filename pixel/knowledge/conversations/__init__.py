"""Training conversations made from the knowledge base: who comes, how a session runs, what is said."""
