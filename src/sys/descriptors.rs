//! The descriptors of one message, owned; mostly it is one, and that takes no allocation.

use std::os::fd::OwnedFd;

/// Owned descriptors in their order.
#[derive(Debug, Default)]
pub struct Descriptors {
    first: Option<OwnedFd>,
    rest: Vec<OwnedFd>,
}

impl Descriptors {
    /// Makes room for so many more.
    pub fn reserve(&mut self, more: usize) {
        if more > 1 {
            self.rest.reserve_exact(more);
        }
    }

    /// Adds one at the end.
    pub fn push(&mut self, descriptor: OwnedFd) {
        if self.first.is_none() {
            self.first = Some(descriptor);
        } else {
            self.rest.push(descriptor);
        }
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        usize::from(self.first.is_some()) + self.rest.len()
    }

    /// Takes the only one, if it is.
    pub fn take_only(&mut self) -> Option<OwnedFd> {
        if self.rest.is_empty() { self.first.take() } else { None }
    }
}

impl IntoIterator for Descriptors {
    type Item = OwnedFd;
    type IntoIter = std::iter::Chain<std::option::IntoIter<OwnedFd>, std::vec::IntoIter<OwnedFd>>;

    fn into_iter(self) -> Self::IntoIter {
        self.first.into_iter().chain(self.rest)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;
    use std::os::fd::AsRawFd;

    #[test]
    fn they_come_out_as_they_went_in() {
        let files: Vec<OwnedFd> = (0..3).map(|_| File::open("/dev/null").unwrap().into()).collect();
        let numbers: Vec<_> = files.iter().map(AsRawFd::as_raw_fd).collect();
        let mut descriptors = Descriptors::default();
        descriptors.reserve(files.len());
        for file in files {
            descriptors.push(file);
        }
        assert_eq!(descriptors.len(), 3);
        assert!(descriptors.take_only().is_none());
        let came: Vec<_> = descriptors.into_iter().map(|file| file.as_raw_fd()).collect();
        assert_eq!(came, numbers);
    }

    #[test]
    fn the_only_one_is_taken_once() {
        let mut descriptors = Descriptors::default();
        descriptors.push(File::open("/dev/null").unwrap().into());
        assert!(descriptors.take_only().is_some());
        assert!(descriptors.take_only().is_none());
        assert_eq!(descriptors.len(), 0);
    }
}
