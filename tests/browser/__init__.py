"""The pages as people meet them: the real service, a stand-in for GitHub, and a real Chromium between the two."""
