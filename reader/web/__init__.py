"""The reader in a browser: a server, and a session for each open page. Needs the extra `web`."""
