"""The benchmark: data sets, robots (simulated users), metrics, protocols, reports."""
