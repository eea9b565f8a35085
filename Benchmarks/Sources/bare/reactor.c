// Plain libev: the limit for a reactor on top of it. Arguments and counting are those of reactor_bench.
#include <CBench.h>
#include <ev.h>
#include <pthread.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct ev_loop *loop;
static uint64_t count, done, started, elapsed;

static uint32_t random_below(uint32_t bound) {
    static uint64_t state = BENCH_SEED;
    state ^= state << 13, state ^= state >> 7, state ^= state << 17;
    return (uint32_t)((state >> 32) * bound >> 32);
}

// MARK: Timers

enum { PORTION = 10000 };

static void never(struct ev_loop *loop, ev_timer *timer, int events) {
    (void)loop, (void)timer, (void)events;
}

static void start_timer(ev_timer *timer) {
    ev_timer_init(timer, never, 100 + random_below(1000000) * 1e-3, 0);
    ev_timer_start(loop, timer);
}

/// `outstanding` timers stay pending; portions of others are started and cancelled, one of which is timed.
static void start_or_cancel(uint64_t outstanding, int cancels) {
    ev_timer *standing = calloc(outstanding, sizeof *standing);
    for (uint64_t i = 0; i < outstanding; i++) start_timer(&standing[i]);
    ev_timer **portion = calloc(PORTION, sizeof *portion);
    for (; done < count; done += PORTION) {
        uint64_t begin = bench_now();
        for (int i = 0; i < PORTION; i++) start_timer(portion[i] = malloc(sizeof(ev_timer)));
        uint64_t middle = bench_now();
        for (int i = 0; i < PORTION; i++) {
            ev_timer_stop(loop, portion[i]);
            free(portion[i]);
        }
        elapsed += cancels ? bench_now() - middle : middle - begin;
    }
}

static void counted(void) {
    if (done == 0) started = bench_now();
    if (done == count || ++done < count) return;
    elapsed = bench_now() - started;
    ev_break(loop, EVBREAK_ALL);
}

static void fired(struct ev_loop *loop, ev_timer *timer, int events) {
    (void)events;
    ev_timer_set(timer, random_below(1000) * 1e-6, 0);
    ev_timer_start(loop, timer);
    counted();
}

static void fire(uint64_t outstanding) {
    ev_timer *timers = calloc(outstanding, sizeof *timers);
    for (uint64_t i = 0; i < outstanding; i++) {
        ev_timer_init(&timers[i], fired, random_below(1000) * 1e-6, 0);
        ev_timer_start(loop, &timers[i]);
    }
    ev_run(loop, 0);
}

// MARK: Work from another thread

typedef struct work {
    void (*call)(void *);
    void *argument;
} work;

enum { INBOX = 65536 };
static work inbox[2][INBOX];
static int waiting, filling;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static ev_async wake;

static void *submit(void *unused) {
    for (uint64_t i = 0; i < count;) {
        pthread_mutex_lock(&lock);
        int room = waiting < INBOX;
        if (room) {
            inbox[filling][waiting++] = (work) { (void (*)(void *))counted, NULL };
            if (waiting == 1) ev_async_send(loop, &wake);
        }
        pthread_mutex_unlock(&lock);
        if (room) i++;
        else sched_yield();
    }
    return unused;
}

static void drain(struct ev_loop *loop, ev_async *async, int events) {
    (void)loop, (void)async, (void)events;
    pthread_mutex_lock(&lock);
    work *batch = inbox[filling];
    int size = waiting;
    waiting = 0, filling = !filling;
    pthread_mutex_unlock(&lock);
    for (int i = 0; i < size; i++) batch[i].call(batch[i].argument);
}

static void serve(void) {
    ev_async_init(&wake, drain);
    ev_async_start(loop, &wake);
    pthread_t thread;
    pthread_create(&thread, NULL, submit, NULL);
    ev_run(loop, 0);
    pthread_join(thread, NULL);
}

// MARK: Descriptors

enum { ACTIVE = 100, STEP = 7919 };
static ev_io *ios;
static uint64_t descriptors;

static void readable(struct ev_loop *loop, ev_io *io, int events) {
    (void)loop, (void)events;
    bench_pass_event(io->fd, ios[((uint64_t)(io - ios) + STEP) % descriptors].fd);
    counted();
}

/// ACTIVE descriptors are readable at a time; each makes another one readable.
static void pass(uint64_t number) {
    descriptors = number;
    ios = calloc(number, sizeof *ios);
    for (uint64_t i = 0; i < number; i++) {
        ev_io_init(&ios[i], readable, bench_event_descriptor(i < ACTIVE), EV_READ);
        ev_io_start(loop, &ios[i]);
    }
    ev_run(loop, 0);
}

int main(int argc, char *argv[]) {
    bench_arguments(argc, argv, 3, "start|cancel|fire|submit|descriptors <outstanding> <count>");
    bench_allow_descriptors();
    uint64_t outstanding = bench_number(argv[2]);
    count = bench_number(argv[3]);
    loop = ev_loop_new(EVBACKEND_EPOLL);
    if (strcmp(argv[1], "start") == 0) start_or_cancel(outstanding, 0);
    else if (strcmp(argv[1], "cancel") == 0) start_or_cancel(outstanding, 1);
    else if (strcmp(argv[1], "fire") == 0) fire(outstanding);
    else if (strcmp(argv[1], "submit") == 0) serve();
    else if (strcmp(argv[1], "descriptors") == 0) pass(outstanding);
    else bench_arguments(argc, argv, 0, "start|cancel|fire|submit|descriptors <outstanding> <count>");
    bench_report_begin(argv[1], "both");
    bench_report_count("outstanding", outstanding);
    bench_report_rate(done, elapsed);
    bench_report_end();
}
