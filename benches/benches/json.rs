//! JSON in and out without an interpreter: the tokens of a document, and the text of one.
//!
//! Beside it serde_json does the same work on the same document, and both must come to the same.

use std::{fmt, hint::black_box};

use callboard_json::{
    Cursor, Number, Unreadable, write_code_points, write_float, write_integer, write_latin1,
};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use serde::{
    Deserialize, Deserializer, Serialize,
    de::{MapAccess, SeqAccess, Visitor},
};

const RECORDS: u32 = 5_000;

#[derive(Serialize)]
struct Record {
    id: i64,
    name: String,
    score: f64,
    tags: Vec<&'static str>,
    done: bool,
    parent: Option<i64>,
}

fn records() -> Vec<Record> {
    (0..RECORDS)
        .map(|number| Record {
            id: i64::from(number) * 7919 - 1_000_000,
            name: format!("record \"{number}\" of many"),
            score: f64::from(number) / 7.0,
            tags: vec!["alpha", "a somewhat longer tag", "line\nbreak"],
            done: number % 3 == 0,
            parent: (number % 5 > 0).then(|| i64::from(number / 5)),
        })
        .collect()
}

/// What there is in a document: any other way to read it must find as much.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Tally {
    numbers: f64,
    letters: usize,
    words: usize,
    containers: usize,
}

impl Tally {
    fn add(&mut self, other: Self) {
        self.numbers += other.numbers;
        self.letters += other.letters;
        self.words += other.words;
        self.containers += other.containers;
    }

    fn number(number: f64) -> Self {
        Self {
            numbers: number,
            ..Self::default()
        }
    }

    fn text(bytes: usize) -> Self {
        Self {
            letters: bytes,
            ..Self::default()
        }
    }

    fn word() -> Self {
        Self {
            words: 1,
            ..Self::default()
        }
    }

    fn container() -> Self {
        Self {
            containers: 1,
            ..Self::default()
        }
    }
}

fn read(cursor: &mut Cursor<'_>, scratch: &mut Vec<u8>) -> Result<Tally, Unreadable> {
    match cursor.peek()? {
        b'{' => container(cursor, b'}', |cursor| {
            cursor.expect(b'"')?;
            let mut entry = Tally::text(cursor.string(scratch)?.bytes.len());
            cursor.expect(b':')?;
            entry.add(read(cursor, scratch)?);
            Ok(entry)
        }),
        b'[' => container(cursor, b']', |cursor| read(cursor, scratch)),
        b'"' => {
            cursor.advance();
            Ok(Tally::text(cursor.string(scratch)?.bytes.len()))
        }
        b't' => cursor.word(b"true").map(|()| Tally::word()),
        b'f' => cursor.word(b"false").map(|()| Tally::word()),
        b'n' => cursor.word(b"null").map(|()| Tally::word()),
        _ => match cursor.number()? {
            Number::Integer(number) => Ok(Tally::number(number as f64)),
            Number::Float(number) => Ok(Tally::number(number)),
            Number::LongInteger(_) => Err(Unreadable),
        },
    }
}

fn container<'a>(
    cursor: &mut Cursor<'a>,
    end: u8,
    mut item: impl FnMut(&mut Cursor<'a>) -> Result<Tally, Unreadable>,
) -> Result<Tally, Unreadable> {
    cursor.advance();
    let mut tally = Tally::container();
    if cursor.peek()? == end {
        cursor.advance();
        return Ok(tally);
    }
    loop {
        tally.add(item(cursor)?);
        let next = cursor.peek()?;
        cursor.advance();
        match next {
            b',' => {}
            _ if next == end => return Ok(tally),
            _ => return Err(Unreadable),
        }
    }
}

impl<'de> Deserialize<'de> for Tally {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Tallying)
    }
}

struct Tallying;

