// SPDX-License-Identifier: Apache-2.0
// What Linux has and Swift's Glibc module leaves out, or imports in a form that is no use.
// _GNU_SOURCE is never set here: it changes what the C library's own module means. So the few
// functions that hide behind it are declared by hand.
#ifndef STOCKADE_CLINUX_H
#define STOCKADE_CLINUX_H

#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <spawn.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

extern int accept4(int socket, struct sockaddr *address, socklen_t *length, int flags);
extern int pthread_setname_np(pthread_t thread, const char *name);

// errno is a macro that Swift can't import.
static inline int stockade_errno(void) { return errno; }

// Readiness: level-triggered, 64 bits of the caller's own for each descriptor.
enum {
    STOCKADE_READABLE = EPOLLIN,
    STOCKADE_WRITABLE = EPOLLOUT,
    STOCKADE_BROKEN = EPOLLERR | EPOLLHUP,
};
static inline int stockade_epoll_create(void) { return epoll_create1(EPOLL_CLOEXEC); }
static inline int stockade_epoll_add(int poller, int descriptor, uint32_t events, uint64_t data) {
    struct epoll_event event = {.events = events, .data = {.u64 = data}};
    return epoll_ctl(poller, EPOLL_CTL_ADD, descriptor, &event);
}
static inline int stockade_epoll_change(int poller, int descriptor, uint32_t events,
                                        uint64_t data) {
    struct epoll_event event = {.events = events, .data = {.u64 = data}};
    return epoll_ctl(poller, EPOLL_CTL_MOD, descriptor, &event);
}
static inline int stockade_epoll_remove(int poller, int descriptor) {
    struct epoll_event event = {0};
    return epoll_ctl(poller, EPOLL_CTL_DEL, descriptor, &event);
}

// Waits in nanoseconds; -1: for ever. Where the call isn't to be had (a kernel before 5.11, a sandbox that
// doesn't know it) in whole milliseconds, rounded up.
extern int epoll_pwait2(int poller, struct epoll_event *events, int room,
                        const struct timespec *timeout, const sigset_t *mask);
static inline int stockade_epoll_wait(int poller, struct epoll_event *events, int room,
                                      int64_t nanoseconds) {
    struct timespec timeout = {.tv_sec = nanoseconds / 1000000000,
                               .tv_nsec = nanoseconds % 1000000000};
    int count = epoll_pwait2(poller, events, room, nanoseconds < 0 ? NULL : &timeout, NULL);
    if (count >= 0 || errno == EINTR) return count;
    int64_t milliseconds = nanoseconds < 0 ? -1 : (nanoseconds + 999999) / 1000000;
    return epoll_wait(poller, events, room,
                      milliseconds > INT32_MAX ? INT32_MAX : (int)milliseconds);
}

// A counter in the kernel that makes a poller's wait return.
static inline int stockade_eventfd_create(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }
static inline void stockade_eventfd_signal(int descriptor) {
    uint64_t one = 1;
    // Full is fine: the counter is above zero then, which is all that is wanted.
    ssize_t ignored = write(descriptor, &one, sizeof one);
    (void)ignored;
}
static inline void stockade_eventfd_clear(int descriptor) {
    uint64_t count;
    ssize_t ignored = read(descriptor, &count, sizeof count);
    (void)ignored;
}

// Sockets: always non-blocking, closed on exec.
static inline int stockade_socket(int family) {
    return socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
}
static inline int stockade_accept(int listener) {
    return accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
}
static inline ssize_t stockade_send(int socket, const void *bytes, size_t count) {
    return send(socket, bytes, count, MSG_NOSIGNAL);
}
static inline ssize_t stockade_receive(int socket, void *bytes, size_t count) {
    return recv(socket, bytes, count, 0);
}
static inline int stockade_set_option(int socket, int level, int name, int value) {
    return setsockopt(socket, level, name, &value, sizeof value);
}
static inline int stockade_set_reuse_address(int socket) {
    return stockade_set_option(socket, SOL_SOCKET, SO_REUSEADDR, 1);
}
static inline int stockade_set_no_delay(int socket) {
    return stockade_set_option(socket, IPPROTO_TCP, TCP_NODELAY, 1);
}
static inline int stockade_set_user_timeout(int socket, int milliseconds) {
    return stockade_set_option(socket, IPPROTO_TCP, TCP_USER_TIMEOUT, milliseconds);
}
static inline int stockade_set_ipv6_only(int socket) {
    return stockade_set_option(socket, IPPROTO_IPV6, IPV6_V6ONLY, 1);
}
// The error that a connection attempt ended with; 0: it is open.
static inline int stockade_take_socket_error(int socket) {
    int error = 0;
    socklen_t size = sizeof error;
    return getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}
static inline void stockade_close(int descriptor) { close(descriptor); }
static inline int stockade_shut_down_writing(int socket) { return shutdown(socket, SHUT_WR); }

// Files: names relative to an open directory, so that a directory that is moved stays the same one.
// All of them answer -1 (or NULL) and leave the reason in errno. O_NONBLOCK means nothing to a file; a
// pipe under a file's name would otherwise be waited at for ever.
enum {
    STOCKADE_LOCK_SHARED = LOCK_SH,
    STOCKADE_LOCK_EXCLUSIVE = LOCK_EX,
};
static inline int stockade_make_directory(const char *path) { return mkdir(path, 0750); }
static inline int stockade_open_directory(const char *path) {
    return open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}
