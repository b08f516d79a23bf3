"""A wallet written apart from the SDK, so that each part of its answer can be wrong in exactly one way."""

from openid4vp.answering import RequestSeen, encrypted_form, key_bound, plain_form, read_request_object

__all__ = ["RequestSeen", "encrypted_form", "key_bound", "plain_form", "read_request_object"]
