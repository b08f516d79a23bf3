"""An OpenID provider for development, over a generated population. Never in production."""
