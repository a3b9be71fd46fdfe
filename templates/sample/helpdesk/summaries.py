"""Summaries of tickets, written by a language model."""

import os

from fastapi import APIRouter
from openai import OpenAI

router = APIRouter(prefix="/summaries")

openai_client = OpenAI(api_key=os.getenv("OPENAI_API_KEY"))


@router.post("")
def summarise(text: str) -> dict[str, str]:
    answer = openai_client.chat.completions.create(
        model="gpt-4o-mini",
        messages=[{"role": "user", "content": f"Summarise in one sentence: {text}"}],
    )
    return {"summary": answer.choices[0].message.content or ""}
