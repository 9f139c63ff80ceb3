"""Every number that the local Slack enforces, in one place.

Sources: Slack's developer documentation and the validators of slack-sdk 3.47. A number that Slack does not
publish is marked; there the value seen in practice stands.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Final

# Clocks
ACK: Final = timedelta(seconds=3)  # command, button, submission, option request, event
TRIGGER: Final = timedelta(seconds=3)  # a trigger id lives this long and works once
RESPONSE_URL: Final = timedelta(minutes=30)
RESPONSE_URL_USES: Final = 5
REDELIVERY: Final = (timedelta(0), timedelta(minutes=1), timedelta(minutes=5))  # pauses before the three retries
REFRESH_WARNING: Final = timedelta(seconds=10)  # between the warning and the end of a socket
PING: Final = timedelta(seconds=10)
TICKET: Final = timedelta(seconds=30)  # a Socket Mode address, good for one connection
UPLOAD_URL: Final = timedelta(minutes=10)
SOCKETS: Final = 10

# Messages
BLOCKS_MESSAGE: Final = 50
BLOCKS_VIEW: Final = 100
BLOCKS_CHARACTERS: Final = 13_000  # over all blocks of a message; not published
TEXT_CUT: Final = 40_000  # chat.postMessage cuts here and warns
TEXT_UPDATE: Final = 4_000  # chat.update refuses more
METADATA: Final = 16_000
METADATA_TYPE: Final = 255
ATTACHMENTS: Final = 100

# Blocks and their parts
ID: Final = 255  # action_id, block_id, callback_id, external_id
SECTION_TEXT: Final = 3_000
SECTION_FIELD: Final = 2_000
SECTION_FIELDS: Final = 10
HEADER: Final = 150
CONTEXT: Final = 10
ACTIONS: Final = 25
CONTEXT_ACTIONS: Final = 5
MARKDOWN: Final = 12_000
TABLE_ROWS: Final = 100
TABLE_COLUMNS: Final = 20
TABLE_CHARACTERS: Final = 10_000  # over all tables of a message
DATA_ROWS: Final = 101  # the header and 100 rows
DATA_PAGE: Final = 100
CHART_TITLE: Final = 50
CHART_SERIES: Final = 6  # series, and segments of a pie
CHART_POINTS: Final = 20
CHART_LABEL: Final = 20
CHARTS: Final = 2
CARD_TITLE: Final = 150
CARD_BODY: Final = 200
CARDS: Final = 10
CONTAINER_TITLE: Final = 150
CONTAINER_BLOCKS: Final = 10
ALERT: Final = 200
IMAGE_TEXT: Final = 2_000  # alternative text and title
URL: Final = 3_000
VIDEO_TITLE: Final = 200
VIDEO_AUTHOR: Final = 50
PLAN_TITLE: Final = 150
TASK_TITLE: Final = 150
TASKS: Final = 50
CONNECTED: Final = 150  # value and description of an auth_provider
CONNECTED_NAME: Final = 75
BUTTON_TEXT: Final = 75
BUTTON_VALUE: Final = 2_000
AGENT_PROMPT: Final = 4_000
OPTION_TEXT: Final = 75
OPTION_VALUE: Final = 150
OPTION_DESCRIPTION: Final = 75
OPTIONS: Final = 100
OPTION_GROUPS: Final = 100
OVERFLOW: Final = 5
CHOICES: Final = 10  # checkboxes and radio buttons
CONFIRM_TITLE: Final = 100
CONFIRM_TEXT: Final = 300
CONFIRM_BUTTON: Final = 30
LABEL: Final = 2_000
PLACEHOLDER: Final = 150
INPUT_TEXT: Final = 3_000  # what a person can type into one field
FILE_INPUTS: Final = 10

# Views
VIEW_TITLE: Final = 24
PRIVATE_METADATA: Final = 3_000
STACK: Final = 3
VIEW_BYTES: Final = 250_000

# Files
SNIPPET: Final = 1_048_576
FILE: Final = 1_073_741_824
ALT_TEXT: Final = 1_000

# Events
SUBTEAM_USERS: Final = 500  # members of a user group in subteam_updated

# What the local Slack remembers
KEEP_MESSAGES: Final = 5_000  # per channel
KEEP_CALLS: Final = 50_000
KEEP_TRAFFIC: Final = 50_000
KEEP_FILES: Final = 1_000
KEEP_VIEWS: Final = 2_000
BODY: Final = 64 * 1_048_576  # one request
