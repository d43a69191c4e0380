//! Which descriptor numbers an environment owns.
//!
//! JavaScript holds numbers, and a number cannot be dropped. So every descriptor that waits in
//! JavaScript for its next owner is kept here as an [`OwnedFd`]: when the environment ends (a
//! worker is terminated between two lines of its program), the ledger goes, and all are closed.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, IntoRawFd, OwnedFd, RawFd};

use nix::errno::Errno;

/// What the environment knows of one number.
enum Entry {
    /// Not ours.
    Free,
    /// A JavaScript `Descriptor`, or a call under way, owns it through this ledger.
    Held(OwnedFd),
    /// A native socket owns it.
    Lent,
}

/// The numbers of one environment, by number.
#[derive(Default)]
pub struct Ledger {
    entries: Vec<Entry>,
}

impl Ledger {
    /// Keeps `descriptor` for JavaScript and answers its number.
    pub fn hold(&mut self, descriptor: OwnedFd) -> RawFd {
        let number = descriptor.as_raw_fd();
        if let Entry::Held(stale) = self.replace(number, Entry::Held(descriptor)) {
            // The number was closed behind our back, or the kernel could not have handed it out
            // again: dropping the stale entry would close its new owner.
            let _ = stale.into_raw_fd();
        }
        number
    }

    /// Moves a held descriptor out to an owner outside JavaScript's reach, such as a socket.
    pub fn lend(&mut self, number: RawFd) -> Result<OwnedFd, Errno> {
        self.take(number, Entry::Lent)
    }

    /// Moves a held descriptor out for good, to be closed or replaced.
    pub fn remove(&mut self, number: RawFd) -> Result<OwnedFd, Errno> {
        self.take(number, Entry::Free)
    }

    /// Borrows a held descriptor.
    pub fn borrow(&self, number: RawFd) -> Result<BorrowedFd<'_>, Errno> {
        match self.get(number) {
            Some(Entry::Held(descriptor)) => Ok(descriptor.as_fd()),
            _ => Err(Errno::EBADF),
        }
    }

    /// Gives a held descriptor away as a bare number, to the user or to an object of Node's.
    pub fn give(&mut self, number: RawFd) -> Result<RawFd, Errno> {
        self.take(number, Entry::Free).map(IntoRawFd::into_raw_fd)
    }

    /// Forgets a lent number: its owner closed it or gave it away.
    pub fn forget(&mut self, number: RawFd) {
        self.replace(number, Entry::Free);
    }

    /// Whether somebody in this environment owns `number` already.
    pub fn owns(&self, number: RawFd) -> bool {
        matches!(self.get(number), Some(Entry::Held(_) | Entry::Lent))
    }

    /// Closes everything that is still held.
    pub fn clear(&mut self) {
        self.entries.clear();
    }

    fn get(&self, number: RawFd) -> Option<&Entry> {
        self.entries.get(usize::try_from(number).ok()?)
    }

    fn take(&mut self, number: RawFd, leave: Entry) -> Result<OwnedFd, Errno> {
        if !matches!(self.get(number), Some(Entry::Held(_))) {
            return Err(Errno::EBADF);
        }
        match self.replace(number, leave) {
            Entry::Held(descriptor) => Ok(descriptor),
            Entry::Free | Entry::Lent => Err(Errno::EBADF),
        }
    }

    fn replace(&mut self, number: RawFd, entry: Entry) -> Entry {
        let Ok(index) = usize::try_from(number) else {
            return entry;
        };
        if index >= self.entries.len() {
            self.entries.resize_with(index + 1, || Entry::Free);
        }
        std::mem::replace(&mut self.entries[index], entry)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;

    fn open() -> OwnedFd {
        File::open("/dev/null").expect("/dev/null opens").into()
    }

    fn is_open(number: RawFd) -> bool {
        std::path::Path::new(&format!("/dev/fd/{number}")).exists()
    }

    #[test]
    fn what_is_held_is_closed_with_the_ledger() {
        let mut ledger = Ledger::default();
        let number = ledger.hold(open());
        assert!(is_open(number));
        ledger.clear();
        assert!(!is_open(number));
    }

    #[test]
    fn a_number_that_is_not_held_is_ebadf() {
        let mut ledger = Ledger::default();
        for number in [-1, 0, 7, RawFd::MAX] {
            assert_eq!(ledger.remove(number).unwrap_err(), Errno::EBADF);
        }
    }

    #[test]
    fn a_lent_number_is_owned_and_cannot_be_taken_again() {
        let mut ledger = Ledger::default();
        let number = ledger.hold(open());
        let owner = ledger.lend(number).expect("held");
        assert!(ledger.owns(number));
        assert_eq!(ledger.lend(number).unwrap_err(), Errno::EBADF);
        drop(owner);
        ledger.forget(number);
        assert!(!ledger.owns(number));
    }

    #[test]
    fn a_given_number_stays_open_and_is_owned_no_more() {
        let mut ledger = Ledger::default();
        let held = ledger.hold(open());
        let number = ledger.give(held).expect("held");
        assert!(!ledger.owns(number));
        ledger.clear();
        assert!(is_open(number));
        ledger.hold(crate::sys::fd::adopt(number).expect("open"));
    }
}
