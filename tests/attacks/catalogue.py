"""The thirty attacks of the design (evidence, section 6), each with the tests that hold it off and the removal of its defence.

`tests`: ids of pytest, without parameters. `defences`: those of them that must fail once a removal took the one defence away; they run
in this process, or a patch would not reach them. What is held off by tests against a server in a process of its own is watched by a
smaller test of the same defence.
"""

from __future__ import annotations

from typing import Final

from tests.attacks import alone, outsiders, removals
from tests.attacks.form import Attack, held

SEALING = "tests/records/vault/test_sealing.py::"
READER = "tests/records/vault/test_reader.py::"
PACK = "tests/records/pack/test_pack.py::"
LEFT_OUT = "tests/records/pack/test_left_out.py::"
ANCHORS = "tests/records/pack/test_anchors.py::"
HOSTILE_PACK = "tests/records/pack/test_hostile.py::"
LEDGER = "tests/records/ledger/"
CASES = "tests/attacks/test_cases.py::"
TICKETS = "tests/consult/test_tickets.py::"
RESTORE = "tests/records/retention/test_restore.py::"
ROTATION = "tests/records/vault/test_rotation.py::"
SESSIONS = "tests/records/test_sessions.py::"
PHOTOS = "tests/consult/test_attachments.py::"
HOSTILE_FILES = "tests/consult/test_hostile_files.py::"