impl<'de> Visitor<'de> for Tallying {
    type Value = Tally;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("any JSON")
    }

    fn visit_bool<E>(self, _: bool) -> Result<Tally, E> {
        Ok(Tally::word())
    }

    fn visit_unit<E>(self) -> Result<Tally, E> {
        Ok(Tally::word())
    }

    fn visit_i64<E>(self, number: i64) -> Result<Tally, E> {
        Ok(Tally::number(number as f64))
    }

    fn visit_u64<E>(self, number: u64) -> Result<Tally, E> {
        Ok(Tally::number(number as f64))
    }

    fn visit_f64<E>(self, number: f64) -> Result<Tally, E> {
        Ok(Tally::number(number))
    }

    fn visit_str<E>(self, text: &str) -> Result<Tally, E> {
        Ok(Tally::text(text.len()))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Tally, A::Error> {
        let mut tally = Tally::container();
        while let Some(item) = items.next_element()? {
            tally.add(item);
        }
        Ok(tally)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut entries: A) -> Result<Tally, A::Error> {
        let mut tally = Tally::container();
        while let Some((key, value)) = entries.next_entry::<Tally, Tally>()? {
            let mut entry = key;
            entry.add(value);
            tally.add(entry);
        }
        Ok(tally)
    }
}

fn write(records: &[Record], out: &mut Vec<u8>) {
    list(out, records, |out, record| {
        out.extend_from_slice(b"{\"id\":");
        write_integer(out, record.id);
        out.extend_from_slice(b",\"name\":");
        write_text(out, &record.name);
        out.extend_from_slice(b",\"score\":");
        write_float(out, record.score);
        out.extend_from_slice(b",\"tags\":");
        list(out, &record.tags, |out, tag| write_text(out, tag));
        out.extend_from_slice(b",\"done\":");
        out.extend_from_slice(if record.done { b"true" } else { b"false" });
        out.extend_from_slice(b",\"parent\":");
        match record.parent {
            Some(parent) => write_integer(out, parent),
            None => out.extend_from_slice(b"null"),
        }
        out.push(b'}');
    });
}

fn list<T>(out: &mut Vec<u8>, items: &[T], write: impl Fn(&mut Vec<u8>, &T)) {
    out.push(b'[');
    for (index, item) in items.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        write(out, item);
    }
    out.push(b']');
}

/// The interpreter keeps texts by the width of their code points; here that is found out first.
fn write_text(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    if text.is_ascii() {
        write_latin1(out, text.as_bytes());
    } else {
        write_code_points(out, text.chars().map(u32::from));
    }
    out.push(b'"');
}

fn json_in(criterion: &mut Criterion) {
    let text = serde_json::to_vec(&records()).expect("records can be written");
    let by_serde = || serde_json::from_slice::<Tally>(black_box(&text)).expect("it is JSON");
    let mut scratch = Vec::new();
    let mut by_us = || {
        let mut cursor = Cursor::new(black_box(&text));
        let tally = read(&mut cursor, &mut scratch).expect("it is JSON");
        cursor.end().expect("there is no more");
        tally
    };
    let expected = by_serde();
    assert_eq!(by_us(), expected);
    assert_eq!(expected.containers, 1 + 2 * RECORDS as usize);
    let mut group = criterion.benchmark_group("JSON in");
    group.throughput(Throughput::Bytes(text.len() as u64));
    group.bench_function("tokens", |bencher| {
        bencher.iter(|| assert_eq!(by_us(), expected));
    });
    group.bench_function("serde_json", |bencher| {
        bencher.iter(|| assert_eq!(by_serde(), expected));
    });
    group.finish();
}

fn json_out(criterion: &mut Criterion) {
    let records = records();
    let expected = serde_json::to_vec(&records).expect("records can be written");
    let by_us = || {
        let mut out = Vec::new();
        write(black_box(&records), &mut out);
        out
    };
    // Floats apart (Python writes 0.0 and 1e-07 its own way), the two write the same.
    assert_eq!(
        serde_json::from_slice::<Tally>(&by_us()).expect("it is JSON"),
        serde_json::from_slice::<Tally>(&expected).expect("it is JSON"),
    );
    let length = by_us().len();
    let mut group = criterion.benchmark_group("JSON out");
    group.throughput(Throughput::Bytes(length as u64));
    group.bench_function("text", |bencher| {
        bencher.iter(|| assert_eq!(by_us().len(), length));
    });
    group.bench_function("serde_json", |bencher| {
        bencher.iter(|| {
            let written = serde_json::to_vec(black_box(&records)).expect("records can be written");
            assert_eq!(written.len(), expected.len());
        });
    });
    group.finish();
}

criterion_group!(benches, json_in, json_out);
criterion_main!(benches);
