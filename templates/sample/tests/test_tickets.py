from unittest.mock import patch

from fastapi.testclient import TestClient

from helpdesk import tickets
from helpdesk.main import app


def test_an_answer_is_mailed(settings):
    with (
        patch("helpdesk.mail.MailService.deliver") as deliver,
        patch("helpdesk.audit.record"),
    ):
        tickets.answer("ann@example.com", 7, "Done.", settings)
    deliver.assert_called_once_with("ann@example.com", "Your ticket 7", "Done.")


def test_an_answer_is_noted(settings):
    with patch.object(tickets.MailService, "send"), patch("helpdesk.tickets.record") as record:
        tickets.answer("ann@example.com", 7, "Done.", settings)
    record.assert_called_once_with("ticket 7 answered")


def test_a_hook_with_a_wrong_token_is_refused():
    response = TestClient(app).post("/tickets/hook", headers={"X-Token": "wrong"})
    assert response.status_code == 401
