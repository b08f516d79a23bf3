"""What an agency, a bank or a phone imports, and the giayto command."""
