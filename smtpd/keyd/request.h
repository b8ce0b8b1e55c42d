/* SPDX-License-Identifier: MIT */
/* What keyd answers to a request for a signature. It does not know who asks,
 * and need not: the form decides. */
#ifndef SMTPD_KEYD_REQUEST_H
#define SMTPD_KEYD_REQUEST_H

#include "lib/base/buf.h"
#include "lib/base/error.h"
#include "lib/ipc/messages.h"

/* Appends the signature when the result is SIGN_MADE; otherwise *error says why
 * there is none. */
enum sign_result request_answer(const struct message_sign *request,
    struct buf *signature, struct error *error);

#endif
