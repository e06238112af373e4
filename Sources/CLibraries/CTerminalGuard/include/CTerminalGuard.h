// Gives the terminal back from a signal handler. In C, since Swift's runtime promises nothing inside a handler:
// no allocation, no lock here.
#ifndef TCHAT_CTERMINALGUARD_H
#define TCHAT_CTERMINALGUARD_H

#include <stddef.h>
#include <stdint.h>
#include <termios.h>

// Signals that came in, as bits of terminal_guard_take.
enum { TERMINAL_GUARD_RESIZE = 1, TERMINAL_GUARD_STOP = 2, TERMINAL_GUARD_CONTINUE = 4, TERMINAL_GUARD_TERMINATE = 8 };

// Takes over SIGWINCH, SIGTSTP, SIGCONT, SIGTERM, SIGHUP, SIGINT, SIGQUIT (told through `event`, an eventfd; another SIGTERM, SIGINT or
// SIGQUIT two seconds after the first ends the process, SIGHUP never does: shells and the kernel send it more than once) and SIGSEGV,
// SIGBUS, SIGILL, SIGFPE, SIGABRT, SIGTRAP (the terminal is restored, then the former action follows).
// `captured` is a file that stands in for standard error meanwhile, whose end is copied to `standard_error` on the way out; -1: none.
// Returns 0, or -1 when the sequence is too long.
int terminal_guard_install(
    int tty, int event, const struct termios *mode, const char *sequence, size_t length, int captured, int standard_error);

// Another sequence from now on. Returns 0, or -1 when it is too long: then the former one stays. From one thread only.
int terminal_guard_set_sequence(const char *sequence, size_t length);

// While off (the terminal has been given back, as for a stop), nothing is written.
void terminal_guard_set_active(int active);

// The signals since the last call; `terminating` gets the number of the one that asked for the end, or stays.
int terminal_guard_take(int *terminating);

// Restores now, once, as the handlers do; safe in any state.
void terminal_guard_restore(void);

// Puts the former actions back.
void terminal_guard_remove(void);

// As remove, for a process that is about to end and has to be let: nothing is told any more, SIGHUP does nothing, and SIGTERM, SIGINT and
// SIGQUIT end the process only two seconds after the first of them, or after this call. `event` may be closed afterwards.
void terminal_guard_finish(void);

// Stops the process as SIGTSTP's default does; returns after SIGCONT. With `whole_group` its process group too, if that is the terminal's
// foreground, as the kernel does for Ctrl-Z: a script that waits for the process stops with it.
void terminal_guard_stop_process(int whole_group);

// An anonymous file in memory that only appends, or -1.
int terminal_guard_memory_file(void);

#endif
