"""What Slack's "no" is about, by its word for it: the one table of every error code that Slack documents.

The codes are those of the methods that are used (``chat``, ``files``, ``conversations``, ``views``, ``users``,
``usergroups``, ``auth.test``, ``apps.connections.open``) and of response URLs, by docs.slack.dev of August 2026 and
the older web API specification. ``http_N`` is an answer without a word, as proxies give it.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final


class RefusalKind(StrEnum):
    """What a refusal is about, and so who has to wait for what."""

    MESSAGE = "message"  # its content, or this one call, cannot be sent as it is
    PLACE = "place"  # this channel, person, thread or address takes no messages
    APP = "app"  # token, scope, workspace, plan, network rules: nothing can be sent until that is mended
    PASSING = "passing"  # a fault of Slack's own: the same again may succeed, or have succeeded


_MESSAGE: Final = """
    already_uploaded alt_txt_too_large as_user_not_supported attachment_payload_limit_exceeded block_mismatch
    blocked_file_type cannot_reply_to_message cant_broadcast_message cant_delete_message cant_update_message
    canvas_disabled_file_team canvas_disabled_user_team canvas_globally_disabled channels_limit_exceeded
    compliance_exports_prevent_deletion
    draft_already_deleted draft_already_sent draft_has_conflict draft_not_found duplicate_channel_not_found
    duplicate_external_id duplicate_message_not_found edit_window_closed exchanged_trigger_id expired_trigger_id
    file_deleted file_is_deleted file_not_found file_share_limit_reached file_type_not_allowed
    file_upload_size_restricted file_uploads_disabled file_uploads_except_images_disabled hash_conflict http_400
    http_413 invalid_arg_name invalid_arguments invalid_array_arg invalid_attachments invalid_blocks
    invalid_blocks_format invalid_charset invalid_cursor invalid_form_data invalid_json invalid_limit
    invalid_metadata_filter_keys invalid_metadata_format invalid_metadata_schema invalid_payload invalid_post_type
    invalid_thread_ts invalid_trigger_id invalid_ts_latest invalid_ts_oldest invalid_types json_not_object
    length_mismatch limit_required markdown_text_conflict max_file_sharing_exceeded message_not_found
    metadata_must_be_sent_from_app metadata_too_large missing_argument missing_charset missing_file_data
    missing_post_type missing_profile_id missing_text_or_fallback_or_attachments msg_blocks_too_long msg_too_long
    no_dual_broadcast_content_update no_text not_enough_users not_found not_implemented not_visible
    send_on_behalf_not_allowed slack_connect_blocked_file_type slack_connect_canvas_sharing_blocked
    slack_connect_clip_sharing_blocked slack_connect_file_link_sharing_blocked
    slack_connect_file_upload_sharing_blocked slack_connect_lists_sharing_blocked snippet_too_large
    storage_limit_reached streaming_state_conflict superfluous_charset template_not_visible thread_not_found
    too_many_attachments too_many_contact_cards too_many_users trigger_exchanged unable_to_share_files
    unknown_snippet_type unknown_subtype upload_url_expired users_list_not_supplied view_too_large
"""
_PLACE: Final = """
    action_prohibited cannot_dm_bot channel_is_archived channel_is_limited_access channel_not_found
    channel_type_not_supported expired_url external_channel_migrating http_404 http_410 invalid_channel
    invalid_user_combination is_archived is_inactive messages_tab_disabled method_not_supported_for_channel_type
    no_active_hooks no_service no_service_id no_such_subteam not_enabled not_in_channel posting_to_channel_denied
    posting_to_general_channel_denied restricted_action restricted_action_non_threadable_channel
    restricted_action_read_only_channel restricted_action_thread_locked restricted_action_thread_only_channel
    subteam_not_found used_url user_disabled user_is_bot user_is_restricted user_not_found user_not_in_channel
    user_not_visible users_not_found
"""
_APP: Final = """
    access_denied accesslimited account_inactive app_access_restricted deprecated_endpoint ekm_access_denied
    enterprise_is_restricted forbidden_team http_401 http_403 http_407 http_451 insecure_request invalid_app_id
    invalid_auth invalid_team invalid_token is_bot message_limit_exceeded method_deprecated missing_args missing_scope
    no_permission no_team not_allowed_token_type not_authed org_login_required permission_denied
    plan_upgrade_required team_access_not_granted team_added_to_org team_disabled team_not_found token_expired
    token_revoked two_factor_setup_required unknown_method upgrade_require upgrade_required
"""
_PASSING: Final = """
    fatal_error fetch_members_failed file_update_failed http_408 internal_error list_record_comment_fetch_failed
    rate_limited ratelimited request_timeout rollup_error service_unavailable timezone_count_failed update_failed
"""
CODES: Final = {
    code: about
    for about, codes in (
        (RefusalKind.MESSAGE, _MESSAGE),
        (RefusalKind.PLACE, _PLACE),
        (RefusalKind.APP, _APP),
        (RefusalKind.PASSING, _PASSING),
    )
    for code in codes.split()
}

# The app's, but perhaps for one method alone: others may go through meanwhile.
_OF_ONE_METHOD: Final = frozenset(
    {"access_denied", "deprecated_endpoint", "method_deprecated", "missing_scope", "no_permission"}
    | {"not_allowed_token_type", "permission_denied", "plan_upgrade_required", "unknown_method"}
    | {"http_401", "http_403", "http_407", "http_451"}  # a proxy may know the one address and not the other
)


def about(code: str) -> RefusalKind:
    """What a refusal with ``code`` is about; a code that nobody knows counts as the app's."""
    return CODES.get(code, RefusalKind.APP)


def may_be_of_one_method(code: str) -> bool:
    """Whether other calls may succeed although Slack refused one with ``code``, which is the app's."""
    return code in _OF_ONE_METHOD or code not in CODES
