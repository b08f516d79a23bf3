"""What everybody may read: trust list, catalogue, type metadata, and the verifier bundle that holds it all."""
