"""The reader in a browser: who may ask, a session for each page that is open, and the server. Needs the extra `web`."""
