"""Messages to the team's channel."""

from slack_sdk import WebClient

from helpdesk.settings import get_settings

slack = WebClient(token=get_settings().slack_token)
CHANNELS = {channel["name"]: channel["id"] for channel in slack.conversations_list()["channels"]}


def tell_team(team: str, text: str) -> None:
    slack.chat_postMessage(channel=CHANNELS[team], text=text)
