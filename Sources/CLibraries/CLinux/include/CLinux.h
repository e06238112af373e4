// Linux calls that Swift's Glibc module does not show without _GNU_SOURCE.
#ifndef TCHAT_CLINUX_H
#define TCHAT_CLINUX_H

#include <stdint.h>

// pthread_setname_np is a GNU extension; names are cut to 15 bytes, the kernel's limit.
void tchat_set_thread_name(const char *name);

// eventfd's flags are an enum of a header that Glibc's module leaves out.
int tchat_eventfd(void);

#endif
