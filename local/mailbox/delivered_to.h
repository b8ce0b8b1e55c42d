/* SPDX-License-Identifier: MIT */
/* The Delivered-To header, which tells a message that comes back, and those
 * that are put before a message with it. */
#ifndef LOCAL_MAILBOX_DELIVERED_TO_H
#define LOCAL_MAILBOX_DELIVERED_TO_H

#include "lib/daemon/delivery.h"

/* Whether the header `block` says that the message was delivered to `address`
 * (in internal form) before; letters match whatever their case. */
bool delivered_to_find(struct span block, struct span address);

/* The same for the message of a delivery; false is a failed read. */
bool delivered_to_check(const struct delivery *delivery, struct span address,
    bool *is_loop, struct error *error) MUST_USE;

/* Appends Return-Path, X-Original-To (unless `original` is empty) and
 * Delivered-To; addresses are in internal form. Failures show in
 * out->overflowed. */
void delivered_to_append(struct buf *out, struct span sender,
    struct span original, struct span address);

#endif
