"""Slack's limits on messages, in one table: characters unless said otherwise.

Source: the validators of slack-sdk 3.47 and Slack's documentation. Not documented is when Slack answers
``msg_blocks_too_long``: seen between 11,300 and 13,200 characters, and the structure of blocks counts as well.
"""

from __future__ import annotations

from typing import Final

BLOCKS: Final = 50  # a message
HOME_BLOCKS: Final = 100  # the Home tab
BLOCKS_CHARACTERS: Final = 11_000  # over all blocks of a message, less BLOCK_CHARACTERS for each
BLOCK_CHARACTERS: Final = 100  # that one block adds by its structure
VIEW_CHARACTERS: Final = 13_000  # our own, over all blocks of a modal or the Home tab
TEXT: Final = 3_000  # our own; Slack cuts at 40,000
TEXT_BYTES: Final = 4_000  # in UTF-8: chat.update refuses more
SHORT_TEXT: Final = 1_000  # our own, of a text that Slack found too long or that stands without its blocks

SECTION_TEXT: Final = 3_000
SECTION_FIELD: Final = 2_000
SECTION_FIELDS: Final = 10  # fields
HEADER: Final = 150
CONTEXT_TEXT: Final = 2_000
CONTEXT_ELEMENTS: Final = 10  # elements
ACTIONS: Final = 25  # elements
IMAGE_ALT: Final = 2_000
IMAGE_URL: Final = 3_000

BUTTON_TEXT: Final = 75
BUTTON_VALUE: Final = 2_000
BUTTON_URL: Final = 3_000
ACCESSIBILITY_LABEL: Final = 75
CONFIRM_TITLE: Final = 100
CONFIRM_TEXT: Final = 300
CONFIRM_BUTTON: Final = 30
PLACEHOLDER: Final = 150
OPTION_TEXT: Final = 75
OPTION_VALUE: Final = 150
OPTION_DESCRIPTION: Final = 75
OPTIONS: Final = 100  # options
OVERFLOW: Final = 5  # options
CHOICES: Final = 10  # options of checkboxes and radio buttons
ID: Final = 255  # action_id and block_id

INPUT_LABEL: Final = 150  # our own; Slack takes 2,000
INPUT_HINT: Final = 300  # our own; Slack takes 2,000
INPUT_TEXT: Final = 3_000
INPUT_ERROR: Final = 200  # our own: a sentence beside a field
VIEW_TITLE: Final = 24  # the title of a modal and its two buttons

RICH_TEXT: Final = 3_000  # one run of text; Slack names no limit of its own, a reader does
TABLE_ROWS: Final = 100  # rows
TABLE_COLUMNS: Final = 20  # columns
TABLE_CHARACTERS: Final = 10_000  # over all tables of a message
TABLE_CELL: Final = 300  # our own: a cell is read at a glance

INLINE_DIFF: Final = 2_500  # shown in the message; a longer one goes up as a file
SNIPPET: Final = 1_000_000  # bytes; a larger file goes up without colours
FILE: Final = 20_000_000  # bytes; our own
FILE_TITLE: Final = 255
ALT_TEXT: Final = 1_000
