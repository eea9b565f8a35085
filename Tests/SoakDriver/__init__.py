"""The modules of `Tests/soak`."""
