#ifndef TCHAT_CSRTP_SHIM_H
#define TCHAT_CSRTP_SHIM_H

#include <srtp2/srtp.h>

// A macro in srtp.h.
static inline void tchat_srtp_policy_aes_cm_128_hmac_sha1_80(srtp_crypto_policy_t *policy) {
    srtp_crypto_policy_set_aes_cm_128_hmac_sha1_80(policy);
}

#endif
