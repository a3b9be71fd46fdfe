"""The addresses of the sign-in. GitHub comes back to ``CALLBACK``: it stands in the App's settings there."""

PAGE = "/sign-in"
START = "/sign-in/start"
CALLBACK = "/sign-in/callback"
SIGN_OUT = "/sign-out"
