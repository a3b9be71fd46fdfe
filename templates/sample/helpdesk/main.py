"""The web service."""

from fastapi import FastAPI

from helpdesk import summaries, tickets

app = FastAPI(title="Helpdesk")
app.include_router(summaries.router)
app.include_router(tickets.router)
