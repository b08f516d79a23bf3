"""Devices of a wallet: enrolment, sessions bound to the device key, list and removal."""
