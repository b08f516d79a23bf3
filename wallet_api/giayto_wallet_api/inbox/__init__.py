"""Documents of a citizen: delivered, confirmed or declined, and what became of them since."""
