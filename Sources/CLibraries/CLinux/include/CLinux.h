// Linux calls that Swift's Glibc module does not show without _GNU_SOURCE.
#ifndef TCHAT_CLINUX_H
#define TCHAT_CLINUX_H

// The routing socket's messages (NetworkWatch), of which Glibc's module shows nothing.
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <poll.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

// pthread_setname_np is a GNU extension; names are cut to 15 bytes, the kernel's limit.
void tchat_set_thread_name(const char *name);

// eventfd's flags are an enum of a header that Glibc's module leaves out.
int tchat_eventfd(void);

// malloc_trim is in a header that Glibc's module leaves out: gives what was freed back to the system.
void tchat_trim_memory(void);

// ppoll is a GNU extension: poll with microseconds. Negative microseconds wait for good.
int tchat_poll(struct pollfd *entries, unsigned count, int64_t microseconds);

// recvmmsg is a GNU extension, and its nested structures are laid out here once a call, on the stack.
// Fills up to `count` slots of `slot_size` bytes; lengths and source addresses go into the arrays.
// Gives the number of datagrams, or -1 with errno.
#define TCHAT_BATCH 32
int tchat_receive_batch(int descriptor, uint8_t *slots, size_t slot_size, int count, uint32_t *lengths,
                        struct sockaddr_storage *sources);

// sendmmsg is a GNU extension, and UDP_SEGMENT's control message (udp(7)) is built by macros.
// One entry is one datagram, or, with `segment` above 0, a run of datagrams of that size (the last may be shorter) to one address.
#define TCHAT_SEND_BATCH 64
struct tchat_message {
    uint32_t offset, length;
    uint16_t segment;
    uint16_t address_length;
    uint32_t group;      // the caller's own
    uint32_t address[7]; // a sockaddr_in6's bytes, or a sockaddr_in's
};
// Gives the number of entries sent, or -1 with errno, which is about the first one.
int tchat_send_batch(int descriptor, const uint8_t *bytes, const struct tchat_message *entries, int count);

// SOCK_* are an enum in Glibc's module and NETLINK_ROUTE's groups are bits for bind: one call that gives the descriptor, or -1 with errno.
int tchat_route_socket(unsigned groups);

#endif
