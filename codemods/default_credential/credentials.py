"""Which literals are credentials where they stand: not the names of settings, not what is plainly no value."""

from __future__ import annotations

import ast
import re
from typing import TYPE_CHECKING

from codemods.libraries.secret_names import kind_of, words

if TYPE_CHECKING:
    from codemods.engine.project import Module

_OWN = {
    "access", "admin", "api", "app", "auth", "authentication", "django", "encryption", "fernet", "flask", "hash", "hmac", "internal",
    "jwt", "key", "master", "refresh", "salt", "secret", "security", "service", "session", "signing", "token", "webhook", "private",
}  # fmt: skip
"""Words of secrets that the program itself checks or signs with; a vendor's key begins with the vendor's name."""
_SERVICES = {
    "amqp", "broker", "cache", "celery", "clickhouse", "database", "db", "elastic", "elasticsearch", "email", "ftp", "imap", "influx",
    "influxdb", "kafka", "ldap", "mail", "mariadb", "minio", "mongo", "mongodb", "mssql", "mysql", "neo4j", "opensearch", "oracle", "pg",
    "postgres", "postgresql", "proxy", "queue", "rabbitmq", "redis", "sftp", "smtp", "snowflake", "sql", "ssh", "valkey",
}  # fmt: skip
"""Words of passwords that are sent to a server, which refuses a wrong one; not everyone who runs the program has it."""
_PUBLIC = re.compile(r"^(?:phc_|pk_|pk\.|AIza|GTM-|UA-|G-)")
"""How keys begin that are meant to be seen: PostHog's, Stripe's publishable ones, Mapbox's, Google's for browsers."""
_NO_VALUE = re.compile(
    r"(?i)^(?:0|1|true|false|none|null|empty|local|ollama|custom|unused|not[-_ ]?(?:needed|required|used|set)|no[-_ ]?key.*|n/?a|dummy.*|"
    r"placeholder.*|fake.*|test(?:ing)?|x{2,}.*|\*+|\.+|-+|sk-(?:no|xxx|\.\.\.|your|test|fake|1234|dummy).*|your[-_ ].*|<.*>|\{.*\}|"
    r".*\.\.\.|.*placeholder.*|.*your[-_].*|sk|token|key|default(?:[-_]key)?|example.*|bearer|basic|password|secret|string|str)$"
)
_NUMBER = re.compile(r"^[\d.,_]+ ?(?:\w{1,8}|/\w+)?$")
_PLACE = re.compile(r"^(?:\w+://|[./~]|[A-Za-z]:\\|/)|\.(?:json|ya?ml|pem|key|txt|env|toml|crt)$")
_WEAK = re.compile(
    r"(?i)change|secret|insecure|password|passwd|admin|root|postgres|default|dev|letmein|qwerty|guest|demo|^\d+$|super|example|replace|test"
)
_ASKS = re.compile(r"(?i)\byour[-_ ]|change[-_ ]?(?:me|this|it|in)|super[-_]?secret")
_HINT = re.compile(rf"{_ASKS.pattern}|secret[-_ ]?key")
"""A signing key that asks to be replaced is in use until somebody does: nobody refuses it, as a vendor would."""
_DJANGO = "django-insecure-"
"""How the key begins that ``startproject`` writes, so that ``check --deploy`` can warn of it."""
_PHRASE = re.compile(r"[a-z0-9]+(?:[-_][a-z0-9]+)*[!.]?", re.IGNORECASE)
_DEVELOPMENT = {
    "ci", "debug", "demo", "demos", "dev", "devel", "development", "doc", "docs", "example", "examples", "fixture", "fixtures", "local",
    "localhost", "mock", "mocks", "notebook", "notebooks", "playground", "playgrounds", "sample", "samples", "sandbox", "seed", "seeds",
    "test", "testing", "tests", "tutorial", "tutorials", "benchmark", "benchmarks", "e2e", "quickstart", "devstack", "devenv",
}  # fmt: skip
_GUARDS = {
    "debug",
    "dev",
    "development",
    "local",
    "testing",
    "test",
    "environment",
    "env",
    "production",
    "prod",
    "mode",
    "stage",
    "ci",
}
_MEANT = re.compile(
    r"(?i)#.*(?:\bpublic\b|nosec|S10[567]\b|not (?:a )?(?:leaked )?secret|gitleaks:allow|pragma: allowlist)"
)


