//! The walk through control data, fed with anything, and with what a kernel writes, cut anywhere.
#![no_main]

use libfuzzer_sys::fuzz_target;

#[allow(dead_code)]
#[path = "../../src/sys/control.rs"]
mod control;

use control::{numbers, walk};

/// What a kernel writes: a header for each group, and its numbers.
fn written(groups: &[u8]) -> (Vec<u8>, Vec<i32>) {
    let (mut bytes, mut all) = (Vec::new(), Vec::new());
    for group in groups.iter().take(8) {
        let fds: Vec<i32> = (0..i32::from(*group)).collect();
        let data = (fds.len() * size_of::<i32>()) as u32;
        // SAFETY: arithmetic.
        let (length, space) = unsafe { (libc::CMSG_LEN(data), libc::CMSG_SPACE(data)) };
        let start = bytes.len();
        bytes.extend((length as usize).to_ne_bytes());
        bytes.extend(libc::SOL_SOCKET.to_ne_bytes());
        bytes.extend(libc::SCM_RIGHTS.to_ne_bytes());
        bytes.extend(fds.iter().flat_map(|fd| fd.to_ne_bytes()));
        bytes.resize(start + space as usize, 0);
        all.extend(fds);
    }
    (bytes, all)
}

fn found(bytes: &[u8]) -> Vec<i32> {
    walk(bytes).flat_map(|message| numbers(message.data).collect::<Vec<_>>()).collect()
}

fuzz_target!(|data: &[u8]| {
    let mut walked = 0;
    for message in walk(data) {
        walked += size_of::<libc::cmsghdr>() + message.data.len();
        assert!(data.as_ptr_range().contains(&message.data.as_ptr()) || message.data.is_empty());
    }
    assert!(walked <= data.len(), "the messages do not overlap");

    let Some((cut, groups)) = data.split_first() else {
        return;
    };
    let (bytes, sent) = written(groups);
    assert_eq!(found(&bytes), sent);
    let cut = bytes.len() * usize::from(*cut) / usize::from(u8::MAX);
    let prefix = found(&bytes[..cut]);
    assert_eq!(prefix, sent[..prefix.len()], "what is cut is the beginning of what was sent");
});
