"""What `Tests/soak` is made of."""
