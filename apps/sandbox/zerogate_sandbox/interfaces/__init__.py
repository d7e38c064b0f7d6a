"""Ways into a sandbox: in this process, as an ASGI app, over HTTP; and out of it: webhooks."""
