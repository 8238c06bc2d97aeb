//! Messages as they stand in the body of a gRPC call.

use bytes::{Buf, BufMut, Bytes, BytesMut};
use prost::Message;
use tonic::Status;

use super::gzip;

/// What a message begins with: whether it is compressed, and its length.
const PREFIX: usize = 5;
const COMPRESSED: u8 = 1;

/// Histories come in pages of up to 4 MiB and more; the server's own limits are lower than this.
pub(super) const LONGEST_ANSWER: usize = 128 * 1024 * 1024;

/// A message with its prefix.
#[derive(Clone)]
pub(super) struct Framed(pub(super) Bytes);

impl Framed {
    pub(super) fn new(message: &impl Message) -> Self {
        let mut frame = BytesMut::with_capacity(PREFIX + message.encoded_len());
        frame.put_bytes(0, PREFIX);
        message
            .encode(&mut frame)
            .expect("it has room for the message");
        Self::finished(frame, 0)
    }

    pub(super) fn of_encoded(message: &[u8]) -> Self {
        let mut frame = BytesMut::with_capacity(PREFIX + message.len());
        frame.put_bytes(0, PREFIX);
        frame.put(message);
        Self::finished(frame, 0)
    }

    pub(super) fn compressed(&self) -> Self {
        Self::finished(gzip::compress(self.message(), PREFIX), COMPRESSED)
    }

    fn finished(mut frame: BytesMut, compressed: u8) -> Self {
        let length = frame.len() - PREFIX;
        frame[0] = compressed;
        // A longer one is refused by every server, whatever its prefix says.
        frame[1..PREFIX].copy_from_slice(&(length as u32).to_be_bytes());
        Self(frame.freeze())
    }

    pub(super) fn message(&self) -> &[u8] {
        &self.0[PREFIX..]
    }
}

/// What has come of an answer.
#[derive(Default)]
pub(super) struct Gathered(Bytes);

impl Gathered {
    pub(super) fn add(&mut self, data: Bytes) -> Result<(), Status> {
        if self.0.is_empty() {
            // Most answers come in one piece.
            self.0 = data;
        } else {
            let mut both = BytesMut::from(std::mem::take(&mut self.0));
            if let Some((_, length)) = prefix(&both) {
                both.reserve((PREFIX + length).saturating_sub(both.len()));
            }
            both.put(data);
            self.0 = both.freeze();
        }
        match prefix(&self.0) {
            Some((_, length)) if length > LONGEST_ANSWER => Err(too_long(length)),
            Some((_, length)) if self.0.len() > PREFIX + length => Err(Status::internal(
                "the server's answer has more than one message, expected one",
            )),
            _ => Ok(()),
        }
    }

    pub(super) fn message(mut self) -> Result<Bytes, Status> {
        let Some((flag, length)) = prefix(&self.0) else {
            return Err(Status::internal("the server's answer has no message"));
        };
        self.0.advance(PREFIX);
        if self.0.len() < length {
            return Err(Status::internal(format!(
                "the server's answer ends after {} of {length} bytes",
                self.0.len()
            )));
        }
        match flag {
            0 => Ok(self.0),
            COMPRESSED => gzip::decompress(&self.0, LONGEST_ANSWER).map_err(|error| match error {
                gzip::NotDecompressed::TooLong { length, .. } => too_long(length),
                gzip::NotDecompressed::Damaged(_) => {
                    Status::internal(format!("the server's answer {error}"))
                }
            }),
            _ => Err(Status::internal(format!(
                "the server's answer begins with {flag}, expected 0 or 1 for whether it is compressed"
            ))),
        }
    }
}

fn prefix(gathered: &[u8]) -> Option<(u8, usize)> {
    let &[flag, a, b, c, d] = gathered.first_chunk()?;
    Some((flag, u32::from_be_bytes([a, b, c, d]) as usize))
}

fn too_long(length: usize) -> Status {
    Status::out_of_range(format!(
        "the server's answer has {length} bytes, at most {LONGEST_ANSWER} are expected"
    ))
}
