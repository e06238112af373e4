#define _GNU_SOURCE
#include "CTerminalGuard.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <time.h>
#include <unistd.h>

static const int told[] = {SIGWINCH, SIGTSTP, SIGCONT, SIGTERM, SIGHUP, SIGINT, SIGQUIT};
static const int fatal[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP};
enum { COUNT_TOLD = sizeof told / sizeof *told, COUNT_FATAL = sizeof fatal / sizeof *fatal, CAPTURED_TAIL = 16384 };

static struct sigaction former_told[COUNT_TOLD], former_fatal[COUNT_FATAL];
static struct termios saved_mode;
// Two, so that a handler never sees one that is being written.
static struct { char bytes[512]; size_t length; } restoring[2];
static atomic_int restoring_index;
static int tty_fd = -1, event_fd = -1, captured_fd = -1, error_fd = -1, is_installed;
static atomic_int is_active, pending, ending;
// When the end was first asked for, in milliseconds; 0: not yet.
static atomic_llong asked_at;
enum { INSISTING_AFTER = 2000 };

static void write_all(int fd, const char *bytes, size_t count) {
    // A terminal that takes nothing must not keep the process from ending.
    for (int patience = 0; count > 0 && patience < 4;) {
        ssize_t done = write(fd, bytes, count);
        if (done > 0) {
            bytes += done;
            count -= (size_t)done;
        } else if (errno == EAGAIN) {
            struct pollfd entry = {fd, POLLOUT, 0};
            poll(&entry, 1, 50);
            patience++;
        } else if (errno != EINTR) {
            return;
        }
    }
}

static void replay_errors(void) {
    if (captured_fd < 0) return;
    dup2(error_fd, STDERR_FILENO);
    off_t end = lseek(captured_fd, 0, SEEK_END);
    off_t from = end > CAPTURED_TAIL ? end - CAPTURED_TAIL : 0;
    char part[1024];
    for (ssize_t count; (count = pread(captured_fd, part, sizeof part, from)) > 0; from += count) write_all(error_fd, part, (size_t)count);
    if (ftruncate(captured_fd, 0) == 0) lseek(captured_fd, 0, SEEK_SET);
}

void terminal_guard_restore(void) {
    int error = errno;
    if (atomic_exchange(&is_active, 0)) {
        int index = atomic_load(&restoring_index);
        write_all(tty_fd, restoring[index].bytes, restoring[index].length);
        tcflush(tty_fd, TCIFLUSH);
        tcsetattr(tty_fd, TCSANOW, &saved_mode);
        replay_errors();
    }
    errno = error;
}

