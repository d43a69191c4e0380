//! Numbers for native objects. A method of a napi-rs class costs a lock and several look-ups at
//! each call, more than the rest of a call takes; what is called for each message is a function
//! that names its object by a slot.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use super::endpoint::Endpoint;
use super::environment::Shared;

/// Objects of this thread by number. It owns none of them: their JavaScript classes do.
pub struct Slots<T> {
    entries: Vec<Weak<T>>,
    free: Vec<u32>,
}

impl<T> Slots<T> {
    const fn new() -> Self {
        Self { entries: Vec::new(), free: Vec::new() }
    }

    fn put(&mut self, object: &Rc<T>) -> u32 {
        let object = Rc::downgrade(object);
        if let Some(slot) = self.free.pop() {
            self.entries[slot as usize] = object;
            return slot;
        }
        self.entries.push(object);
        self.entries.len() as u32 - 1
    }

    fn get(&self, slot: u32) -> Option<Rc<T>> {
        self.entries.get(slot as usize)?.upgrade()
    }

    fn clear(&mut self, slot: u32) {
        self.entries[slot as usize] = Weak::new();
        self.free.push(slot);
    }
}

/// What has a slot.
pub trait Slotted: Sized + 'static {
    /// The slots of its kind.
    fn slots<R>(work: impl FnOnce(&mut Slots<Self>) -> R) -> R;
}

/// A slot of one object, free again when this is dropped: by its class, when JavaScript cannot
/// name it any more.
pub struct Slot<T: Slotted> {
    /// The object.
    pub object: Rc<T>,
    /// Its number.
    pub number: u32,
}

impl<T: Slotted> Slot<T> {
    /// Gives `object` a number.
    pub fn new(object: Rc<T>) -> Self {
        let number = T::slots(|slots| slots.put(&object));
        Self { object, number }
    }
}

impl<T: Slotted> Drop for Slot<T> {
    fn drop(&mut self) {
        T::slots(|slots| slots.clear(self.number));
    }
}

/// The object with that number.
pub fn find<T: Slotted>(slot: u32) -> Option<Rc<T>> {
    T::slots(|slots| slots.get(slot))
}

thread_local! {
    static ENVIRONMENTS: RefCell<Slots<Shared>> = const { RefCell::new(Slots::new()) };
    static ENDPOINTS: RefCell<Slots<Endpoint>> = const { RefCell::new(Slots::new()) };
}

impl Slotted for Shared {
    fn slots<R>(work: impl FnOnce(&mut Slots<Self>) -> R) -> R {
        ENVIRONMENTS.with_borrow_mut(work)
    }
}

impl Slotted for Endpoint {
    fn slots<R>(work: impl FnOnce(&mut Slots<Self>) -> R) -> R {
        ENDPOINTS.with_borrow_mut(work)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slot_is_found_while_its_owner_lives_and_used_again_after() {
        let mut slots = Slots::new();
        let (one, other) = (Rc::new(1), Rc::new(2));
        let (first, second) = (slots.put(&one), slots.put(&other));
        assert_eq!(slots.get(first).as_deref(), Some(&1));
        slots.clear(first);
        assert!(slots.get(first).is_none());
        assert_eq!(slots.put(&other), first);
        drop(other);
        assert!(slots.get(second).is_none());
        assert!(slots.get(99).is_none());
    }
}
