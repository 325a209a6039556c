// SPDX-License-Identifier: Apache-2.0
//
// The ceiling: the least that a unary gRPC server on libnghttp2 can do. One thread, one epoll, no
// look at the request, no limits, no timers: each stream that its client ends is answered with the
// same bytes. What a real server reaches of this server's rate is what its own work leaves of it.
//
//     cc -O2 -Wall -Wextra -o ceiling ceiling.c -lnghttp2
//     ./ceiling [PORT]        0, the default: the kernel chooses
//
// Prints `ready HOST:PORT` when it listens. The reply is a message of 16 bytes behind its prefix of 5:
// the size of a small reply, a fifth to a third of a ReserveResponse of one line, so the ceiling is
// rather too high than too low. It reads as a GetStockResponse of 2^35 units that are all available, so
// that a load tester that judges contents has one to judge.

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <nghttp2/nghttp2.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

enum {
    INPUT_BYTES = 64 * 1024,        // read from a connection at a time, as Stockade does
    OUTPUT_BYTES = 256 * 1024,      // collected before a write, as Stockade does
    FRAME_BYTES_MAX = 32 * 1024,    // room behind it for the last frame
    EVENTS_MAX = 256,
    STREAMS_MAX = 1024,
    STREAM_WINDOW = 1 << 20,
    CONNECTION_WINDOW = 1 << 26,
};

struct connection {
    int socket;
    nghttp2_session *session;
    uint8_t *unsent;        // what the socket didn't take; NULL: nothing
    size_t unsent_count;
};

#define FIELD(name, value)                                                                       \
    {(uint8_t *)name, (uint8_t *)value, sizeof name - 1, sizeof value - 1,                       \
     NGHTTP2_NV_FLAG_NO_COPY_NAME | NGHTTP2_NV_FLAG_NO_COPY_VALUE}

static const nghttp2_nv response_head[] = {FIELD(":status", "200"),
                                           FIELD("content-type", "application/grpc")};
static const nghttp2_nv response_trailers[] = {FIELD("grpc-status", "0")};
static const uint8_t response_body[] = {0,    0,    0,    0,    16,   0x0a, 14,
                                        0x10, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01,   // on_hand
                                        0x30, 0x80, 0x80, 0x80, 0x80, 0x80, 0x01};  // available

static uint8_t input[INPUT_BYTES];
static uint8_t output[OUTPUT_BYTES + FRAME_BYTES_MAX];

static void fail(const char *what) {
    perror(what);
    exit(1);
}

// nghttp2 wants the body of a stream: all of it fits one frame, and the trailers follow.
static ssize_t read_body(nghttp2_session *session, int32_t stream, uint8_t *target, size_t room,
                         uint32_t *flags, nghttp2_data_source *source, void *context) {
    (void)room, (void)source, (void)context;
    memcpy(target, response_body, sizeof response_body);
    *flags |= NGHTTP2_DATA_FLAG_EOF | NGHTTP2_DATA_FLAG_NO_END_STREAM;
    nghttp2_submit_trailer(session, stream, response_trailers, 1);
    return sizeof response_body;
}

// A frame is whole. The one that ends its stream ends the request.
static int answer(nghttp2_session *session, const nghttp2_frame *frame, void *context) {
    (void)context;
    if (frame->hd.type != NGHTTP2_DATA && frame->hd.type != NGHTTP2_HEADERS) return 0;
    if (!(frame->hd.flags & NGHTTP2_FLAG_END_STREAM)) return 0;
    nghttp2_data_provider body = {.read_callback = read_body};
    return nghttp2_submit_response(session, frame->hd.stream_id, response_head, 2, &body);
}

static void drop(struct connection *connection) {
    nghttp2_session_del(connection->session);
    close(connection->socket);
    free(connection->unsent);
    free(connection);
}

static void watch(int poller, int operation, struct connection *connection, uint32_t events) {
    struct epoll_event event = {.events = events, .data = {.ptr = connection}};
    if (epoll_ctl(poller, operation, connection->socket, &event) != 0) fail("epoll_ctl");
}

// Keeps what the socket didn't take and asks to be told when it takes more.
static void keep(int poller, struct connection *connection, const uint8_t *bytes, size_t count) {
    uint8_t *kept = malloc(count);
    if (!kept) fail("malloc");
    memcpy(kept, bytes, count);
    free(connection->unsent);
    connection->unsent = kept;
    connection->unsent_count = count;
    watch(poller, EPOLL_CTL_MOD, connection, EPOLLIN | EPOLLOUT);
}

