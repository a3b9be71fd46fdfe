"""Which team a ticket belongs to."""

from helpdesk.summaries import openai_client

TEAMS = ("billing", "shipping", "technical")


def team_for(text: str) -> str:
    """One of TEAMS; "technical" where the model names none of them."""
    answer = openai_client.chat.completions.create(
        model="gpt-4o-mini",
        messages=[{"role": "user", "content": f"One of {', '.join(TEAMS)}: {text}"}],
    )
    word = (answer.choices[0].message.content or "").strip().lower()
    return word if word in TEAMS else "technical"