static long long milliseconds(void) {
    struct timespec now = {0};
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (long long)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

// Whether the process is to end at once. A closed window is told of by the kernel and by the shell, `timeout` sends its signal to the process
// and to its group: what comes within two seconds is the same wish. SIGHUP is never another one.
static int is_insisting(int signal_number) {
    if (signal_number == SIGHUP) return 0;
    long long first = 0, now = milliseconds();
    return !atomic_compare_exchange_strong(&asked_at, &first, now) && now - first >= INSISTING_AFTER;
}

static void tell(int signal_number) {
    int error = errno, bit = TERMINAL_GUARD_TERMINATE;
    if (signal_number == SIGWINCH) bit = TERMINAL_GUARD_RESIZE;
    if (signal_number == SIGTSTP) bit = TERMINAL_GUARD_STOP;
    if (signal_number == SIGCONT) bit = TERMINAL_GUARD_CONTINUE;
    if (bit == TERMINAL_GUARD_TERMINATE) {
        atomic_store(&ending, signal_number);
        if (is_insisting(signal_number)) {
            terminal_guard_restore();
            signal(signal_number, SIG_DFL);
            raise(signal_number);
        }
    }
    atomic_fetch_or(&pending, bit);
    uint64_t one = 1;
    if (write(event_fd, &one, sizeof one) < 0) { /* a full counter wakes just as well */
    }
    errno = error;
}

static void die(int signal_number, siginfo_t *information, void *context) {
    (void)context;
    terminal_guard_restore();
    for (int i = 0; i < COUNT_FATAL; i++)
        if (fatal[i] == signal_number) sigaction(signal_number, &former_fatal[i], NULL);
    // A fault happens again on return; a signal that was sent does not.
    if (information->si_code <= 0) raise(signal_number);
}

int terminal_guard_set_sequence(const char *sequence, size_t length) {
    int index = 1 - atomic_load(&restoring_index);
    if (length > sizeof restoring[index].bytes) return -1;
    memcpy(restoring[index].bytes, sequence, length);
    restoring[index].length = length;
    atomic_store(&restoring_index, index);
    return 0;
}

int terminal_guard_install(
    int tty, int event, const struct termios *mode, const char *sequence, size_t length, int captured, int standard_error) {
    if (is_installed || terminal_guard_set_sequence(sequence, length) != 0) return -1;
    saved_mode = *mode;
    tty_fd = tty;
    event_fd = event;
    captured_fd = captured;
    error_fd = standard_error;
    pending = ending = 0;
    asked_at = 0;
    struct sigaction action = {.sa_handler = tell, .sa_flags = SA_RESTART};
    sigfillset(&action.sa_mask);
    for (int i = 0; i < COUNT_TOLD; i++) sigaction(told[i], &action, &former_told[i]);
    action.sa_flags = SA_SIGINFO | SA_ONSTACK;
    action.sa_sigaction = die;
    for (int i = 0; i < COUNT_FATAL; i++) sigaction(fatal[i], &action, &former_fatal[i]);
    // Who started the program may have left them blocked, and children inherit that.
    sigset_t ours;
    sigemptyset(&ours);
    for (int i = 0; i < COUNT_TOLD; i++) sigaddset(&ours, told[i]);
    for (int i = 0; i < COUNT_FATAL; i++) sigaddset(&ours, fatal[i]);
    pthread_sigmask(SIG_UNBLOCK, &ours, NULL);
    is_installed = 1;
    return 0;
}

void terminal_guard_set_active(int active) { atomic_store(&is_active, active); }

int terminal_guard_take(int *terminating) {
    int bits = atomic_exchange(&pending, 0);
    if (bits & TERMINAL_GUARD_TERMINATE) *terminating = atomic_load(&ending);
    return bits;
}

void terminal_guard_remove(void) {
    if (!is_installed) return;
    for (int i = 0; i < COUNT_TOLD; i++) sigaction(told[i], &former_told[i], NULL);
    for (int i = 0; i < COUNT_FATAL; i++) sigaction(fatal[i], &former_fatal[i], NULL);
    is_installed = 0;
    captured_fd = tty_fd = event_fd = -1;
}

void terminal_guard_finish(void) {
    if (!is_installed) return;
    long long never = 0;
    atomic_compare_exchange_strong(&asked_at, &never, milliseconds());
    for (int i = 0; i < COUNT_TOLD; i++)
        if (told[i] == SIGWINCH || told[i] == SIGTSTP || told[i] == SIGCONT) sigaction(told[i], &former_told[i], NULL);
    for (int i = 0; i < COUNT_FATAL; i++) sigaction(fatal[i], &former_fatal[i], NULL);
    is_installed = 0;
    captured_fd = tty_fd = event_fd = -1;
}

void terminal_guard_stop_process(int whole_group) {
    struct sigaction former, plain = {.sa_handler = SIG_DFL};
    sigset_t stop, mask;
    sigemptyset(&plain.sa_mask);
    sigemptyset(&stop);
    sigaddset(&stop, SIGTSTP);
    if (whole_group && tcgetpgrp(tty_fd) == getpgrp()) {
        // The others first, and this process by a signal to this thread: one to the process could reach another thread, and late.
        struct sigaction ignoring = {.sa_handler = SIG_IGN};
        sigemptyset(&ignoring.sa_mask);
        sigaction(SIGTSTP, &ignoring, &former);
        kill(0, SIGTSTP);
        sigaction(SIGTSTP, &plain, NULL);
    } else {
        sigaction(SIGTSTP, &plain, &former);
    }
    pthread_sigmask(SIG_UNBLOCK, &stop, &mask);
    raise(SIGTSTP);
    pthread_sigmask(SIG_SETMASK, &mask, NULL);
    sigaction(SIGTSTP, &former, NULL);
}

int terminal_guard_memory_file(void) {
    int fd = memfd_create("standard-error", MFD_CLOEXEC);
    if (fd >= 0) fcntl(fd, F_SETFL, O_APPEND);
    return fd;
}
