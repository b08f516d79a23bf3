"""The verification pipeline from QR text to verdict."""
