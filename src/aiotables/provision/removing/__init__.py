"""Taking away what runs made, and nothing else."""
