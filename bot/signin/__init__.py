"""Signing in to the pages with GitHub, through the App's own OAuth client.

A page takes its parameters from here: ``viewer: SignedIn``, ``viewer: OperatorOnly``, ``repository_id:
SeenRepository`` or ``ChangeableRepository`` (404 for what the viewer does not see), and each POST ``form: Form``
(its fields, checked to come from a page of this service). A form carries ``<input type="hidden" name="csrf"
value="{{ csrf }}">``. The application takes ``router``, ``HANDLERS`` and the middleware ``SecurityHeaders``, and keeps
a ``SignIn`` in ``Pages.sign_in``.
"""

from bot.signin.csrf import Form
from bot.signin.handlers import HANDLERS
from bot.signin.headers import SecurityHeaders
from bot.signin.required import ChangeableRepository, OperatorOnly, SeenRepository, SignedIn, SignInNeeded
from bot.signin.routes import router
from bot.signin.sign_in import SignIn, SignInUnavailable
from bot.signin.viewer import Viewer

__all__ = [
    "HANDLERS",
    "ChangeableRepository",
    "Form",
    "OperatorOnly",
    "SecurityHeaders",
    "SeenRepository",
    "SignIn",
    "SignInNeeded",
    "SignInUnavailable",
    "SignedIn",
    "Viewer",
    "router",
]
