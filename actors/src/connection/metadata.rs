//! Headers that go with every call, and those of one call.

use std::{collections::BTreeMap, sync::Arc};

use parking_lot::RwLock;
use tonic::metadata::{
    AsciiMetadataKey, AsciiMetadataValue, BinaryMetadataKey, BinaryMetadataValue, MetadataMap,
};

const AUTHORIZATION: &str = "authorization";

/// Room for those of a usual call and for what tonic adds to them.
const HEADERS_OF_A_CALL: usize = 12;

/// A header's value as the user gave it.
#[derive(Clone, PartialEq, Eq)]
pub enum HeaderValue {
    Text(String),
    /// Needs a key that ends in `-bin`.
    Binary(Vec<u8>),
}

impl std::fmt::Debug for HeaderValue {
    /// Headers carry credentials, so values are never shown.
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str("<hidden>")
    }
}

/// Headers by key, as the user gave them.
pub type Headers = BTreeMap<String, HeaderValue>;

/// Headers that cannot be sent. Names the key, never the value.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum InvalidHeader {
    #[error("invalid metadata key {0:?}: expected lower-case letters, digits, '-', '_' or '.'")]
    TextKey(String),
    #[error("invalid metadata key {0:?} for a bytes value: expected a key that ends in '-bin'")]
    BinaryKey(String),
    #[error("metadata key {0:?} ends in '-bin': expected a bytes value")]
    TextUnderBinaryKey(String),
    #[error("invalid metadata value for key {0:?}: expected visible ASCII characters")]
    TextValue(String),
    #[error("invalid API key: expected visible ASCII characters")]
    ApiKey,
}

/// Turns headers into what tonic sends.
pub fn encode(headers: &Headers) -> Result<MetadataMap, InvalidHeader> {
    let mut encoded = MetadataMap::with_capacity(headers.len());
    for (key, value) in headers {
        match value {
            HeaderValue::Text(text) => insert_text(&mut encoded, key, text)?,
            HeaderValue::Binary(bytes) => insert_binary(&mut encoded, key, bytes)?,
        }
    }
    Ok(encoded)
}

fn insert_text(encoded: &mut MetadataMap, key: &str, text: &str) -> Result<(), InvalidHeader> {
    if key.to_ascii_lowercase().ends_with("-bin") {
        return Err(InvalidHeader::TextUnderBinaryKey(key.into()));
    }
    let name = AsciiMetadataKey::from_bytes(key.as_bytes())
        .map_err(|_| InvalidHeader::TextKey(key.into()))?;
    let value =
        AsciiMetadataValue::try_from(text).map_err(|_| InvalidHeader::TextValue(key.into()))?;
    encoded.insert(name, value);
    Ok(())
}

fn insert_binary(encoded: &mut MetadataMap, key: &str, bytes: &[u8]) -> Result<(), InvalidHeader> {
    let name = BinaryMetadataKey::from_bytes(key.as_bytes())
        .map_err(|_| InvalidHeader::BinaryKey(key.into()))?;
    encoded.insert_bin(name, BinaryMetadataValue::from_bytes(bytes));
    Ok(())
}

/// The headers of every call; both kinds can be replaced while calls are under way.
pub(super) struct LiveHeaders {
    identification: MetadataMap,
    current: RwLock<Arc<Current>>,
}

#[derive(Clone, Default)]
struct Current {
    user: MetadataMap,
    authorization: Option<AsciiMetadataValue>,
}

impl LiveHeaders {
    pub(super) fn new(
        client_name: &str,
        client_version: &str,
        user: &Headers,
        api_key: Option<&str>,
    ) -> Result<Self, InvalidHeader> {
        let identification = Headers::from([
            ("client-name".into(), HeaderValue::Text(client_name.into())),
            (
                "client-version".into(),
                HeaderValue::Text(client_version.into()),
            ),
        ]);
        let live = Self {
            identification: encode(&identification)?,
            current: RwLock::default(),
        };
        live.set_user(user)?;
        live.set_api_key(api_key)?;
        Ok(live)
    }

    pub(super) fn set_user(&self, user: &Headers) -> Result<(), InvalidHeader> {
        let user = encode(user)?;
        let mut current = self.current.write();
        *current = Arc::new(Current {
            user,
            ..current.as_ref().clone()
        });
        Ok(())
    }

    pub(super) fn set_api_key(&self, api_key: Option<&str>) -> Result<(), InvalidHeader> {
        let authorization = api_key.map(bearer).transpose()?;
        let mut current = self.current.write();
        *current = Arc::new(Current {
            authorization,
            ..current.as_ref().clone()
        });
        Ok(())
    }

    /// The headers of one call with all those that it does not set itself.
    pub(super) fn complete(&self, of_call: &MetadataMap) -> MetadataMap {
        let current = Arc::clone(&self.current.read());
        let mut completed = MetadataMap::with_capacity(HEADERS_OF_A_CALL);
        add_missing(&mut completed, of_call);
        add_missing(&mut completed, &current.user);
        add_missing(&mut completed, &self.identification);
        if let Some(authorization) = &current.authorization
            && !completed.contains_key(AUTHORIZATION)
        {
            completed.insert(AUTHORIZATION, authorization.clone());
        }
        completed
    }
}

fn bearer(api_key: &str) -> Result<AsciiMetadataValue, InvalidHeader> {
    let mut value = AsciiMetadataValue::try_from(format!("Bearer {api_key}"))
        .map_err(|_| InvalidHeader::ApiKey)?;
    value.set_sensitive(true);
    Ok(value)
}

fn add_missing(completed: &mut MetadataMap, more: &MetadataMap) {
    let headers = completed.as_mut();
    for (name, value) in more.as_ref() {
        if !headers.contains_key(name) {
            headers.insert(name.clone(), value.clone());
        }
    }
}
