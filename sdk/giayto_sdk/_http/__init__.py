"""HTTP as the SDK speaks it: bounded, retried where that is safe, with DPoP proofs and typed errors."""
