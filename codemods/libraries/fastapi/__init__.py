"""FastAPI and Starlette: apps, routers and all the routes of a project, handlers and dependencies.

``table_of(project)`` is the table of apps and routes; ``route_mark(function, module, project)`` says whether a function
handles a route; ``dependencies(project)`` are the functions given to ``Depends``; ``origins`` tells where an app, router
or client was made.
"""

from codemods.libraries.fastapi.handlers import dependencies, route_mark
from codemods.libraries.fastapi.model import App, Place, Route, Table
from codemods.libraries.fastapi.origins import origins
from codemods.libraries.fastapi.table import table_of

__all__ = ["App", "Place", "Route", "Table", "dependencies", "origins", "route_mark", "table_of"]
