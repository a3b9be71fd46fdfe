from unittest.mock import MagicMock, patch

from fastapi.testclient import TestClient

from helpdesk import triage
from helpdesk.main import app


def _answer(text: str) -> MagicMock:
    return MagicMock(choices=[MagicMock(message=MagicMock(content=text))])


def test_a_summary_is_what_the_model_says():
    with patch("helpdesk.summaries.openai_client") as client:
        client.chat.completions.create.return_value = _answer("It broke.")
        response = TestClient(app).post("/summaries", params={"text": "Help, it broke!"})
    assert response.json() == {"summary": "It broke."}


def test_an_unknown_team_is_technical(monkeypatch):
    client = MagicMock()
    client.chat.completions.create.return_value = _answer("gardening")
    monkeypatch.setattr(triage, "openai_client", client)
    assert triage.team_for("The roses!") == "technical"
