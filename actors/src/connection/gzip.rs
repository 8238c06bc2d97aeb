//! Compression of messages.
//!
//! The tools are made once per thread: a decompressor is larger than most answers by far.

use std::cell::RefCell;

use bytes::{Bytes, BytesMut};
use libdeflater::{CompressionLvl, Compressor, DecompressionError, Decompressor};

/// What gzip adds in front of and behind the compressed data; the last four bytes tell the length.
const SHORTEST: usize = 18;

/// No compressed byte stands for more than this many.
const HIGHEST_RATIO: usize = 1032;

thread_local! {
    static COMPRESSOR: RefCell<Compressor> =
        RefCell::new(Compressor::new(CompressionLvl::default()));
    static DECOMPRESSOR: RefCell<Decompressor> = RefCell::new(Decompressor::new());
}

#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum NotDecompressed {
    #[error("is no gzip data: {0}")]
    Damaged(&'static str),
    #[error("has {length} bytes once decompressed, at most {limit} are expected")]
    TooLong { length: usize, limit: usize },
}

/// Compresses a message; `head` bytes in front of the result are left for the caller to fill.
pub(super) fn compress(message: &[u8], head: usize) -> BytesMut {
    COMPRESSOR.with_borrow_mut(|compressor| {
        let room = compressor.gzip_compress_bound(message.len());
        let mut compressed = BytesMut::zeroed(head + room);
        let length = compressor
            .gzip_compress(message, &mut compressed[head..])
            .expect("the bound is an upper one");
        compressed.truncate(head + length);
        compressed
    })
}

/// Decompresses a message of at most `limit` bytes.
pub(super) fn decompress(compressed: &[u8], limit: usize) -> Result<Bytes, NotDecompressed> {
    let length = told_length(compressed)?;
    if length > limit {
        return Err(NotDecompressed::TooLong { length, limit });
    }
    let mut message = BytesMut::zeroed(length);
    DECOMPRESSOR
        .with_borrow_mut(|decompressor| decompressor.gzip_decompress(compressed, &mut message))
        .map(|_| message.freeze())
        .map_err(|error| {
            NotDecompressed::Damaged(match error {
                DecompressionError::BadData => "the data or its checksum is wrong",
                DecompressionError::InsufficientSpace => "it is longer than it says",
            })
        })
}

/// The length that the end tells, if so little data can stand for so much.
fn told_length(compressed: &[u8]) -> Result<usize, NotDecompressed> {
    let told = compressed
        .last_chunk()
        .filter(|_| compressed.len() >= SHORTEST)
        .ok_or(NotDecompressed::Damaged("it is too short"))?;
    let length = u32::from_le_bytes(*told) as usize;
    match length <= compressed.len() * HIGHEST_RATIO {
        true => Ok(length),
        false => Err(NotDecompressed::Damaged("it says more than it can hold")),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const LIMIT: usize = 100_000;

    proptest! {
        #[test]
        fn what_was_compressed_comes_back(
            message in prop::collection::vec(0..4u8, 0..LIMIT), head in 0..9_usize,
        ) {
            let compressed = compress(&message, head);
            prop_assert_eq!(&compressed[..head], &vec![0; head][..]);
            prop_assert_eq!(decompress(&compressed[head..], LIMIT), Ok(message.into()));
        }

        #[test]
        fn damage_is_noticed(
            message in prop::collection::vec(any::<u8>(), 1..300), at in any::<prop::sample::Index>(), bit in 0..8,
        ) {
            let mut compressed = compress(&message, 0);
            let at = at.index(compressed.len());
            compressed[at] ^= 1_u8 << bit;
            // There are bits that say nothing about the message.
            if let Ok(read) = decompress(&compressed, LIMIT) {
                prop_assert_eq!(read, message);
            }
            let _ = decompress(&compressed[..at], LIMIT).expect_err("the end is missing");
        }

        #[test]
        fn noise_is_refused(noise in prop::collection::vec(any::<u8>(), 0..300)) {
            let _ = decompress(&noise, LIMIT).expect_err("no gzip header");
        }
    }

    #[test]
    fn no_more_than_the_limit_is_decompressed() {
        let compressed = compress(&[0; 1000], 0);
        assert_eq!(
            decompress(&compressed, 999),
            Err(NotDecompressed::TooLong {
                length: 1000,
                limit: 999
            })
        );
        let mut boasting = compressed.clone();
        let end = boasting.len() - 4;
        boasting[end..].copy_from_slice(&u32::MAX.to_le_bytes());
        assert_eq!(
            decompress(&boasting, usize::MAX),
            Err(NotDecompressed::Damaged("it says more than it can hold"))
        );
    }
}
