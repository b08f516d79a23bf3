"""Agencies: who they are, with which keys they call, with which certificates they sign, what they may issue."""