// Writes the frames that nghttp2 has, all in one write; 0, or -1 when the connection is broken.
static int flush(int poller, struct connection *connection) {
    if (connection->unsent) {
        ssize_t sent =
            send(connection->socket, connection->unsent, connection->unsent_count, MSG_NOSIGNAL);
        if (sent < 0) return errno == EAGAIN ? 0 : -1;
        if ((size_t)sent < connection->unsent_count) {
            keep(poller, connection, connection->unsent + sent, connection->unsent_count - sent);
            return 0;
        }
        free(connection->unsent);
        connection->unsent = NULL;
        watch(poller, EPOLL_CTL_MOD, connection, EPOLLIN);
    }
    for (;;) {
        size_t count = 0;
        while (count < OUTPUT_BYTES) {
            const uint8_t *frame;
            ssize_t length = nghttp2_session_mem_send(connection->session, &frame);
            if (length < 0) return -1;
            if (length == 0) break;
            memcpy(output + count, frame, length);
            count += length;
        }
        if (count == 0) return 0;
        ssize_t sent = send(connection->socket, output, count, MSG_NOSIGNAL);
        if (sent < 0 && errno != EAGAIN) return -1;
        if (sent < 0) sent = 0;
        if ((size_t)sent < count) {
            keep(poller, connection, output + sent, count - sent);
            return 0;
        }
        if (count < OUTPUT_BYTES) return 0;
    }
}

static void accept_one(int poller, int listener, const nghttp2_session_callbacks *callbacks) {
    int accepted = accept(listener, NULL, NULL);
    if (accepted < 0) return;
    int one = 1;
    fcntl(accepted, F_SETFL, O_NONBLOCK);
    setsockopt(accepted, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    struct connection *connection = calloc(1, sizeof *connection);
    if (!connection) fail("calloc");
    connection->socket = accepted;
    if (nghttp2_session_server_new(&connection->session, callbacks, connection) != 0)
        fail("nghttp2_session_server_new");
    nghttp2_settings_entry settings[] = {
        {NGHTTP2_SETTINGS_MAX_CONCURRENT_STREAMS, STREAMS_MAX},
        {NGHTTP2_SETTINGS_INITIAL_WINDOW_SIZE, STREAM_WINDOW},
    };
    nghttp2_submit_settings(connection->session, NGHTTP2_FLAG_NONE, settings, 2);
    nghttp2_session_set_local_window_size(connection->session, NGHTTP2_FLAG_NONE, 0,
                                          CONNECTION_WINDOW);
    watch(poller, EPOLL_CTL_ADD, connection, EPOLLIN);
}

// Reads once, answers what is whole, writes once; 0, or -1 when the connection has ended.
static int serve(int poller, struct connection *connection) {
    ssize_t count = recv(connection->socket, input, sizeof input, 0);
    if (count == 0) return -1;
    if (count < 0 && errno != EAGAIN) return -1;
    if (count > 0 && nghttp2_session_mem_recv(connection->session, input, count) < 0) return -1;
    return flush(poller, connection);
}

static int listen_on(uint16_t port) {
    int listener = socket(AF_INET, SOCK_STREAM, 0);
    int one = 1;
    struct sockaddr_in address = {.sin_family = AF_INET,
                                  .sin_port = htons(port),
                                  .sin_addr = {.s_addr = htonl(INADDR_LOOPBACK)}};
    socklen_t size = sizeof address;
    if (listener < 0) fail("socket");
    setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    fcntl(listener, F_SETFL, O_NONBLOCK);
    if (bind(listener, (struct sockaddr *)&address, size) != 0) fail("bind");
    if (listen(listener, 1024) != 0) fail("listen");
    if (getsockname(listener, (struct sockaddr *)&address, &size) != 0) fail("getsockname");
    printf("ready 127.0.0.1:%d\n", ntohs(address.sin_port));
    fflush(stdout);
    return listener;
}

int main(int count, char **arguments) {
    char *end = NULL;
    long port = count > 1 ? strtol(arguments[1], &end, 10) : 0;
    if (count > 2 || (end && *end) || port < 0 || port > 65535) {
        fprintf(stderr, "usage: ceiling [PORT]\n");
        return 64;
    }
    int poller = epoll_create1(EPOLL_CLOEXEC);
    if (poller < 0) fail("epoll_create1");
    int listener = listen_on((uint16_t)port);
    struct epoll_event listening = {.events = EPOLLIN, .data = {.ptr = NULL}};
    if (epoll_ctl(poller, EPOLL_CTL_ADD, listener, &listening) != 0) fail("epoll_ctl");
    nghttp2_session_callbacks *callbacks;
    if (nghttp2_session_callbacks_new(&callbacks) != 0) fail("nghttp2_session_callbacks_new");
    nghttp2_session_callbacks_set_on_frame_recv_callback(callbacks, answer);
    for (;;) {
        struct epoll_event events[EVENTS_MAX];
        int happened = epoll_wait(poller, events, EVENTS_MAX, -1);
        for (int index = 0; index < happened; index++) {
            struct connection *connection = events[index].data.ptr;
            if (!connection) {
                accept_one(poller, listener, callbacks);
            } else if (serve(poller, connection) != 0) {
                drop(connection);
            }
        }
    }
}
