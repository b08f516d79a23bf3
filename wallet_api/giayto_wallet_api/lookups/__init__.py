"""Which subjects can receive a document, and for which holder keys it is to be signed. Only agencies may ask."""
