"""What setting up has made: the App's credentials, in a file in the data folder, for the service's user alone."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from pydantic import BaseModel, ConfigDict, SecretStr, ValidationError

from bot.settings.private_file import write_private

FILE = "app.json"


class UnusableFile(Exception):  # noqa: N818 - it is the file that is unusable
    """The kept credentials can't be used; ``mistakes`` says why, one line each, and no secret's value."""

    def __init__(self, mistakes: list[str]) -> None:
        super().__init__("\n".join(mistakes))
        self.mistakes = mistakes


class AppCredentials(BaseModel):
    """An App as GitHub made it from a manifest, and the GitHub that it belongs to.

    ``public_url`` and ``operators`` are what was said on the setup page; they hold where the settings say nothing.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)

    github_url: str
    app_id: int
    slug: str
    html_url: str
    private_key: SecretStr
    webhook_secret: SecretStr
    webhook_secret_old: SecretStr | None = None
    client_id: str | None = None
    client_secret: SecretStr | None = None
    public_url: str | None = None
    operators: tuple[str, ...] = ()

    def as_json(self) -> str:
        """All of it, secrets in plain text: for the kept file and for the credentials hook alone."""
        plain: dict[str, Any] = {
            name: value.get_secret_value() if isinstance(value, SecretStr) else value for name, value in self
        }
        return json.dumps({name: value for name, value in plain.items() if value}, indent=2) + "\n"


def kept_file(folder: Path) -> Path:
    """Where the credentials of the App lie in this data folder."""
    return folder / FILE


def keep(folder: Path, app: AppCredentials) -> Path:
    """Writes the credentials, mode 0600; where to. Raises OSError."""
    write_private(kept_file(folder), app.as_json())
    return kept_file(folder)


def read_kept(folder: Path) -> AppCredentials | None:
    """The credentials in this data folder; None if there are none. Raises UnusableFile."""
    path = kept_file(folder)
    try:
        text = path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise UnusableFile([f"{path} cannot be read: {error.strerror}."]) from None
    except UnicodeDecodeError:
        raise UnusableFile([f"{path} is damaged: it is not text."]) from None
    try:
        return AppCredentials.model_validate(json.loads(text))
    except ValueError as error:
        if not isinstance(error, ValidationError):
            raise UnusableFile(
                [
                    f"{path} is damaged: it is not JSON. Bring it back from a back-up, or move it away and set up anew."
                ]
            ) from None
        raise UnusableFile([_worded(path, dict(each)) for each in error.errors()]) from None


def _worded(path: Path, mistake: dict[str, Any]) -> str:
    name = ".".join(str(part) for part in mistake["loc"])
    if not name:
        return f"{path} is damaged: it holds no JSON object."
    if mistake["type"] == "missing":
        return f'{path} lacks "{name}".'
    if mistake["type"] == "extra_forbidden":
        return f'{path} has "{name}", which means nothing there.'
    return f'{path}: "{name}" is wrong: {mistake["msg"]}.'
