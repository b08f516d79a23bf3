"""Documents that wait: for a wallet, for the keys of a new device, for fresh keys. The agency signs them when asked."""
