/* SPDX-License-Identifier: MIT */
/* Mail whose sender could not ask for SMTPUTF8 but needs it: recognised by its
 * addresses and header (smtputf8_autodetect_classes). A pure decision. */
#ifndef CLEANUP_DETECT_UTF8_H
#define CLEANUP_DETECT_UTF8_H

#include "lib/base/span.h"

/* `origin` is enum message_origin, `classes` the parameter. Text that is no
 * UTF-8 needs no SMTPUTF8, which would not carry it. */
bool detect_utf8(struct span classes, uint32_t origin, bool has_utf8_address,
    struct span header);

#endif
