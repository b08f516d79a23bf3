"""Events for agencies: stored with the change that they tell of, delivered to their webhooks until they arrive."""
