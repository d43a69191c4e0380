//! What is called for each message: functions that name their socket by its slot.

use std::io::{IoSlice, IoSliceMut};
use std::rc::Rc;

use napi::bindgen_prelude::*;
use napi_derive::napi;
use nix::errno::Errno;

use super::endpoint::Endpoint;
use super::inbox::Arrival;
use super::registers::credentials_from;
use super::slots;
use crate::error::IntoCode;
use crate::readiness::Interest;
use crate::sys::address;
use crate::sys::bytes::{with_bytes, with_many, with_words};
use crate::sys::message::Beside;

type Outcome<T> = std::result::Result<T, Errno>;

/// How `receive_one` says that another kind of message waits: no number, and no errno.
const ANOTHER_KIND: i32 = i32::MIN;

/// Sends `payload` from `offset` on, with the first `count` registers as descriptors.
/// Answers the bytes that left.
#[napi(
    catch_unwind,
    ts_args_type = "slot: number, payload: Uint8Array, offset: number, registers: Int32Array, count: number"
)]
pub fn send(slot: u32, payload: Unknown, offset: i64, registers: Unknown, count: u32) -> i32 {
    let sent = with_words(&registers, |words| {
        with_bytes(&payload, |bytes| {
            let offset = usize::try_from(offset).map_err(|_| Errno::EINVAL)?;
            let rest = bytes.get(offset..).ok_or(Errno::EINVAL)?;
            let descriptors = words.get(..count as usize).ok_or(Errno::EINVAL)?;
            let beside = Beside { descriptors, ..Beside::default() };
            endpoint(slot)?.send(&[IoSlice::new(rest)], &beside)
        })
    });
    sent.flatten().unwrap_or(Err(Errno::EINVAL)).into_code()
}

/// The same of many buffers, to an address if one is given, with credentials (process, user,
/// group) if they are given.
#[napi(
    catch_unwind,
    ts_args_type = "slot: number, payload: Uint8Array[], registers: Int32Array, count: number, address: Uint8Array | undefined, credentials: Int32Array | undefined"
)]
pub fn send_vec(
    slot: u32,
    payload: Unknown,
    registers: Unknown,
    count: u32,
    address: Unknown,
    credentials: Unknown,
) -> i32 {
    let to = with_bytes(&address, |bytes| address::parse(bytes)).transpose();
    let claimed = with_words(&credentials, |words| credentials_from(words)).flatten();
    let sent = with_words(&registers, |words| {
        with_many(&payload, |buffers| {
            let descriptors = words.get(..count as usize).ok_or(Errno::EINVAL)?;
            let beside = Beside { descriptors, credentials: claimed, to: to? };
            let buffers: Vec<_> = buffers.iter().map(|bytes| IoSlice::new(bytes)).collect();
            endpoint(slot)?.send(&buffers, &beside)
        })
    });
    sent.flatten().unwrap_or(Err(Errno::EINVAL)).into_code()
}

/// Sends a number in a message with one filler byte.
#[napi(catch_unwind)]
pub fn send_one(slot: u32, number: i32) -> i32 {
    endpoint(slot).and_then(|endpoint| endpoint.send_each(&[number])).into_code()
}

/// Sends the first `count` registers as descriptors, one a message with one filler byte each.
/// Answers how many left; a failure is answered where none did.
#[napi(catch_unwind, ts_args_type = "slot: number, registers: Int32Array, count: number")]
pub fn send_each(slot: u32, registers: Unknown, count: u32) -> i32 {
    let sent = with_words(&registers, |words| {
        let numbers = words.get(..count as usize).ok_or(Errno::EINVAL)?;
        endpoint(slot)?.send_each(numbers)
    });
    sent.unwrap_or(Err(Errno::EINVAL)).into_code()
}

/// Receives one message into `buffer`. Answers its bytes; the registers tell the rest.
#[napi(
    catch_unwind,
    ts_args_type = "slot: number, buffer: Uint8Array, max: number, registers: Int32Array"
)]
pub fn receive(slot: u32, buffer: Unknown, max: u32, registers: Unknown) -> i32 {
    received(slot, max, &registers, |endpoint| {
        with_bytes(&buffer, |bytes| endpoint.receive(&mut [IoSliceMut::new(bytes)]))
    })
}

/// The same into many buffers, filled one after the other.
#[napi(
    catch_unwind,
    ts_args_type = "slot: number, buffers: Uint8Array[], max: number, registers: Int32Array"
)]
pub fn receive_vec(slot: u32, buffers: Unknown, max: u32, registers: Unknown) -> i32 {
    received(slot, max, &registers, |endpoint| {
        with_many(&buffers, |buffers| endpoint.receive(buffers))
    })
}

/// Receives a message of one descriptor: its number, held. -2147483648 where another kind of
/// message waits, or the end: `receive` tells of it.
#[napi(catch_unwind)]
pub fn receive_one(slot: u32) -> i32 {
    let received = endpoint(slot).and_then(|endpoint| {
        let descriptor = endpoint.receive_one()?;
        Ok(descriptor.map(|descriptor| endpoint.shared.ledger.borrow_mut().hold(descriptor)))
    });
    received.map(|number| number.unwrap_or(ANOTHER_KIND)).into_code()
}

/// Receives up to `most` messages of one descriptor each into the registers, held. Answers how
/// many; 0 where the next is another kind of message or the end: `receive` tells of it.
#[napi(catch_unwind, ts_args_type = "slot: number, most: number, registers: Int32Array")]
pub fn receive_each(slot: u32, most: u32, registers: Unknown) -> i32 {
    let received = with_words(&registers, |words| {
        let endpoint = endpoint(slot)?;
        let mut ledger = endpoint.shared.ledger.borrow_mut();
        let most = words.len().min(most as usize);
        let mut came = 0;
        while came < most {
            match endpoint.receive_one() {
                Ok(Some(descriptor)) => words[came] = ledger.hold(descriptor),
                Err(errno) if came == 0 => return Err(errno),
                // What failed after some had come fails again, or is kept, for the next call.
                Ok(None) | Err(_) => break,
            }
            came += 1;
        }
        Ok(came)
    });
    received.unwrap_or(Err(Errno::EINVAL)).into_code()
}

/// Says what is awaited from now on (1 to receive, 2 to send, 3 both, 0 neither).
#[napi(catch_unwind)]
pub fn want(slot: u32, interest: i32) -> i32 {
    endpoint(slot).and_then(|endpoint| endpoint.want(Interest::from_bits(interest))).into_code()
}

fn endpoint(slot: u32) -> Outcome<Rc<Endpoint>> {
    slots::find(slot).ok_or(Errno::EBADF)
}

fn received(
    slot: u32,
    max: u32,
    registers: &Unknown,
    receive: impl FnOnce(&Endpoint) -> Option<Arrival>,
) -> i32 {
    let told = endpoint(slot).and_then(|endpoint| {
        let arrival = receive(&endpoint).unwrap_or(Err(Errno::EINVAL))?;
        let mut ledger = endpoint.shared.ledger.borrow_mut();
        let tell =
            |words: &mut [i32]| endpoint.inbox.tell(arrival, max as usize, &mut ledger, words);
        with_words(registers, tell).ok_or(Errno::EINVAL)
    });
    told.into_code()
}
