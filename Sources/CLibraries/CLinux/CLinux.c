#define _GNU_SOURCE
#include "CLinux.h"

#include <pthread.h>
#include <string.h>
#include <sys/eventfd.h>

void tchat_set_thread_name(const char *name) {
    char cut[16];
    strncpy(cut, name, sizeof cut - 1);
    cut[sizeof cut - 1] = 0;
    pthread_setname_np(pthread_self(), cut);
}

int tchat_eventfd(void) { return eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC); }

int tchat_receive_batch(int descriptor, uint8_t *slots, size_t slot_size, int count, uint32_t *lengths,
                        struct sockaddr_storage *sources) {
    struct mmsghdr messages[TCHAT_BATCH];
    struct iovec vectors[TCHAT_BATCH];
    if (count > TCHAT_BATCH) count = TCHAT_BATCH;
    memset(messages, 0, sizeof messages);
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

int tchat_poll(struct pollfd *entries, unsigned count, int64_t microseconds) {
    struct timespec time = {.tv_sec = microseconds / 1000000, .tv_nsec = microseconds % 1000000 * 1000};
    return ppoll(entries, count, microseconds < 0 ? NULL : &time, NULL);
}
