#define _GNU_SOURCE
#include "VirtualTimeOfDay.h"

#include <sys/time.h>
#include <time.h>

static _Thread_local int64_t virtual_microseconds = -1;

void virtual_time_of_day_set(int64_t microseconds) { virtual_microseconds = microseconds; }

// Takes the place of libc's for everything that this test program loads.
int gettimeofday(struct timeval *restrict time, void *restrict zone) {
    (void)zone;
    if (virtual_microseconds >= 0) {
        time->tv_sec = virtual_microseconds / 1000000;
        time->tv_usec = virtual_microseconds % 1000000;
        return 0;
    }
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    time->tv_sec = now.tv_sec;
    time->tv_usec = now.tv_nsec / 1000;
    return 0;
}
