/* SPDX-License-Identifier: MIT */
/* The messages of lib/ipc/messages.def as sections of an mdoc(7) page, with the
 * comments that stand in front of them. */
#ifndef DOC_MESSAGE_LIST_H
#define DOC_MESSAGE_LIST_H

#include "lib/base/buf.h"
#include "lib/base/error.h"

/* A comment whose first line reads "---- title ----" begins a section, other
 * comments describe the message behind them. What precedes the first section is
 * left out. False on what is no such text. */
bool message_list_append(
    struct buf *out, struct span source, struct error *error) MUST_USE;

#endif
