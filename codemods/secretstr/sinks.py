"""Library calls that need text (or bytes) and get a mask or an error from a secret.

A table entry is the call's full name and its parameters: a name, with its position where it may be given by place.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from codemods.engine.project import Module, Project


@dataclass(frozen=True)
class Sink:
    """Where a secret must be text: ``what`` names it for people; ``wants_bytes``: text would not do either; ``takes_bytes``: bytes do as well."""

    what: str
    wants_bytes: bool = False
    takes_bytes: bool = False


_KEY = "api_key"
_AWS = "aws_access_key_id aws_secret_access_key aws_session_token"
_DATABASE = "dsn:0 password passwd"
_TEXT_CALLS = {
    # Clients that put the key into a header as text: "Bearer **********" goes out.
    "openai.OpenAI": _KEY, "openai.AsyncOpenAI": _KEY,
    "openai.AzureOpenAI": "api_key azure_ad_token", "openai.AsyncAzureOpenAI": "api_key azure_ad_token",
    "anthropic.Anthropic": "api_key auth_token", "anthropic.AsyncAnthropic": "api_key auth_token",
    "anthropic.AnthropicBedrock": "aws_secret_key aws_access_key aws_session_token",
    "anthropic.AsyncAnthropicBedrock": "aws_secret_key aws_access_key aws_session_token",
    "groq.Groq": _KEY, "groq.AsyncGroq": _KEY, "mistralai.Mistral": _KEY, "together.Together": _KEY,
    "together.AsyncTogether": _KEY, "cohere.Client": "api_key:0", "cohere.AsyncClient": "api_key:0",
    "cohere.ClientV2": "api_key:0", "cohere.AsyncClientV2": "api_key:0", "replicate.Client": "api_token:0",
    "google.genai.Client": _KEY, "google.generativeai.configure": _KEY, "voyageai.Client": "api_key:0",
    "voyageai.AsyncClient": "api_key:0", "tavily.TavilyClient": "api_key:0", "tavily.AsyncTavilyClient": "api_key:0",
    "elevenlabs.client.ElevenLabs": _KEY, "elevenlabs.ElevenLabs": _KEY, "deepgram.DeepgramClient": "api_key:0",
    "firecrawl.FirecrawlApp": "api_key:0", "exa_py.Exa": "api_key:0", "langfuse.Langfuse": "public_key:0 secret_key:1",
    "qdrant_client.QdrantClient": _KEY, "qdrant_client.AsyncQdrantClient": _KEY, "pinecone.Pinecone": "api_key:0",
    "weaviate.auth.AuthApiKey": "api_key:0", "weaviate.classes.init.Auth.api_key": "api_key:0",
    "supabase.create_client": "supabase_url:0 supabase_key:1", "supabase.acreate_client": "supabase_url:0 supabase_key:1",
    "supabase.create_async_client": "supabase_url:0 supabase_key:1", "meilisearch.Client": "url:0 api_key:1",
    "elasticsearch.Elasticsearch": "api_key password", "elasticsearch.AsyncElasticsearch": "api_key password",
    "opensearchpy.OpenSearch": "api_key", "hvac.Client": "url:0 token:1", "influxdb_client.InfluxDBClient": "url:0 token:1",
    "stripe.StripeClient": "api_key:0", "stripe.Webhook.construct_event": "secret:2",
    "stripe.StripeClient.construct_event": "secret:2",
    "twilio.rest.Client": "username:0 password:1", "sendgrid.SendGridAPIClient": "api_key:0",
    "slack_sdk.WebClient": "token:0", "slack_sdk.web.async_client.AsyncWebClient": "token:0",
    "slack_sdk.web.WebClient": "token:0", "slack_bolt.App": "token signing_secret",
    "slack_bolt.async_app.AsyncApp": "token signing_secret", "slack_sdk.signature.SignatureVerifier": "signing_secret:0",
    "slack_sdk.webhook.WebhookClient": "url:0",
    "github.Github": "login_or_token:0 password:1", "github.Auth.Token": "token:0", "gitlab.Gitlab": "private_token oauth_token",
    "telegram.Bot": "token:0", "telegram.ext.ApplicationBuilder.token": "token:0", "telegram.ext.Application.builder().token": "token:0", "telebot.TeleBot": "token:0",
    "telebot.async_telebot.AsyncTeleBot": "token:0", "aiogram.Bot": "token:0",
    "discord.Client.run": "token:0", "discord.Client.start": "token:0", "discord.Client.login": "token:0",
    "discord.ext.commands.Bot.run": "token:0", "discord.ext.commands.Bot.start": "token:0", "discord.Bot.run": "token:0",
    "sentry_sdk.init": "dsn:0", "logfire.configure": "token", "paho.mqtt.client.Client.username_pw_set": "username:0 password:1",
    "django.contrib.auth.hashers.make_password": "password:0", "django.contrib.auth.hashers.check_password": "password:0",
    "django.contrib.auth.authenticate": "username password", "django.contrib.auth.models.User.set_password": "raw_password:0",
    "django.contrib.auth.models.User.check_password": "raw_password:0",
    "django.contrib.auth.models.AbstractUser.set_password": "raw_password:0",
    "django.contrib.auth.models.AbstractUser.check_password": "raw_password:0",
    "django.contrib.auth.base_user.AbstractBaseUser.set_password": "raw_password:0", "azure.core.credentials.AzureKeyCredential": "key:0",
    "azure.identity.ClientSecretCredential": "client_secret:2", "azure.identity.aio.ClientSecretCredential": "client_secret:2",
    "azure.storage.blob.BlobServiceClient.from_connection_string": "conn_str:0",
    "azure.storage.blob.aio.BlobServiceClient.from_connection_string": "conn_str:0",
    "minio.Minio": "access_key:1 secret_key:2", "keycloak.KeycloakAdmin": "username password client_secret_key",
    "keycloak.KeycloakOpenIDConnection": "username password client_secret_key",
    "keycloak.KeycloakOpenID": "client_secret_key",
    "boto3.client": _AWS, "boto3.resource": _AWS, "boto3.Session": _AWS, "boto3.session.Session": _AWS,
    "boto3.Session.client": _AWS, "boto3.Session.resource": _AWS, "boto3.session.Session.client": _AWS,
    "boto3.session.Session.resource": _AWS, "aioboto3.Session": _AWS, "aioboto3.Session.client": _AWS,
    "aioboto3.Session.resource": _AWS, "aiobotocore.session.get_session().create_client": _AWS,
    # Signing and hashing.
    "jwt.encode": "key:1", "jwt.decode": "key:1", "jwt.PyJWT.encode": "key:1", "jwt.PyJWT.decode": "key:1",
    "jose.jwt.encode": "key:1", "jose.jwt.decode": "key:1", "jose.jws.sign": "key:1", "jose.jws.verify": "key:1",
    "authlib.jose.jwt.encode": "key:2", "authlib.jose.jwt.decode": "key:1",
    "cryptography.fernet.Fernet": "key:0", "itsdangerous.URLSafeTimedSerializer": "secret_key:0",
    "itsdangerous.URLSafeSerializer": "secret_key:0", "itsdangerous.Signer": "secret_key:0",
    "itsdangerous.TimestampSigner": "secret_key:0", "itsdangerous.Serializer": "secret_key:0",
    "itsdangerous.url_safe.URLSafeTimedSerializer": "secret_key:0", "itsdangerous.TimedSerializer": "secret_key:0",
    "passlib.context.CryptContext.hash": "secret:0", "passlib.context.CryptContext.verify": "secret:0 hash:1",
    "argon2.PasswordHasher.hash": "password:0", "argon2.PasswordHasher.verify": "hash:0 password:1",
    "starlette.middleware.sessions.SessionMiddleware": "secret_key:1", "secrets.compare_digest": "a:0 b:1",
    "hmac.compare_digest": "a:0 b:1", "werkzeug.security.generate_password_hash": "password:0",
    "werkzeug.security.check_password_hash": "pwhash:0 password:1",
    # Databases, caches, queues.
    "sqlalchemy.create_engine": "url:0", "sqlalchemy.ext.asyncio.create_async_engine": "url:0",
    "sqlmodel.create_engine": "url:0", "sqlalchemy.engine.create_engine": "url:0", "sqlalchemy.make_url": "name_or_url:0",
    "sqlalchemy.engine.make_url": "name_or_url:0", "sqlalchemy.engine.url.make_url": "name_or_url:0",
    "sqlalchemy.URL.create": "password:2", "sqlalchemy.engine.URL.create": "password:2",
    "sqlalchemy.engine.url.URL.create": "password:2",
    **{f"pydantic.{dsn}.build": "password" for dsn in ("PostgresDsn", "RedisDsn", "MySQLDsn", "MariaDBDsn", "AmqpDsn", "MongoDsn", "KafkaDsn", "AnyUrl", "AnyHttpUrl", "HttpUrl", "CockroachDsn", "ClickHouseDsn")},
    "pydantic_core.MultiHostUrl.build": "password", "pydantic_core.Url.build": "password",
    "yarl.URL.build": "password", "asyncpg.connect": _DATABASE, "asyncpg.create_pool": _DATABASE,
    "psycopg.connect": "conninfo:0 password", "psycopg.AsyncConnection.connect": "conninfo:0 password",
    "psycopg.Connection.connect": "conninfo:0 password", "psycopg2.connect": _DATABASE,
    "psycopg_pool.AsyncConnectionPool": "conninfo:0", "psycopg_pool.ConnectionPool": "conninfo:0",
    "pymysql.connect": "password passwd", "aiomysql.connect": "password", "aiomysql.create_pool": "password",
    "mysql.connector.connect": "password", "snowflake.connector.connect": "password token",
    "clickhouse_connect.get_client": "password access_token", "clickhouse_driver.Client": "password",
    "pymongo.MongoClient": "host:0 password", "pymongo.AsyncMongoClient": "host:0 password",
    "motor.motor_asyncio.AsyncIOMotorClient": "host:0 password",
    "redis.Redis": "password", "redis.StrictRedis": "password", "redis.asyncio.Redis": "password",
    "redis.asyncio.StrictRedis": "password", "redis.from_url": "url:0 password", "redis.asyncio.from_url": "url:0 password",
    "redis.Redis.from_url": "url:0 password", "redis.asyncio.Redis.from_url": "url:0 password",
    "redis.ConnectionPool": "password", "redis.asyncio.ConnectionPool": "password",
    "redis.ConnectionPool.from_url": "url:0 password", "redis.asyncio.ConnectionPool.from_url": "url:0 password",
    "redis.RedisCluster": "password", "redis.asyncio.RedisCluster": "password", "redis.cluster.RedisCluster": "password",
    "aioredis.from_url": "url:0 password", "aioredis.create_redis_pool": "address:0 password",
    "arq.connections.RedisSettings": "password", "celery.Celery": "broker backend", "kombu.Connection": "hostname:0",
    "pika.PlainCredentials": "password:1", "pika.credentials.PlainCredentials": "password:1", "pika.URLParameters": "url:0",
    "aio_pika.connect": "url:0 password", "aio_pika.connect_robust": "url:0 password", "faust.App": "broker",
    "neo4j.basic_auth": "password:1", "ldap3.Connection": "password:2",
    # Mail, shells, files over the wire.
    "smtplib.SMTP.login": "user:0 password:1", "smtplib.SMTP_SSL.login": "user:0 password:1",
    "aiosmtplib.SMTP.login": "username:0 password:1", "aiosmtplib.send": "username password",
    "aiosmtplib.SMTP": "username password", "imaplib.IMAP4.login": "user:0 password:1",
    "imaplib.IMAP4_SSL.login": "user:0 password:1", "ftplib.FTP.login": "user:0 passwd:1", "ftplib.FTP": "passwd:2",
    "paramiko.SSHClient.connect": "password", "paramiko.client.SSHClient.connect": "password", "asyncssh.connect": "password",
    # HTTP credentials.
    "httpx.BasicAuth": "username:0 password:1", "httpx.DigestAuth": "username:0 password:1",
    "requests.auth.HTTPBasicAuth": "username:0 password:1", "requests.auth.HTTPDigestAuth": "username:0 password:1",
    "aiohttp.BasicAuth": "login:0 password:1", "authlib.integrations.httpx_client.AsyncOAuth2Client": "client_secret:1",
    "authlib.integrations.httpx_client.OAuth2Client": "client_secret:1",
    "authlib.integrations.requests_client.OAuth2Session": "client_secret:1",
    "authlib.integrations.starlette_client.OAuth.register": "client_secret",
    "authlib.integrations.starlette_client.OAuth().register": "client_secret",
    "requests_oauthlib.OAuth2Session.fetch_token": "client_secret password",
    **{f"httpx_oauth.clients.{client}": "client_id:0 client_secret:1" for client in ("google.GoogleOAuth2", "github.GitHubOAuth2", "microsoft.MicrosoftGraphOAuth2", "openid.OpenID", "discord.DiscordOAuth2")},
    # The standard library's text functions: they raise TypeError, or write the mask.
    "urllib.parse.quote": "string:0", "urllib.parse.quote_plus": "string:0", "urllib.parse.unquote": "string:0",
    "urllib.parse.urlparse": "url:0", "urllib.parse.urlsplit": "url:0", "urllib.parse.urljoin": "base:0 url:1",
    "shlex.quote": "s:0", "shlex.split": "s:0", "json.loads": "s:0", "os.putenv": "key:0 value:1",
    "os.environ.setdefault": "key:0 value:1", "pathlib.Path.write_text": "data:0", "fastapi.Response.set_cookie": "value:1", "starlette.responses.Response.set_cookie": "value:1", "base64.b64decode": "s:0",
    "binascii.unhexlify": "hexstr:0", "builtins.int": "x:0", "builtins.bytes.fromhex": "string:0",
}  # fmt: skip

_EITHER = (
    "jwt.", "jose.", "itsdangerous.", "cryptography.fernet.", "passlib.context.", "argon2.PasswordHasher.", "json.loads",
    "base64.b64decode", "binascii.unhexlify", "urllib.parse.quote",
)  # fmt: skip
"""Calls that take text and bytes alike."""

_BYTES_CALLS = {
    "hmac.new": "key:0 msg:1", "hmac.digest": "key:0 msg:1", "base64.b64encode": "s:0",
    "base64.urlsafe_b64encode": "s:0", "bcrypt.hashpw": "password:0", "bcrypt.checkpw": "password:0 hashed_password:1",
    **{f"hashlib.{name}": "data:0 string:0" for name in ("md5", "sha1", "sha224", "sha256", "sha384", "sha512", "sha3_256", "sha3_512", "blake2b", "blake2s")},
    "hashlib.pbkdf2_hmac": "password:1 salt:2", "hashlib.scrypt": "password:0", "binascii.hexlify": "data:0",
}  # fmt: skip

MODULE_ATTRIBUTES = {
    "openai.api_key", "stripe.api_key", "resend.api_key", "anthropic.api_key", "sendgrid.api_key", "cohere.api_key",
    "stripe.default_http_client", "replicate.api_token", "litellm.api_key", "litellm.openai_key", "groq.api_key",
}  # fmt: skip
"""Attributes of libraries' modules that hold a key as text."""


