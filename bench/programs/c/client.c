/* Connects to 127.0.0.1 again and again, and expects "ok" and the end: client PORT COUNT. */
#include "message.h"
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>

enum { AT_A_TIME = 64, LIMIT_SECONDS = 60 };

static struct sockaddr_in address;

static int open_connection(void) {
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    if (fd < 0) fail("socket");
    fcntl(fd, F_SETFL, O_NONBLOCK);
    if (connect(fd, (void *)&address, sizeof address) && errno != EINPROGRESS) fail("connect");
    return fd;
}

int main(int argc, char **argv) {
    struct pollfd slots[AT_A_TIME];
    struct { char text[8]; size_t length; } heard[AT_A_TIME];
    int open_slots = 0;
    if (argc != 3) return 2;
    long count = atol(argv[2]), started = 0, ended = 0, right = 0, wrong = 0;
    int64_t start = now();
    alarm(LIMIT_SECONDS);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    address.sin_port = htons(atoi(argv[1]));
    for (; open_slots < AT_A_TIME && started < count; open_slots++, started++) {
        slots[open_slots] = (struct pollfd){open_connection(), POLLIN, 0};
        heard[open_slots].length = 0;
    }
    while (ended < count) {
        if (poll(slots, open_slots, -1) < 0) fail("poll");
        for (int i = 0; i < open_slots; i++) {
            if (slots[i].fd < 0 || slots[i].revents == 0) continue;
            size_t *length = &heard[i].length;
            ssize_t n = read(slots[i].fd, heard[i].text + *length, sizeof heard[i].text - *length);
            if (n < 0 && errno == EAGAIN) continue;
            if (n > 0) {
                *length += n;
                continue;
            }
            if (n == 0 && *length == 2 && memcmp(heard[i].text, "ok", 2) == 0) right++;
            else wrong++;
            close(slots[i].fd);
            ended++;
            if (ended == count / 10) start = now();
            slots[i].fd = started < count ? open_connection() : -1;
            *length = 0;
            started++;
        }
    }
    printf("result %ld %lld %ld %ld\n", count - count / 10, (long long)(now() - start), right, wrong);
    return 0;
}
