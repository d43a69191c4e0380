//! What is called for each descriptor that is held: functions that name their environment by its
//! slot.

use std::rc::Rc;

use napi::bindgen_prelude::*;
use napi_derive::napi;
use nix::errno::Errno;

use super::environment::Shared;
use super::slots;
use crate::error::IntoCode;
use crate::sys::bytes::with_words;
use crate::sys::fd;

/// Closes a held number.
#[napi(catch_unwind)]
pub fn close(slot: u32, number: i32) -> i32 {
    let held = environment(slot).and_then(|shared| shared.ledger.borrow_mut().remove(number));
    held.and_then(fd::close).into_code()
}

/// Closes those of the first `count` registers that are held, in one go.
#[napi(catch_unwind, ts_args_type = "slot: number, registers: Int32Array, count: number")]
pub fn close_all(slot: u32, registers: Unknown, count: u32) {
    with_words(&registers, |words| {
        let Ok(shared) = environment(slot) else {
            return;
        };
        let mut ledger = shared.ledger.borrow_mut();
        let listed = words.iter().take(count as usize);
        let held = listed.filter_map(|number| ledger.remove(*number).ok()).collect();
        drop(ledger);
        fd::close_all(held);
    });
}

/// Gives a held number away: the user or an object of Node's owns it from now on.
#[napi(catch_unwind)]
pub fn give(slot: u32, number: i32) -> i32 {
    environment(slot).and_then(|shared| shared.ledger.borrow_mut().give(number)).into_code()
}

/// A duplicate of any open number, held; or a negative errno.
#[napi(catch_unwind)]
pub fn duplicate(slot: u32, number: i32) -> i32 {
    let made = environment(slot).and_then(|shared| {
        let duplicate = fd::borrow(number).and_then(fd::duplicate)?;
        Ok(shared.ledger.borrow_mut().hold(duplicate))
    });
    made.into_code()
}

/// 0 for a number that its owner may close, 1 for one that a native socket or a `Descriptor`
/// owns, 2 for one that the event loop watches for somebody else.
#[napi(catch_unwind)]
pub fn owner(slot: u32, number: i32) -> i32 {
    let owner = environment(slot).map(|shared| {
        if shared.ledger.borrow().owns(number) {
            1
        } else if shared.engine.watches(number) {
            2
        } else {
            0
        }
    });
    owner.into_code()
}

fn environment(slot: u32) -> std::result::Result<Rc<Shared>, Errno> {
    slots::find(slot).ok_or(Errno::EBADF)
}
