"""The modules of `Tests/browser`."""
