"""Monthly figures of agencies and verifiers."""
