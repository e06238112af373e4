#ifndef TCHAT_COPENSSL_SHIM_H
#define TCHAT_COPENSSL_SHIM_H

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/srtp.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

// Macros around SSL_ctrl and SSL_CTX_ctrl, which Swift does not import.
static inline long tchat_SSL_set_mtu(SSL *ssl, long mtu) { return SSL_set_mtu(ssl, mtu); }
static inline long tchat_DTLSv1_get_timeout(SSL *ssl, struct timeval *left) { return DTLSv1_get_timeout(ssl, left); }
static inline long tchat_DTLSv1_handle_timeout(SSL *ssl) { return DTLSv1_handle_timeout(ssl); }
static inline int tchat_SSL_CTX_set_versions(SSL_CTX *context, int lowest, int highest) {
    return SSL_CTX_set_min_proto_version(context, lowest) && SSL_CTX_set_max_proto_version(context, highest);
}
static inline long tchat_SSL_CTX_set_groups(SSL_CTX *context, const char *list) { return SSL_CTX_set1_groups_list(context, list); }

// A macro around BIO_set_flags.
static inline void tchat_BIO_set_retry_read(BIO *bio) { BIO_set_retry_read(bio); }

// Variadic behind a macro.
static inline EVP_PKEY *tchat_EVP_EC_gen(const char *curve) { return EVP_EC_gen(curve); }

// X509_get_notBefore's setters take a pointer that only a macro hands out.
static inline int tchat_X509_set_validity(X509 *certificate, long from, long to) {
    return X509_gmtime_adj(X509_getm_notBefore(certificate), from) && X509_gmtime_adj(X509_getm_notAfter(certificate), to);
}

// The option bits are unsigned 64-bit macros with shifts, which Swift does not import.
static inline uint64_t tchat_SSL_options(void) {
    return SSL_OP_NO_QUERY_MTU | SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_NO_TICKET | SSL_OP_CIPHER_SERVER_PREFERENCE;
}

#endif
