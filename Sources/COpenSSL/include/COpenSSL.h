// OpenSSL, for wss. Compiled and imported only where the package trait `TLS` is enabled.
#pragma once

#if __has_include(<openssl/ssl.h>)
#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509v3.h>
#else
#error "OpenSSL is missing: apt-get install libssl-dev, or build without the package trait TLS"
#endif

// What OpenSSL has as macros.

/// Refuses versions before TLS 1.2; returns 1, or 0 when that is not possible.
static inline int copenssl_refuse_old_versions(SSL_CTX *context) {
    return SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION) == 1;
}

/// Has SSL_read(3) return behind each record, also one without data.
static inline void copenssl_read_one_by_one(SSL *connection) {
    SSL_clear_mode(connection, SSL_MODE_AUTO_RETRY);
}

/// Names the server that is meant, see RFC 6066; returns 1, or 0 when that is not possible.
static inline int copenssl_name_server(SSL *connection, const char *name) {
    return SSL_set_tlsext_host_name(connection, name) == 1;
}
