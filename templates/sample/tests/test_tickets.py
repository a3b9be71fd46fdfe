from unittest.mock import patch

from fastapi.testclient import TestClient

from helpdesk import tickets
from helpdesk.main import app


def test_an_answer_is_mailed(settings):
    with (
        patch("helpdesk.mail.MailService.deliver") as deliver,
        patch("helpdesk.tickets.record"),
    ):
        tickets.answer("ann@example.com", 7, "Done.", settings)
    deliver.assert_called_once_with("ann@example.com", "Your ticket 7", "Done.")


def test_an_answer_names_its_ticket(settings):
    with patch.object(tickets.MailService, "send") as send, patch("helpdesk.audit.record"):
        tickets.answer("bob@example.com", 8, "Done.", settings)
    assert "8" in send.call_args.args[1]


def test_an_answer_is_noted(settings):
    with patch.object(tickets.MailService, "send"), patch("helpdesk.tickets.record") as record:
        tickets.answer("ann@example.com", 7, "Done.", settings)
    record.assert_called_once_with("ticket 7 answered")


def test_a_hook_with_a_wrong_token_is_refused():
    response = TestClient(app).post("/tickets/hook", headers={"X-Token": "wrong"})
    assert response.status_code == 401
