//! The registers: the `Int32Array` through which numbers pass without an object for each.
//!
//! A received message is told in three words (flags, how many descriptors arrived, how many are
//! kept), then the numbers that are kept.

use crate::ledger::Ledger;
use crate::sys::fd;
use crate::sys::message::Received;

const PAYLOAD_TRUNCATED: i32 = 1;
const CONTROL_TRUNCATED: i32 = 2;
const OUT_OF_SLOTS: i32 = 4;

/// Where the numbers begin.
const HEADER: usize = 3;

/// Tells of `received`. Its descriptors are held if they are whole and at most `max`, closed
/// otherwise: a part is never handed over.
pub fn store(received: Received, max: usize, ledger: &mut Ledger, words: &mut [i32]) {
    let arrived = received.descriptors.len();
    let mut flags = 0;
    for (set, flag) in [
        (received.payload_truncated, PAYLOAD_TRUNCATED),
        (received.control_truncated, CONTROL_TRUNCATED),
        (received.out_of_slots, OUT_OF_SLOTS),
    ] {
        flags |= if set { flag } else { 0 };
    }
    let whole = !received.control_truncated && arrived <= max && words.len() >= HEADER + arrived;
    let kept = if whole { arrived } else { 0 };
    if words.len() >= HEADER {
        words[..HEADER].copy_from_slice(&[flags, arrived as i32, kept as i32]);
    }
    if !whole {
        fd::close_all(received.descriptors);
        return;
    }
    for (word, descriptor) in words[HEADER..].iter_mut().zip(received.descriptors) {
        *word = ledger.hold(descriptor);
    }
}
