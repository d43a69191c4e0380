/* A message and its descriptors, by sendmsg(2) and recvmsg(2) and nothing around them. */
#ifndef MESSAGE_H
#define MESSAGE_H
#define _GNU_SOURCE
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <time.h>

#ifndef MSG_NOSIGNAL /* macOS: the sender here never outlives its receiver. */
#define MSG_NOSIGNAL 0
#endif
#ifndef MSG_CMSG_CLOEXEC
#define MSG_CMSG_CLOEXEC 0
#endif

enum { MOST_DESCRIPTORS = 253, SOCKET_BUFFER = 1 << 20 };

union control {
    struct cmsghdr header;
    char bytes[CMSG_SPACE(MOST_DESCRIPTORS * sizeof(int))];
};

static inline int64_t now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return time.tv_sec * INT64_C(1000000000) + time.tv_nsec;
}

static inline void fail(const char *what) {
    perror(what);
    exit(1);
}

/* Sends the parts as one message. Answers its bytes, or -1 where it would have to wait, or where
 * it is too large for a packet. */
static inline ssize_t send_message(int to, struct iovec *parts, int count, const int *fds, int n, int flags) {
    union control control;
    struct msghdr message = {.msg_iov = parts, .msg_iovlen = count};
    if (n > 0) {
        message.msg_control = control.bytes;
        message.msg_controllen = CMSG_SPACE(n * sizeof(int));
        struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
        rights->cmsg_level = SOL_SOCKET;
        rights->cmsg_type = SCM_RIGHTS;
        rights->cmsg_len = CMSG_LEN(n * sizeof(int));
        memcpy(CMSG_DATA(rights), fds, n * sizeof(int));
    }
    ssize_t sent = sendmsg(to, &message, flags | MSG_NOSIGNAL);
    if (sent < 0 && errno != EAGAIN && errno != EMSGSIZE && errno != ENOBUFS) fail("sendmsg");
    return sent;
}

/* Receives one message. Answers its bytes, or -1 where there is none yet. */
static inline ssize_t receive_message(int from, struct iovec *parts, int count, int *fds, int *n, int flags) {
    union control control;
    struct msghdr message = {
        .msg_iov = parts,
        .msg_iovlen = count,
        .msg_control = control.bytes,
        .msg_controllen = sizeof control.bytes,
    };
    ssize_t received = recvmsg(from, &message, flags | MSG_CMSG_CLOEXEC);
    *n = 0;
    if (received < 0) {
        if (errno != EAGAIN) fail("recvmsg");
        return received;
    }
    if (message.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) {
        fputs("a message was cut\n", stderr);
        exit(1);
    }
    struct cmsghdr *rights = CMSG_FIRSTHDR(&message);
    if (rights != NULL && rights->cmsg_level == SOL_SOCKET && rights->cmsg_type == SCM_RIGHTS) {
        *n = (rights->cmsg_len - CMSG_LEN(0)) / sizeof(int);
        memcpy(fds, CMSG_DATA(rights), *n * sizeof(int));
    }
    return received;
}

static inline void enlarge(int socket) {
    int bytes = SOCKET_BUFFER;
    setsockopt(socket, SOL_SOCKET, SO_SNDBUF, &bytes, sizeof bytes);
    setsockopt(socket, SOL_SOCKET, SO_RCVBUF, &bytes, sizeof bytes);
}
#endif
