"""Document types as data: the model, its files, what is derived from them."""
