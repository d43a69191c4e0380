/* One of two processes: pair ROLE WORKLOAD COUNT SIZE FOLDER, its socket as descriptor 3.
 * What the workloads are, and what is said on standard output: bench/workloads.ts, bench/pair.ts. */
#include "message.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SOCKET = 3, FILES = 16, SAMPLE = 64, PARTS = 4, PART = 16384, LIMIT_SECONDS = 60 };

static long count, wrong;
static int size;
static int files[FILES];
static ino_t inodes[FILES];
static char byte = 'c';
static struct iovec filler = {&byte, 1};

static void find_files(const char *folder) {
    for (int i = 0; i < FILES; i++) {
        char path[4096];
        struct stat stat;
        snprintf(path, sizeof path, "%s/%d", folder, i);
        if ((files[i] = open(path, O_RDONLY | O_CLOEXEC)) < 0 || fstat(files[i], &stat)) fail(path);
        inodes[i] = stat.st_ino;
    }
}

static void ready(int port) {
    char line;
    printf(port ? "ready %d %d\n" : "ready %d\n", getpid(), port);
    fflush(stdout);
    if (port == 0 && read(0, &line, 1) != 1) exit(0);
}

static void result(long operations, int64_t nanoseconds, long received) {
    printf("result %ld %lld %ld %ld\n", operations, (long long)nanoseconds, received, wrong);
    fflush(stdout);
    for (;;) pause();
}

static void take(int fd, long place) {
    struct stat stat;
    if (place % SAMPLE == 0 && (fstat(fd, &stat) || stat.st_ino != inodes[place % FILES])) wrong++;
    close(fd);
}

static void send_stream(void) {
    int fds[MOST_DESCRIPTORS];
    ready(0);
    for (long sent = 0; sent < count; sent += size) {
        if (count - sent < size) size = count - sent;
        for (int i = 0; i < size; i++) fds[i] = files[(sent + i) % FILES];
        send_message(SOCKET, &filler, 1, fds, size, 0);
    }
}

static void receive_stream(void) {
    int fds[MOST_DESCRIPTORS], n;
    long received = 0, untimed = 0;
    int64_t start = 0;
    ready(0);
    while (received < count && receive_message(SOCKET, &filler, 1, fds, &n, 0) > 0) {
        for (int i = 0; i < n; i++) take(fds[i], received++);
        if (start == 0 && received >= count / 10) {
            untimed = received;
            start = now();
        }
    }
    result(received - untimed, now() - start, received);
}

static void ask(void) {
    int fd, n;
    long received = 0;
    int64_t start = 0;
    ready(0);
    for (long i = 0; i < count; i++) {
        if (i == count / 10) start = now();
        send_message(SOCKET, &filler, 1, &files[i % FILES], 1, 0);
        if (receive_message(SOCKET, &filler, 1, &fd, &n, 0) <= 0) break;
        if (n == 1) take(fd, received++);
    }
    result(count - count / 10, now() - start, received);
}

static void answer(void) {
    int fd, n;
    ready(0);
    while (receive_message(SOCKET, &filler, 1, &fd, &n, 0) > 0) {
        send_message(SOCKET, &filler, 1, &fd, n, 0);
        close(fd);
    }
}

static struct iovec parts[PARTS];

static void make_parts(void) {
    enlarge(SOCKET);
    for (int i = 0; i < PARTS; i++) parts[i] = (struct iovec){calloc(1, PART), PART};
}

static void send_packets(void) {
    make_parts();
    ready(0);
    for (uint32_t i = 0; i < count; i++) {
        for (int j = 0; j < PARTS; j++) memcpy(parts[j].iov_base, &i, sizeof i);
        send_message(SOCKET, parts, PARTS, &files[i % FILES], 1, 0);
    }
}

static void receive_packets(void) {
    int fd, n;
    long received = 0;
    int64_t start = 0;
    make_parts();
    ready(0);
    for (uint32_t i = 0; i < count; i++) {
        if (i == count / 10) start = now();
        if (receive_message(SOCKET, parts, PARTS, &fd, &n, 0) != PARTS * PART) wrong++;
        for (int j = 0; j < PARTS; j++) wrong += memcmp(parts[j].iov_base, &i, sizeof i) != 0;
        if (n == 1) take(fd, received++);
    }
    result(count - count / 10, now() - start, received);
}

static void hand_over(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int server = socket(AF_INET, SOCK_STREAM, 0);
    if (bind(server, (void *)&address, length) || listen(server, 1024)) fail("listen");
    getsockname(server, (void *)&address, &length);
    ready(ntohs(address.sin_port));
    for (;;) {
        int connection = accept(server, NULL, NULL);
        if (connection < 0) fail("accept");
        send_message(SOCKET, &filler, 1, &connection, 1, 0);
        close(connection);
    }
}

static void serve(void) {
    int fd, n;
    ready(0);
    while (receive_message(SOCKET, &filler, 1, &fd, &n, 0) > 0) {
        if (write(fd, "ok", 2) != 2) fail("write");
        close(fd);
    }
}

int main(int argc, char **argv) {
    static const struct {
        const char *workload;
        void (*send)(void), (*receive)(void);
    } workloads[] = {
        {"single", send_stream, receive_stream},   {"full", send_stream, receive_stream},
        {"round-trip", ask, answer},               {"packets", send_packets, receive_packets},
        {"connections", hand_over, serve},
    };
    if (argc != 6) return 2;
    alarm(LIMIT_SECONDS);
    /* Who made the pair may have made it non-blocking. */
    fcntl(SOCKET, F_SETFL, fcntl(SOCKET, F_GETFL) & ~O_NONBLOCK);
    count = atol(argv[3]);
    size = atoi(argv[4]);
    find_files(argv[5]);
    for (size_t i = 0; i < sizeof workloads / sizeof *workloads; i++) {
        if (strcmp(argv[2], workloads[i].workload)) continue;
        (strcmp(argv[1], "sender") ? workloads[i].receive : workloads[i].send)();
    }
    for (;;) pause();
}
