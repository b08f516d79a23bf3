"""A streaming response that leaves the request body alone.

The framework's own streaming response listens for a disconnect by receiving messages, and so would eat the request
body that is still coming in. Here whoever reads the body notices the disconnect.
"""

from litestar.response.streaming import ASGIStreamingResponse
from litestar.types import Receive, Send


class DuplexResponse(ASGIStreamingResponse):
    """Sends what its iterator yields, while the iterator reads the request body."""

    async def send_body(self, send: Send, receive: Receive) -> None:
        """Send the chunks as they come."""
        await self._stream(send)
