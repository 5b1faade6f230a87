"""Clinical judgement that can be checked: differentials, crisis and risk, appropriateness, all with reasons."""
