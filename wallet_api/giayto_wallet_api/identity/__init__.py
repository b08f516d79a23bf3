"""Who a citizen is: verified ID tokens of an identity provider, and a provider of our own for development."""
