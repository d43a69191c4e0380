//! Descriptors: duplicating, replacing, comparing and closing them.

use std::os::fd::{AsFd, AsRawFd, BorrowedFd, FromRawFd, IntoRawFd, OwnedFd, RawFd};

use nix::errno::Errno;
use nix::fcntl::{FcntlArg, FdFlag, OFlag, fcntl};

/// The standard streams keep their numbers even where a program has closed them.
const FIRST_FREE: RawFd = 3;

/// Borrows a number that JavaScript brought, if it is open.
pub fn borrow(number: RawFd) -> Result<BorrowedFd<'static>, Errno> {
    if number < 0 {
        return Err(Errno::EBADF);
    }
    // SAFETY: the number is not negative, all that `borrow_raw` asks of a number that is only
    // handed to system calls; the calls below and at our callers answer EBADF where it is closed.
    let borrowed = unsafe { BorrowedFd::borrow_raw(number) };
    fcntl(borrowed, FcntlArg::F_GETFD)?;
    Ok(borrowed)
}

/// Takes ownership of a number that JavaScript brought, if it is open.
pub fn adopt(number: RawFd) -> Result<OwnedFd, Errno> {
    borrow(number)?;
    // SAFETY: it is open, and the caller of `adopt` gives its ownership up by the contract of the
    // public API; the ledger refuses numbers that this environment owns already.
    let owned = unsafe { OwnedFd::from_raw_fd(number) };
    set_close_on_exec(&owned);
    Ok(owned)
}

/// Makes the open file description non-blocking, for all who hold it.
pub fn set_non_blocking(descriptor: BorrowedFd) -> Result<(), Errno> {
    let flags = OFlag::from_bits_retain(fcntl(descriptor, FcntlArg::F_GETFL)?);
    if !flags.contains(OFlag::O_NONBLOCK) {
        fcntl(descriptor, FcntlArg::F_SETFL(flags | OFlag::O_NONBLOCK))?;
    }
    Ok(())
}

/// A second descriptor of the same open file description, close-on-exec.
pub fn duplicate(descriptor: BorrowedFd) -> Result<OwnedFd, Errno> {
    let number = fcntl(descriptor, FcntlArg::F_DUPFD_CLOEXEC(FIRST_FREE))?;
    // SAFETY: the kernel has just made this number for us.
    Ok(unsafe { OwnedFd::from_raw_fd(number) })
}

/// The same of a number that JavaScript brought.
pub fn duplicate_number(number: RawFd) -> Result<OwnedFd, Errno> {
    if number < 0 {
        return Err(Errno::EBADF);
    }
    // SAFETY: the number is not negative, and only handed to a system call, which answers EBADF
    // where it is closed.
    duplicate(unsafe { BorrowedFd::borrow_raw(number) })
}

/// Puts the open file description of `source` behind `target`'s number too.
pub fn replace(source: BorrowedFd, target: RawFd) -> Result<(), Errno> {
    let target = borrow(target)?.as_raw_fd();
    #[cfg(not(target_vendor = "apple"))]
    // SAFETY: dup3 changes what the number refers to, not who owns it, and its owner asked for
    // that; both numbers are open.
    let replaced = unsafe { libc::dup3(source.as_raw_fd(), target, libc::O_CLOEXEC) };
    #[cfg(target_vendor = "apple")]
    // SAFETY: as above; a fork in between inherits, which macOS has no way to prevent.
    let replaced = unsafe { libc::dup2(source.as_raw_fd(), target) };
    Errno::result(replaced)?;
    #[cfg(target_vendor = "apple")]
    set_close_on_exec(borrow(target)?);
    Ok(())
}

/// Closes, and says what the kernel said.
pub fn close(descriptor: OwnedFd) -> Result<(), Errno> {
    match nix::unistd::close(descriptor) {
        // The number is gone on every system we run on: a second try would close a stranger.
        Err(Errno::EINTR) | Ok(()) => Ok(()),
        Err(errno) => Err(errno),
    }
}

/// Closes many, consecutive numbers by one system call where there is one for it.
pub fn close_all(descriptors: impl IntoIterator<Item = OwnedFd>) {
    let descriptors = descriptors.into_iter();
    // Mostly all that are listed are still there.
    let mut numbers = Vec::with_capacity(descriptors.size_hint().1.unwrap_or_default());
    numbers.extend(descriptors.map(IntoRawFd::into_raw_fd));
    numbers.sort_unstable();
    for run in numbers.chunk_by(|a, b| a + 1 == *b) {
        if run.len() < 2 || !close_range(run[0], run[run.len() - 1]) {
            for &number in run {
                // SAFETY: it came out of an `OwnedFd` above and was not closed since.
                drop(unsafe { OwnedFd::from_raw_fd(number) });
            }
        }
    }
}

#[cfg(any(target_os = "linux", target_os = "freebsd"))]
fn close_range(first: RawFd, last: RawFd) -> bool {
    #[cfg(target_os = "linux")]
    // SAFETY: every number of the range came out of an `OwnedFd` of ours. The raw call, because
    // the wrapper is younger than the C library we promise to run with.
    let result = unsafe { libc::syscall(libc::SYS_close_range, first, last, 0) };
    #[cfg(target_os = "freebsd")]
    // SAFETY: as above.
    let result = unsafe { libc::close_range(first as u32, last as u32, 0) };
    result == 0
}

