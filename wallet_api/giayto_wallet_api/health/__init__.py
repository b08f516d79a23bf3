"""Liveness and readiness, for whatever starts and watches the service."""
