"""What a run will need, before any machine is rented: memory by part, feasible configurations, throughput."""
