// Linux calls that Swift's Glibc module does not show without _GNU_SOURCE.
#ifndef TCHAT_CLINUX_H
#define TCHAT_CLINUX_H

#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

// pthread_setname_np is a GNU extension; names are cut to 15 bytes, the kernel's limit.
void tchat_set_thread_name(const char *name);

// eventfd's flags are an enum of a header that Glibc's module leaves out.
int tchat_eventfd(void);

// ppoll is a GNU extension: poll with microseconds. Negative microseconds wait for good.
int tchat_poll(struct pollfd *entries, unsigned count, int64_t microseconds);

// recvmmsg is a GNU extension, and its nested structures are laid out here once a call, on the stack.
// Fills up to `count` slots of `slot_size` bytes; lengths and source addresses go into the arrays.
// Gives the number of datagrams, or -1 with errno.
#define TCHAT_BATCH 32
int tchat_receive_batch(int descriptor, uint8_t *slots, size_t slot_size, int count, uint32_t *lengths,
                        struct sockaddr_storage *sources);

#endif
