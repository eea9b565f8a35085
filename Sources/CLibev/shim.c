#define _GNU_SOURCE
#include "CLibev.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <sys/timerfd.h>
#include <sys/wait.h>
#include <unistd.h>

#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#define CLIBEV_P_PIDFD ((idtype_t)3)

int clibev_is_pollable(int fd) {
    int flags = fcntl(fd, F_GETFL);
    if (flags < 0) return 0;
    if (!(flags & O_PATH)) return 1;
    errno = EBADF;
    return 0;
}

int clibev_probe_nesting(int fd, int own) {
    struct epoll_event nothing = {.events = 0};
    int probe, result, number;
    if (epoll_ctl(fd, EPOLL_CTL_ADD, own, &nothing) == 0) {
        epoll_ctl(fd, EPOLL_CTL_DEL, own, &nothing);
    } else if (errno == EEXIST) {
        errno = EINVAL;
        return -1;
    } else {
        // Usually EINVAL: it is not an epoll instance.
        return 0;
    }
    probe = epoll_create1(EPOLL_CLOEXEC);
    if (probe < 0) return -1;
    result = epoll_ctl(probe, EPOLL_CTL_ADD, fd, &nothing);
    number = errno;
    close(probe);
    errno = number;
    return result;
}

int clibev_timerfd_create(void) { return timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK | TFD_CLOEXEC); }

int clibev_timerfd_arm(int fd, int64_t nanoseconds) {
    struct itimerspec when = {
        .it_value = {.tv_sec = nanoseconds / 1000000000, .tv_nsec = nanoseconds % 1000000000},
    };
    return timerfd_settime(fd, TFD_TIMER_ABSTIME, &when, 0);
}

int clibev_pidfd_open(int pid) { return (int)syscall(SYS_pidfd_open, pid, 0); }

int clibev_pidfd_wait(int fd, int peek, int *code, int *status) {
    siginfo_t info;
    int result;
    memset(&info, 0, sizeof info);
    do {
        result = waitid(CLIBEV_P_PIDFD, (id_t)fd, &info, WEXITED | WNOHANG | (peek ? WNOWAIT : 0));
    } while (result < 0 && errno == EINTR);
    if (result < 0) return -1;
    if (info.si_pid == 0) return 0;
    *code = info.si_code;
    *status = info.si_status;
    return 1;
}

// From linux/pidfd.h, of which older systems have a shorter version.
struct clibev_pidfd_info {
    uint64_t mask, cgroup;
    uint32_t pid, tgid, ppid, users[8];
    int32_t exit_code;
};
#define CLIBEV_PIDFD_GET_INFO _IOWR(0xFF, 11, struct clibev_pidfd_info)
#define CLIBEV_PIDFD_INFO_EXIT (1ULL << 3)

int clibev_pidfd_status(int fd, int *status) {
    struct clibev_pidfd_info info;
    memset(&info, 0, sizeof info);
    info.mask = CLIBEV_PIDFD_INFO_EXIT;
    if (ioctl(fd, CLIBEV_PIDFD_GET_INFO, &info) != 0 || !(info.mask & CLIBEV_PIDFD_INFO_EXIT)) return -1;
    *status = info.exit_code;
    return 0;
}

int clibev_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

int clibev_spawn(int *pid, const char *program, char *const arguments[], char *const environment[], const int streams[3]) {
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    sigset_t signals;
    int result = posix_spawn_file_actions_init(&actions);
    if (result != 0) return result;
    result = posix_spawnattr_init(&attributes);
    if (result != 0) {
        posix_spawn_file_actions_destroy(&actions);
        return result;
    }
    // A stream that is moved must not overwrite one that is still needed, so all are first copied out of the way.
    int high[3] = {-1, -1, -1};
    for (int i = 0; i < 3 && result == 0; ++i) {
        if (streams[i] < 0) continue;
        high[i] = fcntl(streams[i], F_DUPFD_CLOEXEC, 3);
        if (high[i] < 0) result = errno;
    }
    for (int i = 0; i < 3 && result == 0; ++i) {
        result = high[i] < 0
            ? posix_spawn_file_actions_addopen(&actions, i, "/dev/null", i == 0 ? O_RDONLY : O_WRONLY, 0)
            : posix_spawn_file_actions_adddup2(&actions, high[i], i);
    }
    sigemptyset(&signals);
    if (result == 0) result = posix_spawnattr_setsigmask(&attributes, &signals);
    sigaddset(&signals, SIGPIPE);
    if (result == 0) result = posix_spawnattr_setsigdefault(&attributes, &signals);
    if (result == 0) result = posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    if (result == 0) result = posix_spawnp(pid, program, &actions, &attributes, arguments, environment ? environment : environ);
    for (int i = 0; i < 3; ++i) {
        if (high[i] >= 0) close(high[i]);
    }
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    return result;
}

int clibev_probe_eventfd(void) {
    struct epoll_event nothing = {.events = 0};
    int fd, poll, result, number;
    fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (fd < 0) return -1;
    poll = epoll_create1(EPOLL_CLOEXEC);
    result = poll < 0 ? -1 : epoll_ctl(poll, EPOLL_CTL_ADD, fd, &nothing);
    number = errno;
    close(fd);
    if (poll >= 0) close(poll);
    errno = number;
    return result;
}

const char *clibev_errno_name(int number) { return strerrorname_np(number); }

const char *clibev_signal_name(int number) { return sigabbrev_np(number); }

void clibev_set_thread_name(const char *name) {
    char cut[16];
    strncpy(cut, name, sizeof cut - 1);
    cut[sizeof cut - 1] = 0;
    pthread_setname_np(pthread_self(), cut);
}

static int fork_generation;
static void forked(void) { ++fork_generation; }
__attribute__((constructor)) static void watch_forks(void) { pthread_atfork(NULL, NULL, forked); }

int clibev_fork_generation(void) { return fork_generation; }

// What a run loop calls to serve the main queue. Exported by libdispatch, but declared in none of its public headers.
int _dispatch_get_main_queue_handle_4CF(void);
void _dispatch_main_queue_callback_4CF(void *unused);

int clibev_main_queue_descriptor(void) {
    if ((pid_t)syscall(SYS_gettid) != getpid() || fork_generation > 0) return -1;
    return _dispatch_get_main_queue_handle_4CF();
}

void clibev_run_main_queue(int descriptor) {
    eventfd_t count;
    eventfd_read(descriptor, &count);
    _dispatch_main_queue_callback_4CF(NULL);
}

// Functions rather than macros or inline functions: Swift's importer does not know that the sanitizer is on.
#if defined(__has_feature)
#if __has_feature(thread_sanitizer)
#define CLIBEV_TSAN 1
#endif
#endif

#ifdef CLIBEV_TSAN
void __tsan_acquire(void *address);
void __tsan_release(void *address);
void clibev_tsan_acquire(void *address) { __tsan_acquire(address); }
void clibev_tsan_release(void *address) { __tsan_release(address); }
#else
void clibev_tsan_acquire(void *address) { (void)address; }
void clibev_tsan_release(void *address) { (void)address; }
#endif
