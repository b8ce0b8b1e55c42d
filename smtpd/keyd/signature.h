/* SPDX-License-Identifier: MIT */
/* Signatures of TLS handshakes, as OpenSSL makes them. */
#ifndef SMTPD_KEYD_SIGNATURE_H
#define SMTPD_KEYD_SIGNATURE_H

#include <openssl/evp.h>

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/ipc/messages.h"

/* Appends the signature of request->content. False when this kind of key signs
 * in no such way, or OpenSSL fails. */
bool signature_make(EVP_PKEY *key, const struct message_sign *request,
    struct buf *signature, struct error *error) MUST_USE;

#endif
