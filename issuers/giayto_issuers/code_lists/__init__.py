"""Code lists that document types share: data files beside this one, and what reads those whose codes have dates.

`<name>.toml` is a list whose codes never change their meaning; `<name>.csv` one of periods (see `dated`).
"""
