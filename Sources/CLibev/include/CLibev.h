// libev, with its function-like macros as functions (Swift imports no macros), and the few Linux calls of the reactor
// whose headers the Swift overlay does not include.
#pragma once

#include <stdint.h>

#if __has_include(<ev.h>)
#include <ev.h>
#elif __has_include(<libev/ev.h>)
#include <libev/ev.h>
#else
#error "libev is missing: apt-get install libev-dev"
#endif

// MARK: libev macros
// The watcher must be inactive in all of these (ev(3), "GENERIC WATCHER FUNCTIONS").

static inline void clibev_io_init(ev_io *w, void (*cb)(struct ev_loop *, ev_io *, int), int fd, int events, void *data) {
    ev_io_init(w, cb, fd, events);
    w->data = data;
}

// Keeps what libev knows about the descriptor, so that an unchanged event set costs no epoll_ctl.
static inline void clibev_io_modify(ev_io *w, int events) { ev_io_modify(w, events); }

static inline void clibev_async_init(ev_async *w, void (*cb)(struct ev_loop *, ev_async *, int), void *data) {
    ev_async_init(w, cb);
    w->data = data;
}

static inline void clibev_signal_init(ev_signal *w, void (*cb)(struct ev_loop *, ev_signal *, int), int signum, void *data) {
    ev_signal_init(w, cb, signum);
    w->data = data;
}

static inline void clibev_periodic_init(
    ev_periodic *w, void (*cb)(struct ev_loop *, ev_periodic *, int), double offset, double interval, void *data
) {
    ev_periodic_init(w, cb, offset, interval, 0);
    w->data = data;
}

static inline void clibev_fork_init(ev_fork *w, void (*cb)(struct ev_loop *, ev_fork *, int), void *data) {
    ev_fork_init(w, cb);
    w->data = data;
}

// MARK: Linux
// All descriptors are close-on-exec; all functions return -1 and set errno when they fail.

/// Whether poll(2) accepts the descriptor: it is open, and not O_PATH. Otherwise errno is EBADF.
int clibev_is_pollable(int fd);

/// Whether a loop can watch the descriptor as far as nesting is concerned: -1 with EINVAL for the epoll instance that
/// watches `own`, which is the loop's, and with ELOOP or EINVAL for one that is nested too deeply.
int clibev_probe_nesting(int fd, int own);

/// A non-blocking CLOCK_MONOTONIC timerfd_create(2).
int clibev_timerfd_create(void);

/// Arms the timer for one absolute CLOCK_MONOTONIC time, in nanoseconds; 0 disarms it. Clears an expiry not yet read.
int clibev_timerfd_arm(int fd, int64_t nanoseconds);

/// pidfd_open(2).
int clibev_pidfd_open(int pid);

/// waitid(2) by pidfd, without blocking. 1: ended, *code and *status are filled in; 0: still running.
/// With `peek` the child stays waitable.
int clibev_pidfd_wait(int fd, int peek, int *code, int *status);

/// How the process of a pidfd ended, in the form of waitpid(2), even if another call has reaped it: Linux 6.15 or newer.
/// -1 if the system does not know.
int clibev_pidfd_status(int fd, int *status);

/// A pipe, close-on-exec: the end to read from, and the one to write to.
int clibev_pipe(int ends[2]);

/// Starts a program, looked up in PATH unless its name contains a slash, with these descriptors as its streams; a
/// negative one is /dev/null. All signals are unblocked, and SIGPIPE has its default. Returns an errno, and 0 for success.
int clibev_spawn(int *pid, const char *program, char *const arguments[], char *const environment[], const int streams[3]);

/// Whether a new event descriptor is available, and can be watched. libev aborts if it cannot open one for its wake-up
/// pipe, and loses the pipe if it cannot be watched.
int clibev_probe_eventfd(void);

/// "EPIPE" for EPIPE; NULL for a number without a name.
const char *clibev_errno_name(int number);

/// "INT" for SIGINT; NULL for a number without a name.
const char *clibev_signal_name(int number);

/// Declare an ordering to the thread sanitizer that it cannot see. They do nothing in other builds.
void clibev_tsan_acquire(void *address);
void clibev_tsan_release(void *address);

/// How many times fork(2) has made this process out of another one: objects made in another generation belong to the
/// parent.
int clibev_fork_generation(void);

/// The descriptor that becomes readable when there is work on libdispatch's main queue; -1 unless this is the main thread,
/// and in a child by fork(2), whose descriptor would be its parent's. Nothing else on this thread may wait for it.
int clibev_main_queue_descriptor(void);

/// Clears the descriptor, and runs what the main queue holds now. Call on the main thread.
void clibev_run_main_queue(int descriptor);

/// The calling thread's name as the system shows it, truncated to 15 bytes.
void clibev_set_thread_name(const char *name);
