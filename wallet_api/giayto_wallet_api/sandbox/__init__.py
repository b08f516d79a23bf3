"""The sandbox: made-up people, their records, three agencies and a certificate authority nobody must trust.

Everything here is for development, tests and demonstrations. It is the only part of the wallet backend that
may use the SDK, because it plays the agencies', the citizens' and the verifiers' parts too.
"""
