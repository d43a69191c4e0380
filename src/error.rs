//! How a failure crosses into JavaScript: as `-errno`, the way libuv and Node count.

use nix::errno::Errno;

/// The value a native call answers: what it counts, or a negative errno.
pub trait IntoCode {
    /// Turns the outcome into the number JavaScript gets.
    fn into_code(self) -> i32;
}

impl IntoCode for Result<i32, Errno> {
    fn into_code(self) -> i32 {
        self.unwrap_or_else(|errno| -(errno as i32))
    }
}

impl IntoCode for Result<usize, Errno> {
    fn into_code(self) -> i32 {
        self.map(|count| i32::try_from(count).unwrap_or(i32::MAX)).into_code()
    }
}

impl IntoCode for Result<(), Errno> {
    fn into_code(self) -> i32 {
        self.map(|()| 0).into_code()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_is_the_negative_errno() {
        let failed: Result<(), Errno> = Err(Errno::EPIPE);
        assert_eq!(failed.into_code(), -libc::EPIPE);
    }

    #[test]
    fn a_success_is_its_count() {
        assert_eq!(Ok::<usize, Errno>(3).into_code(), 3);
    }
}
