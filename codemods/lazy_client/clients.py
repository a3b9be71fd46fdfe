"""Which clients are looked for, and why each is here: the one table of this rule."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache

_KEY = "raises without an API key"
_CONNECTS = "connects as soon as it is built"
_CREDENTIALS = "looks for credentials as soon as it is built"
_SETTINGS = "fails on a missing or malformed address"


@dataclass(frozen=True, slots=True)
class Client:
    """One kind of client.

    ``vendor`` and ``noun`` are how people call it; ``why`` completes "it ..." in the finding. ``keys`` are the
    keyword arguments that carry the API key and ``position`` the place of the key among the positional ones
    (-1: never positional). ``type``: the class of what a factory function gives; empty for constructors, whose
    own name it is, and where the library has no public name for it. ``configured``: only counts where an
    argument reads the environment or settings.
    """

    vendor: str
    why: str
    noun: str = "client"
    keys: tuple[str, ...] = ()
    position: int = -1
    type: str = ""
    configured: bool = False


@dataclass(frozen=True, slots=True)
class Match:
    """A constructor that the table knows. ``type``: qualified name of the class; empty where none is known."""

    client: Client
    name: str
    type: str


def _keyed(vendor: str, *keys: str, position: int = -1, why: str = _KEY) -> Client:
    return Client(vendor, why, keys=keys or ("api_key",), position=position)


_OPENAI = _keyed("OpenAI")
_AZURE_OPENAI = _keyed("Azure OpenAI")
_ANTHROPIC = _keyed("Anthropic", why="needs an API key")
_BEDROCK = Client("Anthropic Bedrock", _CREDENTIALS)
_VERTEX = Client("Anthropic Vertex", _CREDENTIALS)
_MISTRAL = _keyed("Mistral", why="needs an API key")
_COHERE = _keyed("Cohere", position=0)
_MONGO = Client("MongoDB", "starts monitoring threads and resolves its address as soon as it is built")
_ELASTIC = Client("Elasticsearch", _SETTINGS)
_OPENSEARCH = Client("OpenSearch", _SETTINGS)
_REDIS = Client("Redis", _SETTINGS, configured=True)
_REDIS_URL = Client("Redis", _SETTINGS, type="redis.Redis", configured=True)
_REDIS_ASYNC_URL = Client("Redis", _SETTINGS, type="redis.asyncio.Redis", configured=True)
_AIOREDIS_URL = Client("Redis", _SETTINGS, type="aioredis.Redis", configured=True)
_CLUSTER = Client("Redis Cluster", _CONNECTS)
_BOTO = Client("AWS", "raises without a region, and loads its service description as soon as it is built")
_KAFKA_PRODUCER = Client("Kafka", _CONNECTS, noun="producer")
_KAFKA_CONSUMER = Client("Kafka", _CONNECTS, noun="consumer")
_KAFKA_ADMIN = Client("Kafka", _CONNECTS, noun="admin client")
_PIKA = Client("RabbitMQ", _CONNECTS, noun="connection")
_WEAVIATE = Client("Weaviate", _CONNECTS, type="weaviate.WeaviateClient")
_CHROMA = Client("Chroma", _CONNECTS, type="chromadb.ClientAPI")
_SUPABASE = _keyed("Supabase", "supabase_key", position=1, why="raises without an address and a key")
_SLACK = _keyed("Slack", "token", position=0, why="needs a token")
_GITHUB = Client("GitHub", "needs a token", keys=("login_or_token",), position=0)
_INFLUX = Client("InfluxDB", _SETTINGS)
_CLICKHOUSE = Client("ClickHouse", _CONNECTS, type="clickhouse_connect.driver.client.Client")
_GOOGLE = Client("Google Cloud", _CREDENTIALS)
_AZURE = Client("Azure", _CREDENTIALS)

_EXACT: dict[str, Client] = {
    **{
        f"{home}.{prefix}{name}": {"OpenAI": _OPENAI, "AzureOpenAI": _AZURE_OPENAI}[name]
        for home in ("openai", "langfuse.openai", "posthog.ai.openai")
        for prefix in ("", "Async")
        for name in ("OpenAI", "AzureOpenAI")
    },
    "openai.lib.azure.AzureOpenAI": _AZURE_OPENAI,
    "openai.lib.azure.AsyncAzureOpenAI": _AZURE_OPENAI,
    "openai.Client": _OPENAI,
    "openai.AsyncClient": _OPENAI,
    "anthropic.Anthropic": _ANTHROPIC,
    "anthropic.AsyncAnthropic": _ANTHROPIC,
    "anthropic.Client": _ANTHROPIC,
    "anthropic.AsyncClient": _ANTHROPIC,
    "anthropic.AnthropicBedrock": _BEDROCK,
    "anthropic.AsyncAnthropicBedrock": _BEDROCK,
    "anthropic.AnthropicVertex": _VERTEX,
    "anthropic.AsyncAnthropicVertex": _VERTEX,
    "groq.Groq": _keyed("Groq"),
    "groq.AsyncGroq": _keyed("Groq"),
    "groq.Client": _keyed("Groq"),
    "groq.AsyncClient": _keyed("Groq"),
    "mistralai.Mistral": _MISTRAL,
    "mistralai.client.MistralClient": _MISTRAL,
    "mistralai.async_client.MistralAsyncClient": _MISTRAL,
    "cohere.Client": _COHERE,
    "cohere.ClientV2": _COHERE,
    "cohere.AsyncClient": _COHERE,
    "cohere.AsyncClientV2": _COHERE,
    "google.genai.Client": _keyed("Google GenAI"),
    "google.genai.client.Client": _keyed("Google GenAI"),
    "together.Together": _keyed("Together"),
    "together.AsyncTogether": _keyed("Together"),
    "replicate.Client": _keyed("Replicate", "api_token", position=0, why="needs a token"),
    "replicate.client.Client": _keyed("Replicate", "api_token", position=0, why="needs a token"),
    "tavily.TavilyClient": _keyed("Tavily", position=0),
    "tavily.AsyncTavilyClient": _keyed("Tavily", position=0),
    **{
        f"{session}{name}": _BOTO
        for session in ("boto3.", "boto3.Session.", "boto3.session.Session.")
        for name in ("client", "resource")
    },
    "aioboto3.Session.client": _BOTO,
    "aioboto3.Session.resource": _BOTO,
    "aioboto3.client": _BOTO,
    "aioboto3.resource": _BOTO,
    "pymongo.MongoClient": _MONGO,
    "pymongo.AsyncMongoClient": _MONGO,
    "pymongo.mongo_client.MongoClient": _MONGO,
    "motor.motor_asyncio.AsyncIOMotorClient": _MONGO,
    "motor.motor_tornado.MotorClient": _MONGO,
    "motor.MotorClient": _MONGO,
    "motor.core.AgnosticClient": _MONGO,
    **{
        f"{home}.{name}": _ELASTIC
        for home in ("elasticsearch", "elasticsearch7", "elasticsearch8")
        for name in ("Elasticsearch", "AsyncElasticsearch")
    },
    "elasticsearch_async.AsyncElasticsearch": _ELASTIC,
    "opensearchpy.OpenSearch": _OPENSEARCH,
    "opensearchpy.AsyncOpenSearch": _OPENSEARCH,
    **{
        f"{home}.{name}{factory}": _REDIS
        for home in ("redis", "redis.client", "redis.asyncio", "redis.asyncio.client", "aioredis")
        for name in ("Redis", "StrictRedis")
        for factory in ("", ".from_url", ".from_pool")
    },
    "redis.from_url": _REDIS_URL,
    "redis.utils.from_url": _REDIS_URL,
    "redis.asyncio.from_url": _REDIS_ASYNC_URL,
    "aioredis.from_url": _AIOREDIS_URL,
    **{
        f"{home}.RedisCluster{factory}": _CLUSTER
        for home in ("redis", "redis.cluster", "redis.asyncio", "redis.asyncio.cluster")
        for factory in ("", ".from_url")
    },
    "qdrant_client.QdrantClient": Client("Qdrant", _SETTINGS, keys=("api_key",)),
    "qdrant_client.AsyncQdrantClient": Client("Qdrant", _SETTINGS, keys=("api_key",)),
    "pinecone.Pinecone": _keyed("Pinecone", position=0),
    "pinecone.PineconeAsyncio": _keyed("Pinecone", position=0),
    "pinecone.grpc.PineconeGRPC": _keyed("Pinecone", position=0),
    "weaviate.Client": Client("Weaviate", _CONNECTS),
    "weaviate.WeaviateClient": Client("Weaviate", _SETTINGS),
    **{f"weaviate.connect_to_{name}": _WEAVIATE for name in ("local", "custom", "weaviate_cloud", "wcs", "embedded")},
    "chromadb.HttpClient": _CHROMA,
    "chromadb.CloudClient": _CHROMA,
    "supabase.create_client": Client(**{f: getattr(_SUPABASE, f) for f in ("vendor", "why", "keys", "position")}, type="supabase.Client"),
    "supabase.Client": _SUPABASE,
    "stripe.StripeClient": _keyed("Stripe", position=0),
    "twilio.rest.Client": Client("Twilio", "raises without credentials"),
    "slack_sdk.WebClient": _SLACK,
    "slack_sdk.web.WebClient": _SLACK,
    "slack_sdk.web.client.WebClient": _SLACK,
    "slack_sdk.web.async_client.AsyncWebClient": _SLACK,
    "slack.WebClient": _SLACK,
    "sendgrid.SendGridAPIClient": _keyed("SendGrid", position=0, why="needs an API key"),
    "sendgrid.sendgrid.SendGridAPIClient": _keyed("SendGrid", position=0, why="needs an API key"),
    "github.Github": _GITHUB,
    "github.MainClass.Github": _GITHUB,
    "kafka.KafkaProducer": _KAFKA_PRODUCER,
    "kafka.KafkaConsumer": _KAFKA_CONSUMER,
    "kafka.KafkaAdminClient": _KAFKA_ADMIN,
    "confluent_kafka.Producer": Client("Kafka", "starts its threads as soon as it is built", noun="producer"),
    "confluent_kafka.Consumer": Client("Kafka", "starts its threads as soon as it is built", noun="consumer"),
    "confluent_kafka.admin.AdminClient": Client("Kafka", "starts its threads as soon as it is built", noun="admin client"),
    "aiokafka.AIOKafkaProducer": Client("Kafka", "needs a running event loop", noun="producer"),
    "aiokafka.AIOKafkaConsumer": Client("Kafka", "needs a running event loop", noun="consumer"),
    "karton.core.Producer": Client("Karton", "reads its configuration file and opens its backend", noun="producer"),
    "pika.BlockingConnection": _PIKA,
    "pika.SelectConnection": _PIKA,
    "hvac.Client": Client("Vault", "reads the environment and its token file as soon as it is built"),
    "influxdb.InfluxDBClient": _INFLUX,
    "influxdb_client.InfluxDBClient": _INFLUX,
    "influxdb_client_3.InfluxDBClient3": _INFLUX,
    "clickhouse_connect.get_client": _CLICKHOUSE,
    "clickhouse_connect.create_client": _CLICKHOUSE,
    "clickhouse_driver.Client": Client("ClickHouse", _SETTINGS),
    "snowflake.connector.connect": Client(
        "Snowflake", _CONNECTS, noun="connection", type="snowflake.connector.SnowflakeConnection"
    ),
    "psycopg.connect": Client("PostgreSQL", _CONNECTS, noun="connection", type="psycopg.Connection"),
    "psycopg.Connection.connect": Client("PostgreSQL", _CONNECTS, noun="connection"),
    "psycopg2.connect": Client(
        "PostgreSQL", _CONNECTS, noun="connection", type="psycopg2.extensions.connection"
    ),
}  # fmt: skip

_PATTERNS: tuple[tuple[re.Pattern[str], Client], ...] = (
    (re.compile(r"google\.cloud\.(?:\w+\.)*\w*Client(?:\.from_\w+)?"), _GOOGLE),
    (re.compile(r"azure\.(?!core\.|identity\.)(?:\w+\.)*\w+Client(?:\.from_\w+)?"), _AZURE),
)
_FACTORY = re.compile(r"\.(?:from_\w+|connect)$")


@cache
def packages() -> tuple[str, ...]:
    """The top-level packages of the table, sorted."""
    return tuple(sorted({name.partition(".")[0] for name in _EXACT} | {"google", "azure"}))


@cache
def construction() -> re.Pattern[bytes]:
    """Text that a file must hold if it builds a client: a constructor that is called, or imported under another name."""
    last = {name.rpartition(".")[2] for name in _EXACT}
    names = "|".join(sorted(re.escape(name) for name in last))
    return re.compile(rf"\b(?:{names}|\w*Client|from_\w+)\s*(?:[(\[]|as\b)".encode())


def may_build(data: bytes) -> bool:
    """Whether a file with these bytes may build a client of the table."""
    return any(top in data for top in _tops()) and construction().search(data) is not None


@cache
def _tops() -> tuple[bytes, ...]:
    return tuple(top.encode() for top in packages())


def match(name: str, own: frozenset[str] = frozenset()) -> Match | None:
    """What the table, and the repository's ``own`` additions to it, know of the callable ``name``."""
    client = _EXACT.get(name)
    if client is None:
        client = next((known for pattern, known in _PATTERNS if pattern.fullmatch(name)), None)
    if client is None and name in own:
        return _listed(name)
    if client is None:
        return None
    if client is _BOTO:
        return Match(client, name, "")
    return Match(client, name, client.type or _FACTORY.sub("", name))


def _listed(name: str) -> Match:
    """A constructor that the repository's own configuration names."""
    top, last = name.partition(".")[0], name.rpartition(".")[2]
    vendor = last.removesuffix("Client") or top
    client = Client(vendor, "is listed among this repository's clients", keys=("api_key",))
    return Match(client, name, _FACTORY.sub("", name) if last[:1].isupper() or _FACTORY.search(name) else "")