#[cfg(not(any(target_os = "linux", target_os = "freebsd")))]
fn close_range(_first: RawFd, _last: RawFd) -> bool {
    false
}

/// Whether two numbers refer to the same open file (not merely to the same inode, where the
/// kernel can tell).
pub fn same_open_file(one: BorrowedFd, other: RawFd) -> bool {
    let Ok(other) = borrow(other) else {
        return false;
    };
    compare_in_kernel(one, other).unwrap_or_else(|| same_inode(one, other))
}

#[cfg(target_os = "linux")]
fn compare_in_kernel(one: BorrowedFd, other: BorrowedFd) -> Option<bool> {
    const KCMP_FILE: libc::c_int = 0;
    let process = std::process::id();
    // SAFETY: kcmp only reads; all arguments are integers.
    let result = unsafe {
        libc::syscall(
            libc::SYS_kcmp,
            process,
            process,
            KCMP_FILE,
            one.as_raw_fd(),
            other.as_raw_fd(),
        )
    };
    // Sandboxes forbid the call, and kernels may lack it.
    (result >= 0).then_some(result == 0)
}

#[cfg(not(target_os = "linux"))]
fn compare_in_kernel(_one: BorrowedFd, _other: BorrowedFd) -> Option<bool> {
    None
}

fn same_inode(one: BorrowedFd, other: BorrowedFd) -> bool {
    match (nix::sys::stat::fstat(one), nix::sys::stat::fstat(other)) {
        (Ok(one), Ok(other)) => one.st_dev == other.st_dev && one.st_ino == other.st_ino,
        _ => false,
    }
}

/// Locks an open file or directory for this descriptor, if nobody else has; closing it unlocks.
pub fn try_lock(descriptor: BorrowedFd) -> Result<(), Errno> {
    // SAFETY: flock takes integers, and the descriptor is open.
    Errno::result(unsafe { libc::flock(descriptor.as_raw_fd(), libc::LOCK_EX | libc::LOCK_NB) })
        .map(drop)
}

/// Whether the process has no slot left for one more descriptor.
pub fn out_of_slots(any_open: BorrowedFd) -> bool {
    matches!(duplicate(any_open), Err(Errno::EMFILE | Errno::ENFILE))
}

/// Whether so many slots are free, as far as the system tells.
#[cfg(target_os = "linux")]
pub fn has_slots(many: usize) -> bool {
    // Since Linux 6.2 the size of the directory is how many there are in it; before, and without
    // /proc, it is 0.
    let open = match nix::sys::stat::stat(c"/proc/self/fd") {
        Ok(stat) if stat.st_size > 0 => stat.st_size as usize,
        _ => return false,
    };
    // SAFETY: zero is a valid rlimit, and the out pointer is a local.
    let limit = unsafe {
        let mut limit: libc::rlimit = std::mem::zeroed();
        if libc::getrlimit(libc::RLIMIT_NOFILE, &raw mut limit) != 0 {
            return false;
        }
        // As large as a pointer, but for "no limit", which is the largest here too.
        limit.rlim_cur as usize
    };
    open + many <= limit
}

/// Sets close-on-exec, for descriptors that did not come with it.
pub fn set_close_on_exec(descriptor: impl AsFd) {
    // It cannot fail on an open descriptor.
    let _ = fcntl(descriptor, FcntlArg::F_SETFD(FdFlag::FD_CLOEXEC));
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::File;

    #[test]
    fn a_duplicate_is_the_same_open_file_and_close_on_exec() {
        let file = File::open("/dev/null").unwrap();
        let copy = duplicate(file.as_fd()).unwrap();
        assert!(same_open_file(file.as_fd(), copy.as_raw_fd()));
        let flags = fcntl(&copy, FcntlArg::F_GETFD).unwrap();
        assert_eq!(flags & FdFlag::FD_CLOEXEC.bits(), FdFlag::FD_CLOEXEC.bits());
    }

    #[test]
    fn two_openings_of_one_file_are_told_apart() {
        let one = File::open("/dev/null").unwrap();
        let other = File::open("/dev/null").unwrap();
        assert!(!same_open_file(one.as_fd(), other.as_raw_fd()));
    }

    #[test]
    fn numbers_that_are_not_open_are_ebadf() {
        for number in [-1, RawFd::MIN, 1 << 20, RawFd::MAX] {
            assert_eq!(borrow(number).unwrap_err(), Errno::EBADF);
            assert_eq!(adopt(number).unwrap_err(), Errno::EBADF);
        }
    }

    #[test]
    fn a_list_closes_and_leaves_the_numbers_between_alone() {
        let files: Vec<OwnedFd> = (0..6).map(|_| File::open("/dev/null").unwrap().into()).collect();
        let numbers: Vec<RawFd> = files.iter().map(AsRawFd::as_raw_fd).collect();
        let (keep, rest): (Vec<_>, Vec<_>) =
            files.into_iter().enumerate().partition(|(index, _)| *index == 2);
        close_all(rest.into_iter().map(|(_, file)| file));
        for (index, number) in numbers.into_iter().enumerate() {
            assert_eq!(borrow(number).is_ok(), index == 2);
        }
        drop(keep);
    }

    #[test]
    fn replacing_puts_one_file_behind_the_others_number() {
        let source = File::open("/dev/zero").unwrap();
        let target = File::open("/dev/null").unwrap();
        replace(source.as_fd(), target.as_raw_fd()).unwrap();
        assert!(same_open_file(source.as_fd(), target.as_raw_fd()));
    }
}