def _parameters(table: dict[str, str]) -> dict[str, dict[str | int, str]]:
    found: dict[str, dict[str | int, str]] = {}
    for call, text in table.items():
        slots: dict[str | int, str] = {}
        for part in text.split():
            name, _, position = part.partition(":")
            slots[name] = name
            if position:
                slots[int(position)] = name
        found[call] = slots
    return found


def short(name: str) -> str:
    """A full name without the modules in the middle: libraries export a class from more than one of them."""
    parts = name.split(".")
    head = parts[:2] if parts[0] in _SHARED_TOPS else parts[:1]
    rest = parts[len(head) : -1]
    return ".".join([*head, *(part for part in rest if part[:1].isupper()), parts[-1]]) if rest else name


def _with_short(table: dict[str, dict[str | int, str]]) -> dict[str, dict[str | int, str]]:
    return {**{short(name): slots for name, slots in table.items()}, **table}


_SHARED_TOPS = {"google", "azure", "aws"}
_TEXT = _with_short(_parameters(_TEXT_CALLS))
_BYTES = _parameters(_BYTES_CALLS)


def place_of(call: ast.Call, node: ast.expr) -> str | int | None:
    """How ``node`` is handed to ``call``: the keyword, or the position; None where that can't be told."""
    for keyword in call.keywords:
        if keyword.value is node:
            return keyword.arg
    for position, argument in enumerate(call.args):
        if isinstance(argument, ast.Starred):
            return None
        if argument is node:
            return position
    return None


