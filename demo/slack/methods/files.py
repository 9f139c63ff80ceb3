"""``files.*``: uploading in three steps, looking files up, deleting them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from demo.slack.blocks import limits
from demo.slack.methods.registry import method
from demo.slack.state.rates import TIER_3, TIER_4
from demo.slack.state.uploads import Upload
from demo.slack.state.values import File, Json, Refused
from demo.slack.web import posting
from demo.slack.web.forms import file_form

if TYPE_CHECKING:
    from demo.slack.state.workspace import Workspace
    from demo.slack.web.arguments import Arguments

SNIPPET_TYPES = frozenset(
    {"auto", "text", "diff", "json", "yaml", "xml", "shell", "python", "csv", "markdown", "sql", "javascript", "html"}
)


@method("files.upload", scope="files:write", rate=TIER_4)
def old_upload(_workspace: Workspace, _args: Arguments) -> Json:
    """Gone since November 2025."""
    raise Refused("method_deprecated", "use files.getUploadURLExternal")


@method("files.getUploadURLExternal", scope="files:write", rate=TIER_4)
def get_upload_url(workspace: Workspace, args: Arguments) -> Json:
    """Announce a file by its name and its length in bytes."""
    name = args.need("filename")
    length = args.number("length", 0)
    snippet_type = args.text("snippet_type") or None
    if length < 1:
        raise Refused("invalid_arguments", "length must be greater than 0: an empty file is refused")
    if length > limits.FILE:
        raise Refused("file_upload_size_restricted", f"no more than {limits.FILE} bytes")
    if snippet_type is not None and snippet_type not in SNIPPET_TYPES:
        raise Refused("unknown_snippet_type", f"no snippet type {snippet_type!r}")
    if snippet_type is not None and length > limits.SNIPPET:
        raise Refused("snippet_too_large", f"a snippet has no more than {limits.SNIPPET} bytes")
    if len(args.text("alt_txt")) > limits.ALT_TEXT:
        raise Refused("alt_txt_too_large", f"alt_txt: no more than {limits.ALT_TEXT} characters")
    file_id = workspace.new_id("F")
    upload = Upload(file_id, name, length, workspace.clock.now(), snippet_type, args.text("alt_txt"))
    workspace.uploads[file_id] = upload
    return {"upload_url": f"{workspace.url}/upload/{file_id}", "file_id": file_id}


@method("files.completeUploadExternal", scope="files:write", rate=TIER_4)
def complete(workspace: Workspace, args: Arguments) -> Json:
    """Turn uploaded bytes into files, and share them. The share shows up a moment after the answer."""
    listed = args.structure("files")
    if not isinstance(listed, list) or not listed or not all(isinstance(one, dict) for one in listed):
        raise Refused("invalid_arguments", "files must be an array of objects with an id")
    channel_ids = [one for one in (args.text("channel_id") or args.text("channels")).split(",") if one]
    channels = [workspace.posting_channel(one) for one in channel_ids]
    threads = [posting.thread_of(workspace, channel, args) for channel in channels]
    blocks = posting.blocks_of(workspace, args)
    if blocks and args.text("initial_comment"):
        raise Refused("invalid_arguments", "initial_comment and blocks exclude each other")
    uploads = [_uploaded(workspace, one.get("id")) for one in listed]
    files = [_kept(workspace, upload, one.get("title")) for upload, one in zip(uploads, listed, strict=True)]

    def share() -> None:
        for channel, thread_ts in zip(channels, threads, strict=True):
            ids = tuple(file.id for file in files)
            message = workspace.post(
                channel, args.text("initial_comment"), blocks=blocks, files=ids, thread_ts=thread_ts
            )
            for file_id in ids:
                file = workspace.store.files[file_id]
                workspace.store.put_file(replace(file, shares=(*file.shares, (channel.id, message.ts))))

    workspace.after_answer.append(share)
    return {"files": [{"id": file.id, "title": file.title} for file in files]}


def _uploaded(workspace: Workspace, file_id: object) -> Upload:
    upload = workspace.uploads.get(file_id) if isinstance(file_id, str) else None
    if upload is None or upload.completed:
        raise Refused("file_not_found", f"there is no upload {file_id!r}")
    if upload.content is None:
        raise Refused("file_not_found", f"nothing was uploaded for {file_id}")
    return upload


def _kept(workspace: Workspace, upload: Upload, title: object) -> File:
    upload.completed = True
    name = title if isinstance(title, str) and title else upload.name
    file = File(
        upload.file,
        upload.name,
        name,
        upload.content or b"",
        snippet_type=upload.snippet_type,
        alt_txt=upload.alt_txt,
        created=int(workspace.clock.now().timestamp()),
    )
    del workspace.uploads[upload.file]
    workspace.store.put_file(file)
    return file


@method("files.info", scope="files:read", rate=TIER_4)
def info(workspace: Workspace, args: Arguments) -> Json:
    """One file, with the places it was shared to."""
    return {"file": file_form(workspace, _file(workspace, args))}


@method("files.delete", scope="files:write", rate=TIER_3)
def delete(workspace: Workspace, args: Arguments) -> Json:
    """Delete a file."""
    file = _file(workspace, args)
    workspace.store.put_file(replace(file, deleted=True, content=b"", shares=()))
    return {}


def _file(workspace: Workspace, args: Arguments) -> File:
    file = workspace.store.files.get(args.need("file"))
    if file is None:
        raise Refused("file_not_found", f"there is no file {args.text('file')!r}")
    if file.deleted:
        raise Refused("file_deleted", f"{file.id} was deleted")
    return file
