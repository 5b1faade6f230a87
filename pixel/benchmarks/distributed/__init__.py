"""Several processes beside one."""
