"""The driver behind Benchmarks/run and Benchmarks/gate."""
