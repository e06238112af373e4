// gettimeofday over a clock that a test sets: OpenSSL's DTLS timer is the one thing in the protocols that reads the time itself.
#ifndef TCHAT_VIRTUAL_TIME_OF_DAY_H
#define TCHAT_VIRTUAL_TIME_OF_DAY_H

#include <stdint.h>

// On the calling thread alone, gettimeofday gives this many microseconds since 1970; a negative value gives the system's time back.
void virtual_time_of_day_set(int64_t microseconds);

#endif
