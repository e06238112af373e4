#define _GNU_SOURCE
#include "CLinux.h"

#include <malloc.h>
#include <netinet/in.h>
#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#ifndef UDP_SEGMENT
#define UDP_SEGMENT 103
#endif

void tchat_set_thread_name(const char *name) {
    char cut[16];
    strncpy(cut, name, sizeof cut - 1);
    cut[sizeof cut - 1] = 0;
    pthread_setname_np(pthread_self(), cut);
}

void tchat_trim_memory(void) { malloc_trim(0); }

int tchat_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

int tchat_receive_batch(int descriptor, uint8_t *slots, size_t slot_size, int count, uint32_t *lengths,
                        struct sockaddr_storage *sources) {
    struct mmsghdr messages[TCHAT_BATCH];
    struct iovec vectors[TCHAT_BATCH];
    if (count > TCHAT_BATCH) count = TCHAT_BATCH;
    for (int i = 0; i < count; i++) {
        vectors[i] = (struct iovec){.iov_base = slots + (size_t)i * slot_size, .iov_len = slot_size};
        messages[i].msg_hdr = (struct msghdr){
            .msg_name = &sources[i], .msg_namelen = sizeof sources[i], .msg_iov = &vectors[i], .msg_iovlen = 1};
    }
    int received = recvmmsg(descriptor, messages, (unsigned)count, MSG_DONTWAIT, NULL);
    for (int i = 0; i < received; i++) {
        // A datagram that did not fit is no datagram.
        lengths[i] = messages[i].msg_hdr.msg_flags & MSG_TRUNC ? 0 : messages[i].msg_len;
    }
    return received;
}

int tchat_send_batch(int descriptor, const uint8_t *bytes, const struct tchat_message *entries, int count) {
    struct mmsghdr messages[TCHAT_SEND_BATCH];
    struct iovec vectors[TCHAT_SEND_BATCH];
    union {
        char bytes[CMSG_SPACE(sizeof(uint16_t))];
        struct cmsghdr aligned;
    } control[TCHAT_SEND_BATCH];
    if (count > TCHAT_SEND_BATCH) count = TCHAT_SEND_BATCH;
    for (int i = 0; i < count; i++) {
        const struct tchat_message *entry = &entries[i];
        vectors[i] = (struct iovec){.iov_base = (void *)(bytes + entry->offset), .iov_len = entry->length};
        messages[i].msg_hdr = (struct msghdr){
            .msg_name = (void *)entry->address, .msg_namelen = entry->address_length, .msg_iov = &vectors[i], .msg_iovlen = 1};
        if (entry->segment == 0) continue;
        messages[i].msg_hdr.msg_control = control[i].bytes;
        messages[i].msg_hdr.msg_controllen = sizeof control[i].bytes;
        struct cmsghdr *header = CMSG_FIRSTHDR(&messages[i].msg_hdr);
        header->cmsg_level = IPPROTO_UDP;
        header->cmsg_type = UDP_SEGMENT;
        header->cmsg_len = CMSG_LEN(sizeof(uint16_t));
        memcpy(CMSG_DATA(header), &entry->segment, sizeof(uint16_t));
    }
    return sendmmsg(descriptor, messages, (unsigned)count, MSG_DONTWAIT);
}

int tchat_route_socket(unsigned groups) {
    int descriptor = socket(AF_NETLINK, SOCK_RAW | SOCK_NONBLOCK | SOCK_CLOEXEC, NETLINK_ROUTE);
    if (descriptor < 0) return -1;
    struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = groups};
    if (bind(descriptor, (struct sockaddr *)&address, sizeof address) == 0) return descriptor;
    close(descriptor);
    return -1;
}

int tchat_poll(struct pollfd *entries, unsigned count, int64_t microseconds) {
    struct timespec time = {.tv_sec = microseconds / 1000000, .tv_nsec = microseconds % 1000000 * 1000};
    return ppoll(entries, count, microseconds < 0 ? NULL : &time, NULL);
}