def called_names(call: ast.Call, module: Module, project: Project) -> list[str]:
    """The full names that a call's function may go by: its own, or what a library class inherited from gives."""
    types = project.types
    known = types.of(call.func, module)
    if known is not None:
        return [known.name] if not known.path else []
    if isinstance(call.func, ast.Attribute):
        owner = types.of(call.func.value, module)
        if owner is not None and owner.path and owner.kind in {"instance", "class"}:
            return [f"{base}.{call.func.attr}" for base in types.ancestry(owner)]
    return []


def known_sink(call: ast.Call, place: str | int | None, module: Module, project: Project) -> Sink | None:
    """What is known of handing something to a library's call at ``place``."""
    if place is None:
        return None
    for name in called_names(call, module, project):
        slots = _TEXT.get(name) or _TEXT.get(short(name)) or {}
        if place in slots and name.startswith(_EITHER):
            return Sink(f"{name}() needs `{slots[place]}` as text or bytes", takes_bytes=True)
        if place in slots:
            return Sink(f"{name}() needs `{slots[place]}` as text")
        slots = _BYTES.get(name) or {}
        if place in slots:
            return Sink(f"{name}() needs `{slots[place]}` as bytes", wants_bytes=True)
    if (
        isinstance(place, str)
        and isinstance(call.func, ast.Attribute)
        and call.func.attr == "add_middleware"
        and call.args
    ):
        # Starlette hands the keywords to the class in its first argument.
        inner = project.types.qualified(call.args[0], module) or ""
        inner = inner.replace("fastapi.middleware", "starlette.middleware")
        if place in _TEXT.get(inner, ()):
            return Sink(f"{inner} needs `{place}` as text")
    return None
