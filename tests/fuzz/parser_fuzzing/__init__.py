"""A search for inputs that a parser answers wrongly: `make fuzz` (SECONDS=600 for longer).

What is searched for, in every parser of what strangers send: an error that is not declared, an answer that takes more
than 50 ms of processor time or 64 MiB, and something believed that was never signed. atheris steers the search by what
code an input reaches; each parser is searched in a process of its own.
"""
