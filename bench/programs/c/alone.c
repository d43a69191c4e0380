/* Both ends in one process: alone WHAT BATCHES MESSAGES. Prints `point SERIES X NANOSECONDS`, the
 * median of the batches for one message. What is measured: bench/alone. */
#include "message.h"
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>
#ifdef __linux__
#include <sys/epoll.h>
#endif

enum { MOST_BATCHES = 1000, LIMIT_SECONDS = 60, LARGEST = 1 << 20, BATCH_BYTES = 1 << 24 };

static int batches, messages, file;
static char buffer[LARGEST];

static int in_order(const void *one, const void *other) {
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

/* Times batches of `laps` times `body(argument)`, in each of which `per_lap` messages go. */
static void measure(const char *series, long x, int laps, int per_lap, void (*body)(void *), void *argument) {
    double times[MOST_BATCHES];
    for (int lap = 0; lap < laps; lap++) body(argument);
    for (int i = 0; i < batches; i++) {
        int64_t start = now();
        for (int lap = 0; lap < laps; lap++) body(argument);
        times[i] = (double)(now() - start) / laps / per_lap;
    }
    qsort(times, batches, sizeof *times, in_order);
    printf("point %s %ld %.1f\n", series, x, times[batches / 2]);
    fflush(stdout);
}

static void make_pair(int type, int *ends) {
    if (socketpair(AF_UNIX, type, 0, ends)) fail("socketpair");
    enlarge(ends[0]);
    enlarge(ends[1]);
}

struct message { int *ends; int descriptors; };

/* Sends one message of a byte and some descriptors, receives it and closes them. */
static void pass(void *argument) {
    struct message *message = argument;
    struct iovec part = {buffer, 1};
    int fds[MOST_DESCRIPTORS], n;
    for (int i = 0; i < message->descriptors; i++) fds[i] = file;
    send_message(message->ends[0], &part, 1, fds, message->descriptors, MSG_DONTWAIT);
    receive_message(message->ends[1], &part, 1, fds, &n, MSG_DONTWAIT);
    for (int i = 0; i < n; i++) close(fds[i]);
}

static void layers(void) {
    int ends[2];
    make_pair(SOCK_STREAM, ends);
    measure("system-calls", 1, messages, 1, pass, &(struct message){ends, 1});
}

static void descriptors(void) {
    int ends[2], counts[] = {1, 2, 4, 8, 16, 32, 64, 128, 253};
    make_pair(SOCK_STREAM, ends);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        int laps = messages / counts[i] < 8 ? 8 : messages / counts[i];
        measure("descriptors", counts[i], laps, 1, pass, &(struct message){ends, counts[i]});
    }
}

struct load { int *ends; size_t bytes; };

static void carry(void *argument) {
    struct load *load = argument;
    size_t sent = 0, received = 0;
    int fds[MOST_DESCRIPTORS], none;
    while (received < load->bytes) {
        if (sent < load->bytes) {
            struct iovec rest = {buffer + sent, load->bytes - sent};
            ssize_t n = send_message(load->ends[0], &rest, 1, NULL, 0, MSG_DONTWAIT);
            if (n > 0) sent += n;
        }
        struct iovec room = {buffer + received, LARGEST - received};
        ssize_t n = receive_message(load->ends[1], &room, 1, fds, &none, MSG_DONTWAIT);
        if (n > 0) received += n;
    }
}

static void payload(const char *series, int type) {
    int ends[2];
    make_pair(type, ends);
    for (size_t bytes = 1; bytes <= LARGEST; bytes *= 4) {
        struct iovec whole = {buffer, bytes};
        int fds[MOST_DESCRIPTORS], none;
        if (type == SOCK_SEQPACKET) {
            if (send_message(ends[0], &whole, 1, NULL, 0, MSG_DONTWAIT) < 0) return;
            receive_message(ends[1], &whole, 1, fds, &none, 0);
        }
        int laps = BATCH_BYTES / bytes < (size_t)messages ? BATCH_BYTES / bytes : (size_t)messages;
        measure(series, bytes, laps, 1, carry, &(struct load){ends, bytes});
    }
}

#ifdef __linux__
struct crowd { int count, busy, next, epoll, (*ends)[2]; };

static void receive_ready(struct crowd *crowd, int expected) {
    struct epoll_event events[1024];
    struct iovec part = {buffer, 1};
    while (expected > 0) {
        int n = epoll_wait(crowd->epoll, events, 1024, -1);
        for (int i = 0; i < n; i++, expected--) {
            int fds[MOST_DESCRIPTORS], came;
            receive_message(events[i].data.fd, &part, 1, fds, &came, MSG_DONTWAIT);
            if (came == 1) close(fds[0]);
        }
    }
}

static void one_at_a_time(void *argument) {
    struct crowd *crowd = argument;
    struct iovec part = {buffer, 1};
    send_message(crowd->ends[crowd->next][0], &part, 1, &file, 1, MSG_DONTWAIT);
    crowd->next = (crowd->next + 1) % crowd->busy;
    receive_ready(crowd, 1);
}

static void all_at_once(void *argument) {
    struct crowd *crowd = argument;
    struct iovec part = {buffer, 1};
    for (int i = 0; i < crowd->count; i++) send_message(crowd->ends[i][0], &part, 1, &file, 1, MSG_DONTWAIT);
    receive_ready(crowd, crowd->count);
}

static void sockets(void) {
    static int ends[1000][2];
    int counts[] = {1, 10, 100, 300, 1000}, made = 0, epoll = epoll_create1(0);
    struct rlimit limit;
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        if ((rlim_t)counts[i] * 2 + 64 > limit.rlim_cur) return;
        for (; made < counts[i]; made++) {
            make_pair(SOCK_STREAM, ends[made]);
            struct epoll_event event = {.events = EPOLLIN, .data.fd = ends[made][1]};
            epoll_ctl(epoll, EPOLL_CTL_ADD, ends[made][1], &event);
        }
        struct crowd idle = {counts[i], 1, 0, epoll, ends}, crowd = {counts[i], counts[i], 0, epoll, ends};
        measure("one-busy", counts[i], messages, 1, one_at_a_time, &idle);
        measure("in-turn", counts[i], messages, 1, one_at_a_time, &crowd);
        measure("all-at-once", counts[i], (messages + counts[i] - 1) / counts[i], counts[i], all_at_once, &crowd);
    }
}
#else
static void sockets(void) {} /* epoll is what Node waits with on Linux; nothing else is comparable. */
#endif

int main(int argc, char **argv) {
    if (argc != 4) return 2;
    alarm(LIMIT_SECONDS);
    batches = atoi(argv[2]) < MOST_BATCHES ? atoi(argv[2]) : MOST_BATCHES;
    messages = atoi(argv[3]);
    file = open("/dev/null", O_RDONLY | O_CLOEXEC);
    if (!strcmp(argv[1], "layers")) layers();
    else if (!strcmp(argv[1], "descriptors")) descriptors();
    else if (!strcmp(argv[1], "sockets")) sockets();
    else if (!strcmp(argv[1], "payload")) {
        payload("stream", SOCK_STREAM);
#ifndef __APPLE__ /* It has no such Unix sockets. */
        payload("packets", SOCK_SEQPACKET);
#endif
    }
    return 0;
}