ATTACKS: Final[dict[int, Attack]] = {
    1: held(
        "two messages' ciphertexts are exchanged",
        removals.context_is_not_bound,
        SEALING + "test_two_messages_exchanged_do_not_open",
        "tests/consult/test_review.py::test_two_swapped_messages_are_both_named",
        PACK + "test_two_exchanged_ciphertexts_are_named",
    ),
    2: held(
        "a ciphertext is moved to another consultation, sequence or sender",
        removals.context_is_not_bound,
        SEALING + "test_a_message_moved_elsewhere_does_not_open",
        "tests/consult/test_grant_scope.py::test_a_message_whose_row_was_dated_back_does_not_move_into_the_days_of_a_grant",
        "tests/consult/test_batch.py::test_an_event_opens_only_where_it_was_said",
        PACK + "test_a_sender_that_the_entry_does_not_name_is_refused",
        also={
            LEDGER + "test_audit.py::test_a_row_that_says_something_else_than_its_entry_is_named": outsiders.rows_are_believed
        },
    ),
    3: held(
        "a GCM ciphertext that opens under two keys",
        removals.no_key_commitment,
        SEALING + "test_a_gcm_ciphertext_that_opens_under_two_keys_is_refused_under_the_second",
    ),
    4: held(
        "chunks of a recording are reordered, repeated or cut",
        removals.segments_are_not_compared,
        PACK + "test_recording_segments_reordered_dropped_or_repeated_are_noticed",
        READER + "test_exchanged_and_repeated_chunks_are_found_when_they_are_read",
        "tests/transcription/test_playback.py::test_a_recording_that_was_touched_is_found_out",
        also={
            "tests/transcription/test_uploads.py::test_a_segment_in_anothers_place_does_not_open": removals.context_is_not_bound
        },
    ),
    5: held(
        "a range at the end, overlapping, or of 2^63",
        removals.ranges_are_not_cut,
        "tests/transcription/test_playback.py::test_a_range_is_cut_to_the_content",
        "tests/transcription/test_playback.py::test_no_header_can_raise_or_reach_outside",
        "tests/transcription/test_playback.py::test_beyond_the_end_is_416_with_the_size",
        READER + "test_at_the_end_and_far_behind_it_there_is_nothing",
    ),
    6: held(
        "a blob is cut exactly between two chunks",
        removals.the_end_is_not_authenticated,
        SEALING + "test_a_cut_exactly_between_two_chunks_does_not_open",
        READER + "test_a_cut_exactly_between_chunks_is_found_before_anything_is_read",
    ),
    7: held(
        "the suite byte is unknown, or another suite's",
        removals.the_suite_is_guessed,
        SEALING + "test_an_unknown_or_other_suite_is_refused",
        SEALING + "test_a_blob_relabelled_as_the_other_suite_is_refused",
        CASES + "test_a_suite_byte_that_is_not_the_blobs_own_opens_nothing_in_a_pack",
    ),
    8: held(
        "a key file that others may read",
        removals.modes_are_not_looked_at,
        "tests/records/vault/test_keyring.py::test_a_key_file_that_others_may_touch_is_refused",
        "tests/records/vault/test_keyring.py::test_the_server_does_not_start_on_a_key_file_of_mode_0644",
    ),
    9: held(
        "a rotation is killed half-way; an old key is retired while rows use it",
        removals.any_version_retires,
        ROTATION + "test_an_old_version_with_rows_left_cannot_be_retired",
        ROTATION + "test_kill_in_the_middle_of_a_rotation_then_run_it_again",
        also={
            ROTATION
            + "test_a_rotation_cut_off_before_its_leaf_is_finished_and_not_begun_again": removals.every_rotation_begins_anew
        },
    ),
    10: held(
        "a backup from before a shredding is restored",
        removals.shredding_is_forgotten,
        "tests/records/vault/test_shredding.py::test_a_wrapped_key_that_a_restore_brings_back_does_not_open_again",
        RESTORE + "test_a_backup_from_before_a_shred_does_not_bring_the_words_back",
        RESTORE + "test_every_command_first_destroys_what_is_back",
        also={
            RESTORE + "test_wrapped_keys_that_are_restored_alone_go_again": removals.nothing_is_destroyed_again,
            RESTORE + "test_no_worker_begins_while_what_is_back_cannot_go_again": removals.nothing_is_destroyed_again,
        },
    ),
    11: held(
        "what is under legal hold is erased; one person releases the hold",
        removals.the_database_has_no_guards,
        "tests/records/retention/test_shredding.py::test_under_a_hold_the_code_and_the_database_refuse",
        "tests/records/retention/test_shredding.py::test_a_hold_is_neither_deleted_nor_altered",
        also={
            "tests/records/retention/test_shredding.py::test_a_release_takes_two_people": removals.the_database_has_no_guards,
            "tests/consult/test_retention_desk.py::test_zhou_holds_a_case_and_he_agrees_to_let_it_go": alone.whoever_asks_may_agree,
        },
    ),
    12: held(
        "content is somewhere in clear",
        removals.names_of_files_stay_in_clear,
        "tests/transcription/test_uploads.py::test_nothing_of_the_file_or_its_name_is_stored_in_clear",
        "tests/faults/test_plaintext.py::test_the_marker_is_nowhere_in_clear",
        PHOTOS + "test_nothing_of_the_file_or_its_name_is_on_disk_or_in_the_database_in_clear",
        "tests/records/test_errors.py::test_a_refusal_never_repeats_what_was_sent",
    ),
    13: held(
        "INSERT OR REPLACE, TRUNCATE or an upsert on the ledger",
        removals.the_database_has_no_guards,
        LEDGER + "test_guards.py::test_an_upsert_is_refused",
        LEDGER + "test_guards.py::test_update_and_delete_are_refused",
        LEDGER + "test_guards.py::test_replace_is_refused",
        LEDGER + "test_guards.py::test_truncate_and_replica_sessions_are_refused",
    ),
    14: held(
        "one bit of a waiting leaf is flipped",
        removals.leaves_are_not_hashed_again,
        LEDGER + "test_sequencer.py::test_one_flipped_bit_in_a_waiting_leaf_is_never_signed",
    ),
    15: held(
        "the middle or the tail of an export is dropped",
        removals.any_end_is_complete,
        PACK + "test_a_dropped_tail_is_a_valid_beginning_not_proven_complete",
        "tests/records/pack/test_several.py::test_one_open_case_among_several_is_named_and_the_others_stand",
        also={
            PACK + "test_a_dropped_middle_is_named": removals.any_entry_follows_any_other,
            LEFT_OUT + "test_what_the_grant_covers_and_is_not_there_has_no_proven_reason": outsiders.every_reason_is_believed,
            LEFT_OUT + "test_an_access_line_must_match_the_entry_it_names": outsiders.any_entry_proves_a_reading,
            LEFT_OUT + "test_a_reading_that_the_list_leaves_out_is_named": outsiders.any_entry_proves_a_reading,
        },
    ),
    16: held(
        "two `closed` leaves",
        removals.closing_twice_is_nothing,
        CASES + "test_a_case_closed_twice_is_named_in_its_pack",
        LEDGER + "test_audit.py::test_closed_twice_is_an_alarm_unless_it_was_reopened_in_between",
    ),
    17: held(
        "the log is rolled back or forked before a witness",
        removals.consistency_is_not_checked,
        LEDGER + "test_witness.py::test_a_log_forked_is_not_cosigned",
        LEDGER + "test_sequencer.py::test_a_database_rolled_back_to_an_older_state_is_noticed",
        LEDGER + "test_monitoring.py::test_a_log_that_shows_less_than_was_cosigned_is_caught_at_the_second_look",
        also={
            ANCHORS
            + "test_what_was_written_after_an_old_stamp_is_counted_and_named": outsiders.an_old_tree_vouches_for_everything,
            LEDGER + "test_witness.py::test_a_log_rolled_back_is_not_cosigned": removals.the_witness_has_no_memory,
            LEDGER
            + "test_monitoring.py::test_another_history_shorter_than_the_cosigned_one_is_caught": outsiders.shorter_trees_are_not_compared,
        },
    ),
    18: held(
        "proofs with a hash too many or too few, a wrong index or size",
        removals.any_path_proves,
        LEDGER + "test_merkle.py::test_a_wrong_size_with_a_path_of_the_right_length_is_refused",
        LEDGER + "test_merkle.py::test_a_bent_inclusion_proof_is_refused",
        LEDGER + "test_merkle.py::test_a_bent_consistency_proof_is_refused",
        HOSTILE_PACK + "test_a_bent_entry_or_proof_is_named",
        also={LEDGER + "test_witness.py::test_a_proof_of_another_form_is_refused": removals.consistency_is_not_checked},
    ),
    19: held(
        "malformed checkpoints",
        removals.any_note_is_a_checkpoint,
        LEDGER + "test_notes.py::test_a_malformed_checkpoint_is_refused_even_when_signed",
        LEDGER + "test_notes.py::test_a_bent_note_is_refused",
        LEDGER + "test_notes.py::test_base64_with_stray_bits_is_refused",
        LEDGER + "test_witness.py::test_ten_thousand_signatures_are_refused",
    ),
    20: held(
        "the right key's name with the wrong key",
        removals.names_are_keys,
        PACK + "test_a_key_of_the_same_name_that_is_not_the_hospitals_is_refused",
        LEDGER + "test_notes.py::test_the_right_name_with_the_wrong_key_is_refused",
    ),
    21: held(
        "a time stamp for another message, of an expired or a foreign certificate",
        removals.any_stamp_counts,
        LEDGER + "test_timestamps.py::test_a_stamp_for_another_message_is_refused",
        ANCHORS + "test_a_stamp_of_another_tree_is_refused",
        ANCHORS + "test_a_certificate_that_may_do_more_than_stamp_is_no_authoritys",
        also={
            LEDGER
            + "test_timestamps.py::test_an_authority_whose_certificate_has_expired_is_refused": removals.any_stamp_counts,
            LEDGER + "test_timestamps.py::test_an_authority_that_nobody_vouches_for_is_refused": removals.any_stamp_counts,
            ANCHORS + "test_a_foreign_authority_and_an_expired_one_are_refused": outsiders.any_stamp_in_a_pack_counts,
            ANCHORS + "test_a_stamp_counts_only_for_the_certificate_that_it_was_signed_for": outsiders.any_certificate_stamps,
        },
    ),
    22: held(
        "zip-slip and a zip bomb into the verifier",
        removals.any_archive_is_read,
        HOSTILE_PACK + "test_a_name_that_leaves_the_directory_is_refused",
        HOSTILE_PACK + "test_sizes_that_are_not_those_of_the_file_are_refused",
        also={HOSTILE_PACK + "test_a_zip_bomb_is_never_inflated": removals.any_archive_is_read},
    ),
    23: held(
        "a socket from another origin, from none, from `null`; with a ticket replayed, another's, or over",
        removals.every_origin_is_ours,
        CASES + "test_only_pages_of_this_host_may_open_a_socket",
        TICKETS + "test_of_many_who_show_the_same_ticket_at_once_one_gets_in",
        "tests/consult/test_bad_input.py::test_without_a_ticket_or_with_a_used_one_there_is_no_socket",
        "tests/faults/test_two_processes.py::test_a_ticket_used_at_one_process_is_used_at_the_other",
        "tests/consult/test_bad_input.py::test_a_foreign_page_cannot_open_a_socket",
        "tests/consult/test_bad_input.py::test_without_a_session_the_socket_says_so_and_closes",
        also={
            TICKETS + "test_a_ticket_that_is_somebody_elses_or_altered_or_none_opens_nothing": removals.tickets_are_anybodys,
            TICKETS + "test_a_ticket_is_over_after_half_a_minute": removals.tickets_last,
            TICKETS + "test_a_ticket_opens_one_socket": removals.tickets_are_not_used_up,
        },
    ),
    24: held(
        "a socket stays open after signing out, deactivation or reassignment",
        removals.sessions_are_not_asked_again,
        "tests/consult/test_batch.py::test_a_session_that_ended_writes_nothing_however_open_its_socket",
        "tests/consult/test_bad_input.py::test_signing_out_closes_the_socket_at_once",
        "tests/consult/test_losing.py::test_dr_zhao_hears_typing_and_cursors_until_she_gives_the_case_back",
        "tests/consult/test_revocation.py::test_wu_signs_out_elsewhere_and_stays_here",
        "tests/consult/test_revocation.py::test_what_an_operator_changes_closes_open_sockets",
        also={
            SESSIONS + "test_closing_an_account_ends_its_sessions_and_tells_all_its_sockets": removals.open_sockets_are_not_told
        },
    ),
    25: held(
        "another patient, a former doctor, an expired grant, by id",
        removals.every_relation_is_enough,
        "tests/access/test_matrix.py::test_the_same_404_for_what_is_forbidden_and_for_what_is_not_there",
        "tests/access/test_matrix.py::test_each_person_gets_what_the_table_says",
        "tests/access/test_commands.py::test_each_person_hears_what_the_table_says",
    ),
    26: held(
        "the approver is the requester; a grant is altered after the first signature",
        removals.grants_are_believed,
        CASES + "test_a_grant_with_other_hours_than_were_signed_for_opens_nothing",
        also={
            "tests/records/test_grants.py::test_the_approver_is_never_the_requester_even_with_both_roles": alone.requesters_are_others,
            "tests/records/test_grants.py::test_the_database_refuses_it_too": alone.requesters_are_others,
        },
    ),
    27: held(
        "the same client message id with another body",
        removals.the_id_alone_is_the_message,
        "tests/consult/test_batch.py::test_the_same_id_twice_in_one_batch_is_one_message",
        "tests/consult/test_conversation.py::test_the_same_client_id_is_stored_once_and_another_body_under_it_is_a_conflict",
        "tests/transcription/test_uploads.py::test_the_same_id_for_another_recording_is_a_conflict",
    ),
    28: held(
        "frame flood, a frame of 1 GiB, deep JSON, lone surrogates, a slow reader",
        removals.frames_are_believed,
        CASES + "test_a_frame_that_is_no_command_is_refused_and_never_a_crash",
        "tests/chat_server/test_websockets.py::test_a_frame_that_breaks_the_protocol_closes_the_socket",
        "tests/chat_server/test_websockets.py::test_a_frame_of_a_gibibyte_is_refused_at_its_head",
        "tests/chat_server/test_websockets.py::test_a_device_that_stops_reading_is_closed_and_resumes_by_its_cursor",
        "tests/consult/test_limits.py::test_a_flood_slows_its_sender_on_every_socket_and_over_http_and_nobody_else",
        "tests/consult/test_bad_input.py::test_a_bad_frame_gets_a_coded_bilingual_error_and_the_socket_goes_on",
    ),
    29: held(
        "SDP or ICE into somebody else's call; TURN to internal addresses",
        removals.whoever_knows_the_call_is_in_it,
        CASES + "test_only_the_two_devices_of_a_call_say_anything_in_it",
        "tests/access/test_commands.py::test_each_person_hears_what_the_table_says",
        "tests/consult/test_calls.py::test_it_rings_on_every_device_of_dr_zhao_and_stops_where_it_is_not_answered",
        "tests/consult/test_turn.py::test_the_relay_sends_nothing_to_addresses_that_are_no_patients",
    ),
    30: held(
        "uploads: polyglot, script in SVG, pixel flood, position in EXIF, scanner down",
        removals.the_scanner_may_be_away,
        CASES + "test_what_a_scanner_was_not_asked_about_is_not_clean",
        PHOTOS + "test_a_scanner_that_does_not_answer_lets_nothing_through",
        HOSTILE_FILES + "test_what_is_not_a_photo_or_a_plain_document_is_refused_and_leaves_nothing",
        HOSTILE_FILES + "test_the_process_that_opens_it_can_open_nothing_else",
        also={
            PHOTOS + "test_a_photo_is_kept_upright_and_without_the_place_it_was_taken": removals.photos_are_kept_as_sent,
            HOSTILE_FILES + "test_a_photo_with_a_zip_and_a_page_behind_it_becomes_a_photo": removals.photos_are_kept_as_sent,
        },
    ),
}
