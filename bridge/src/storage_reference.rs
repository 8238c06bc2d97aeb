//! Recognising payloads that stand for others, kept in external storage: what has a value of its own
//! can be read natively, these must be refused. The same rule stands in
//! `temporalio.converter._storage_reference`, for the general path.

use callboard_actors::protos::common::v1::Payload;

const OLDER_ENCODING: &[u8] = b"json/external-storage-reference";
const MESSAGE_TYPE: &[u8] = b"temporal.api.sdk.v1.ExternalStorageReference";
const MARKER_KEY: &str = "__temporal_external_storage_reference";

pub(crate) fn is_storage_reference(payload: &Payload) -> bool {
    let metadata = |key| payload.metadata.get(key).map(AsRef::<[u8]>::as_ref);
    if metadata(MARKER_KEY) == Some(b"true") {
        return true;
    }
    match metadata("encoding") {
        Some(b"json/protobuf") => metadata("messageType") == Some(MESSAGE_TYPE),
        encoding => encoding == Some(OLDER_ENCODING),
    }
}