def is_default(name: str, value: object) -> bool:
    """Whether ``value``, the default of the setting ``name``, is a credential that then is in use.

    Passwords and secrets that the program itself checks are, however simple; a vendor's key is only where it looks like
    one, because a vendor refuses a placeholder.
    """
    kind = kind_of(name)
    if not isinstance(value, str) or not value.strip() or kind is None or kind in {"signature", "code"}:
        return False
    if is_signing(name) and _HINT.search(value) and not _PLACE.search(value):
        return True
    if (kind == "token" and _NUMBER.match(value)) or _says_itself(name, value) or _PLACE.search(value):
        return False
    if _PUBLIC.match(value):
        return False
    if (kind == "password" and not _SERVICES.intersection(words(name))) or is_own(name):
        return not _plainly_nothing(value) or value.lower() in {"password", "secret", "test"}
    return looks_real(value) or (kind == "secret" and not _plainly_nothing(value))


def is_written(name: str, value: object) -> bool:
    """Whether ``name = value`` writes a credential down: a value that looks like one, not a label or a setting's name."""
    if not isinstance(value, str) or kind_of(name) not in {"password", "secret", "key", "token"}:
        return False
    if _PUBLIC.match(value) or "default" in words(name):
        return False
    if is_signing(name) and "key" in words(name):
        if value.startswith(_DJANGO) and len(value) > len(_DJANGO):
            return True
        if _PHRASE.fullmatch(value) and _ASKS.search(value):
            return not _says_itself(name, value)
    return looks_real(value) and not _says_itself(name, value) and not _PLACE.search(value)


def is_placeholder(value: object) -> bool:
    """Whether a text only asks to be replaced: ``YOUR_SECRET_KEY``."""
    return isinstance(value, str) and _ASKS.search(value) is not None


def is_signing(name: str) -> bool:
    """Whether the program signs with it, whatever it is: ``SECRET_KEY``, ``JWT_SECRET``; not ``API_SECRET``, a vendor's."""
    said = words(name)
    return (
        is_own(name) and "secret" in said and not {"api", "access", "service", "webhook"}.intersection(said)
    )


def is_own(name: str) -> bool:
    """Whether all words of the name are of a kind that the program itself checks or signs with: ``JWT_SECRET_KEY``."""
    return all(word in _OWN for word in words(name))


def looks_real(value: str) -> bool:
    """Whether a text is made like a key: long, without blanks, letters and digits mixed; no word of a language."""
    if re.search(r"\s", value) or _plainly_nothing(value) or not value.isascii():
        return False
    mixed = bool(re.search(r"\d", value)) and bool(re.search(r"[A-Za-z]", value))
    parts = [part for part in re.split(r"[-_.:/]", value) if part]
    return mixed and max(len(part) for part in parts) >= 12 and not _WEAK.search(value) and len(value) >= 16


def is_meant(node: ast.expr | ast.stmt, module: Module) -> bool:
    """Whether a remark at the place says that it is meant so: that the key is public, or another linter's silence."""
    lines = module.source.lines[max(node.lineno - 2, 0) : node.end_lineno]
    return any(_MEANT.search(line) for line in lines)


def is_development(path: str, node: ast.AST, module: Module) -> bool:
    """Whether a place is meant for development only: by its folder, file, class, function, or a condition around it."""
    said = {word for part in path.removesuffix(".py").split("/") for word in words(part)}
    if _DEVELOPMENT.intersection(said):
        return True
    inner = node
    for around in module.ancestors(node):
        if isinstance(
            around, (ast.ClassDef, ast.FunctionDef, ast.AsyncFunctionDef)
        ) and _DEVELOPMENT.intersection(words(around.name)):
            return True
        if isinstance(around, (ast.If, ast.IfExp)) and inner is not around.test:
            for part in ast.walk(around.test):
                name = (
                    part.id
                    if isinstance(part, ast.Name)
                    else part.attr
                    if isinstance(part, ast.Attribute)
                    else ""
                )
                name = part.value if isinstance(part, ast.Constant) and isinstance(part.value, str) else name
                if _GUARDS.intersection(words(name)):
                    return True
            if (
                isinstance(around, ast.If)
                and around in module.tree.body
                and "__name__" in ast.unparse(around.test)
            ):
                return True
        if isinstance(around, ast.Assign):
            for target in around.targets:
                if isinstance(target, ast.Name) and _DEVELOPMENT.intersection(words(target.id)):
                    return True
        inner = around
    return False


def _says_itself(name: str, value: str) -> bool:
    """A setting's own name, as for ``PASSWORD = "password"`` of a list of field names."""
    told, named = words(value), words(name)
    return told == named or (len(told) > 1 and told == named[-len(told) :])


def _plainly_nothing(value: str) -> bool:
    return _NO_VALUE.match(value.strip()) is not None