static inline int stockade_open_for_reading(int directory, const char *name) {
    return openat(directory, name, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
}
static inline int stockade_open_for_writing(int directory, const char *name) {
    return openat(directory, name, O_RDWR | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
}
static inline int stockade_create(int directory, const char *name) {
    return openat(directory, name, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0640);
}
static inline int stockade_open_lock(const char *path, int create) {
    return open(path,
                (create ? O_RDWR | O_CREAT : O_RDONLY) | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0640);
}
static inline int stockade_try_lock(int descriptor, int kind) {
    return flock(descriptor, kind | LOCK_NB);
}
static inline int stockade_rename(int directory, const char *from, const char *to) {
    return renameat(directory, from, directory, to);
}
static inline int stockade_unlink(int directory, const char *name) {
    return unlinkat(directory, name, 0);
}
static inline ssize_t stockade_read_at(int descriptor, void *bytes, size_t count, int64_t offset) {
    return pread(descriptor, bytes, count, offset);
}
static inline ssize_t stockade_write_at(int descriptor, const void *bytes, size_t count,
                                        int64_t offset) {
    return pwrite(descriptor, bytes, count, offset);
}
static inline int stockade_flush_data(int descriptor) { return fdatasync(descriptor); }
static inline int stockade_flush_all(int descriptor) { return fsync(descriptor); }
static inline int64_t stockade_file_length(int descriptor) {
    struct stat status;
    return fstat(descriptor, &status) == 0 ? (int64_t)status.st_size : -1;
}
// Bytes that this process may still use on the directory's file system.
static inline int64_t stockade_free_bytes(int directory) {
    struct statvfs status;
    if (fstatvfs(directory, &status) != 0) return -1;
    return (int64_t)status.f_bavail * (int64_t)status.f_frsize;
}
// A stream over a directory's names, from the first one on.
static inline void *stockade_open_names(int directory) {
    int own = openat(directory, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (own < 0) return NULL;
    DIR *names = fdopendir(own);
    if (names == NULL) close(own);
    return names;
}
// Copies the next name into `name`; 1: there was one, 0: no more, -1: the reason is in errno.
static inline int stockade_next_name(void *names, char *name, size_t capacity) {
    errno = 0;
    struct dirent *entry = readdir((DIR *)names);
    if (entry == NULL) return errno == 0 ? 0 : -1;
    return snprintf(name, capacity, "%s", entry->d_name) < 0 ? -1 : 1;
}
static inline void stockade_close_names(void *names) { closedir((DIR *)names); }

// Clocks.
// Starts a program: its standard output and error go to the two descriptors, it gets a process group of
// its own (a Ctrl-C at a terminal is not for it) and no blocked signal. Returns 0 or an error number.
static inline int stockade_spawn(const char *program, char *const words[], int output, int errors,
                                 char *const environment[], pid_t *pid) {
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    sigset_t none, standard;
    int code = posix_spawn_file_actions_init(&files);
    if (code != 0) return code;
    if ((code = posix_spawnattr_init(&attributes)) != 0) {
        posix_spawn_file_actions_destroy(&files);
        return code;
    }
    sigemptyset(&none);
    sigemptyset(&standard);
    sigaddset(&standard, SIGPIPE);
    posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, output, 1);
    posix_spawn_file_actions_adddup2(&files, errors, 2);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF |
                                              POSIX_SPAWN_SETPGROUP);
    posix_spawnattr_setsigdefault(&attributes, &standard);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setpgroup(&attributes, 0);
    code = posix_spawnp(pid, program, &files, &attributes, words, environment);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return code;
}
// What became of a child: -1 it still runs (or, with `isWaiting`, was never ours), its exit code, or
// 128 + the signal that ended it.
static inline int stockade_reap(pid_t pid, int isWaiting) {
    int status = 0;
    pid_t ended;
    do {
        ended = waitpid(pid, &status, isWaiting ? 0 : WNOHANG);
    } while (ended < 0 && errno == EINTR);
    if (ended != pid) return -1;
    return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

// CPU time of the calling thread.
static inline uint64_t stockade_thread_cpu_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
// Linux puts wake-ups of a thread off by up to 50 us so that they come together; for the calling thread
// not any more.
static inline void stockade_wake_on_time(void) { prctl(PR_SET_TIMERSLACK, 1); }

static inline uint64_t stockade_monotonic_nanoseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}
static inline int64_t stockade_wall_milliseconds(void) {
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// The signals that end a server: kept from every thread, taken by one that waits for them. SIGPIPE isn't
// one of them: who reads the log may go away.
static inline void stockade_termination_signals(sigset_t *set, int with_hangup) {
    sigemptyset(set);
    sigaddset(set, SIGTERM);
    sigaddset(set, SIGINT);
    if (with_hangup) sigaddset(set, SIGHUP);
}
static inline int stockade_block_termination_signals(int with_hangup) {
    sigset_t set;
    stockade_termination_signals(&set, with_hangup);
    signal(SIGPIPE, SIG_IGN);
    return pthread_sigmask(SIG_BLOCK, &set, NULL);
}
static inline int stockade_wait_for_termination_signal(int with_hangup) {
    sigset_t set;
    stockade_termination_signals(&set, with_hangup);
    int signal = 0;
    return sigwait(&set, &signal) == 0 ? signal : -1;
}

#endif
